// Cards: pictures fade in when they are there, clips play under the pointer, and a selection is counted.

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

const selection = document.getElementById("selection");
const boxes = () => [...document.querySelectorAll(".card-select input")];
let last = null;

function count() {
  const chosen = boxes().filter((box) => box.checked);
  selection.hidden = chosen.length === 0;
  selection.querySelector("[data-selected]").textContent = chosen.length;
  const compare = selection.querySelector("[data-compare]");
  compare.hidden = chosen.length < 2 || chosen.length > 8;
  compare.search = new URLSearchParams(chosen.map((box) => ["job", box.value]));
}

if (selection) {
  // Shift selects the row between; Escape and the button let go of it.
  document.addEventListener("click", (event) => {
    const box = event.target.closest(".card-select input");
    if (box && event.shiftKey && last) {
      const all = boxes();
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const between of all.slice(from, to + 1)) between.checked = box.checked;
    }
    if (box) last = box;
    if (event.target.closest("[data-select-none]")) for (const each of boxes()) each.checked = false;
    count();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || selection.hidden) return;
    for (const box of boxes()) box.checked = false;
    count();
  });
  document.addEventListener("htmx:after:swap", count);
  count();
}
