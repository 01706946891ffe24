// A gallery makes room for what is made, or shared with its team, while it is open: where it belongs by its age.

const place = (grid, id) => [...grid.querySelectorAll(":scope > .card")].find((card) => card.id.slice(4) < id);

function makeRoom(grid, id) {
  const before = place(grid, id);
  if (!before && grid.querySelector(":scope > .grid-more")) return; // it belongs to a page that is not loaded yet
  const room = document.createElement("article");
  room.id = `job-${id}`;
  room.className = "card";
  grid.insertBefore(room, before ?? null);
  document.querySelector("[data-nothing]")?.remove();
}

// The cards themselves come right after this, and take these places.
document.addEventListener("came", (event) => {
  const grid = document.querySelector("#grid[data-arrivals]");
  if (!grid) return;
  for (const line of event.detail.data.split("\n")) {
    const [id, owner] = line.split(" ");
    const wanted = !grid.dataset.person || grid.dataset.person === owner;
    if (wanted && !document.getElementById(`job-${id}`)) makeRoom(grid, id);
  }
});
