// Cards: pictures fade in when they are there, clips play under the pointer, and links stay in their list.

const shown = (picture) => picture.classList.add("is-loaded");

document.addEventListener("load", (event) => event.target.matches?.("[data-fade]") && shown(event.target), true);
function showLoaded() {
  for (const picture of document.querySelectorAll("[data-fade]:not(.is-loaded)")) if (picture.complete) shown(picture);
}
// A card that is drawn anew, by the stream or by a click, knows of no list: its picture leads into the one that it is in.
function staysInItsList() {
  for (const link of document.querySelectorAll("[data-in] > .card > .card-media")) {
    const list = link.closest("[data-in]").dataset.in;
    if (new URLSearchParams(link.search).get("in") !== list) link.search = `?in=${encodeURIComponent(list)}`;
  }
}

function settle() {
  showLoaded();
  staysInItsList();
}
showLoaded();
document.addEventListener("htmx:after:swap", settle);

for (const [start, act] of [["pointerover", "play"], ["focusin", "play"], ["pointerout", "pause"], ["focusout", "pause"]]) {
  document.addEventListener(start, (event) => {
    const card = event.target.closest?.(".card");
    if (!card || card.contains(event.relatedTarget)) return;
    const clip = card.querySelector("[data-hover-play]");
    if (act === "play") clip?.play().catch(() => {});
    else clip?.pause();
  });
}
