// Cards: pictures fade in when they are there, and clips play under the pointer.

const shown = (picture) => picture.classList.add("is-loaded");

document.addEventListener("load", (event) => event.target.matches?.("[data-fade]") && shown(event.target), true);
function showLoaded() {
  for (const picture of document.querySelectorAll("[data-fade]:not(.is-loaded)")) if (picture.complete) shown(picture);
}
showLoaded();
document.addEventListener("htmx:after:swap", showLoaded);

for (const [start, act] of [["pointerover", "play"], ["focusin", "play"], ["pointerout", "pause"], ["focusout", "pause"]]) {
  document.addEventListener(start, (event) => {
    const card = event.target.closest?.(".card");
    if (!card || card.contains(event.relatedTarget)) return;
    const clip = card.querySelector("[data-hover-play]");
    if (act === "play") clip?.play().catch(() => {});
    else clip?.pause();
  });
}
