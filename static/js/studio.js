// What every page does beside htmx: toasts that leave, menus that close, the count in the tab's title.

const plainTitle = document.title;

function showRunning(count) {
  document.title = count > 0 ? `(${count}) ${plainTitle}` : plainTitle;
  const badge = document.getElementById("running");
  if (!badge) return;
  badge.hidden = count === 0;
  badge.querySelector("[data-count]").textContent = count;
}

document.addEventListener("running", (event) => showRunning(Number(event.detail.data)));

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest("[data-toast]")?.remove();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A toast that nobody is reading or pointing at leaves after ten seconds; one with an undo button stays as long.
function retire(toast) {
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 3000) : toast.remove());
  setTimeout(leave, 10000);
}
const toasts = document.getElementById("toasts");
toasts.querySelectorAll("[data-toast]").forEach(retire);
new MutationObserver((records) => {
  for (const record of records) record.addedNodes.forEach((node) => node.dataset && "toast" in node.dataset && retire(node));
}).observe(toasts, { childList: true });
