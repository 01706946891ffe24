// The bell counts along, and a notice that is opened is read.

const bell = document.getElementById("bell");

document.addEventListener("notices", (event) => {
  const count = Number(event.detail.data);
  bell.dataset.unread = count;
  bell.querySelector("[data-count]").textContent = count;
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-read]");
  if (!link) return;
  const form = link.closest("li").querySelector("form");
  if (form) navigator.sendBeacon(form.action, new FormData(form)); // with the form's token, and it outlives the page
});
