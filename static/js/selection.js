// Choosing jobs on a page of cards: the boxes are the selection, so that it is sent without scripts too. Shift takes
// what lies between, a band or a long press begins one, arrows walk, X takes the card that has the focus.

import { Band, swallowClick } from "./band.js";

const HELD = 450; // ms until a finger that rests selects
const selection = document.getElementById("selection");
const boxes = () => [...document.querySelectorAll(".card-select input")];
const boxOf = (card) => (card ? card.querySelector(".card-select input") : null);
const cards = () => boxes().map((box) => box.closest(".card"));
const isChoosing = () => boxes().some((box) => box.checked);
const isTyping = (target) => target.closest("input:not([type=checkbox]), textarea, select, dialog[open], [contenteditable]");
let last = null; // the box that was used last: where Shift begins

function set(box, checked) {
  if (!box) return;
  box.checked = checked;
  last = box;
}

// Of two boxes, all between take the state of the second.
function setUpTo(box, checked) {
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
  if (from < 0) return set(box, checked);
  for (const between of all.slice(from, to + 1)) between.checked = checked;
}

function setAll(checked) {
  for (const box of boxes()) box.checked = checked;
}

// "Everything found" sends the page's search instead of ids.
const everything = selection.elements.query;
const isGallery = () => location.pathname === selection.dataset.gallery;
const found = () => selection.dataset.everything ?? location.search;
function canTakeEverything() {
  return (isGallery() || "everything" in selection.dataset) && Boolean(document.querySelector(".grid-more"));
}
// Who jumped to a month sees the search from there on, and that is all of it that is taken.
const offered = selection.querySelector("[data-select-found]")?.textContent;
const isPartOfIt = () => new URLSearchParams(found()).has("before");
function takeEverything(taken) {
  everything.value = found() || "?";
  everything.disabled = !taken;
  count();
}

function count() {
  const chosen = boxes().filter((box) => box.checked);
  const isAll = !everything.disabled;
  document.body.classList.toggle("is-choosing", chosen.length > 0);
  selection.querySelector("[data-selected]").textContent = isAll ? "All" : chosen.length;
  const offer = selection.querySelector("[data-select-found]");
  if (offer) {
    offer.hidden = isAll || !canTakeEverything() || chosen.length < boxes().length;
    offer.textContent = isPartOfIt() ? "Select all from here on" : offered;
  }
  for (const part of selection.querySelectorAll("[data-most]")) {
    const few = chosen.length >= Number(part.dataset.least ?? 1) && chosen.length <= Number(part.dataset.most);
    part.hidden = isAll || !few;
    if (part.dataset.compare !== undefined) part.search = new URLSearchParams(chosen.map((box) => ["job", box.value]));
  }
}

function letGo() {
  setAll(false);
  last = null;
  takeEverything(false);
}

// -- By pointer --
document.addEventListener("click", (event) => {
  const box = event.target.closest(".card-select input");
  if (box && event.shiftKey && last) setUpTo(box, box.checked);
  if (box) {
    last = box;
    takeEverything(false);
  }
  if (event.target.closest("[data-select-none]")) letGo();
  if (event.target.closest("[data-select-found]")) takeEverything(true);
});

// While some are chosen, a click on another chooses it too; Enter still opens it.
document.addEventListener("click", (event) => {
  const media = event.target.closest(".card-media");
  const box = boxOf(media?.closest(".card"));
  if (!box || event.detail === 0 || event.ctrlKey || event.metaKey) return;
  if (!event.shiftKey && !isChoosing()) return;
  event.preventDefault();
  if (event.shiftKey && last) setUpTo(box, true);
  else set(box, !box.checked);
  takeEverything(false);
}, true);

const grid = () => document.querySelector(".grid");
new Band({
  within: () => (grid()?.querySelector(".card-select") ? grid() : null),
  cards,
  begin: (adds) => new Set(boxes().filter((box) => adds && box.checked)),
  over(covered, kept) {
    for (const card of cards()) boxOf(card).checked = covered.has(card) || kept.has(boxOf(card));
    last = boxOf([...covered].at(-1)) ?? last;
    takeEverything(false);
  },
});

let pressed = 0;
document.addEventListener("pointerdown", (event) => {
  const card = event.pointerType === "touch" && event.target.closest(".card-media")?.closest(".card");
  if (!boxOf(card)) return;
  pressed = setTimeout(() => {
    set(boxOf(card), !boxOf(card).checked);
    navigator.vibrate?.(10);
    takeEverything(false);
    document.addEventListener("pointerup", swallowClick, { once: true });
  }, HELD);
});
for (const end of ["pointerup", "pointercancel", "pointermove", "scroll"]) {
  document.addEventListener(end, (event) => {
    if (event.type === "pointermove" && Math.hypot(event.movementX, event.movementY) < 3) return;
    clearTimeout(pressed);
  }, { passive: true, capture: true });
}
document.addEventListener("contextmenu", (event) => {
  if (event.pointerType === "touch" && boxOf(event.target.closest(".card"))) event.preventDefault();
});

// -- By keyboard --
function step(card, key) {
  const all = cards();
  const place = all.indexOf(card);
  if (key === "ArrowLeft") return all[place - 1];
  if (key === "ArrowRight") return all[place + 1];
  const from = card.getBoundingClientRect();
  const down = key === "ArrowDown";
  const off = (other) => {
    const box = other.getBoundingClientRect();
    const rows = down ? box.top - from.bottom : from.top - box.bottom;
    return rows < -1 ? Infinity : rows * 4 + Math.abs(box.left + box.width / 2 - from.left - from.width / 2);
  };
  const next = all.reduce((best, other) => (off(other) < off(best) ? other : best), card);
  return next === card ? null : next;
}

function walk(event, card) {
  const next = step(card, event.key);
  if (!next) return;
  event.preventDefault();
  if (event.shiftKey) {
    if (!boxOf(card).checked) set(boxOf(card), true);
    setUpTo(boxOf(next), true);
    last = boxOf(next);
    takeEverything(false);
  }
  next.querySelector(".card-media").focus();
  next.scrollIntoView({ block: "nearest" });
}

function withControl(event) {
  if (event.key.toLowerCase() !== "a" || !boxes().length) return;
  event.preventDefault();
  const again = boxes().every((box) => box.checked);
  setAll(true);
  takeEverything(again && canTakeEverything());
}

// Escape closes a menu first, and lets go when there is none.
let menuWasOpen = false;
addEventListener("keydown", () => (menuWasOpen = Boolean(document.querySelector("details.menu[open]"))), true);

document.addEventListener("keydown", (event) => {
  if (isTyping(event.target) || event.defaultPrevented || event.altKey) return;
  if (event.ctrlKey || event.metaKey) return withControl(event);
  if (event.key === "Escape" && !menuWasOpen) return letGo();
  if (event.key === "Delete" && isChoosing()) return selection.querySelector("[data-delete]")?.click();
  const card = event.target.closest(".card");
  if (!boxOf(card)) return;
  if (event.key.startsWith("Arrow")) return walk(event, card);
  const key = event.key.toLowerCase();
  if (key === "x") {
    if (event.shiftKey && last) setUpTo(boxOf(card), true);
    else set(boxOf(card), !boxOf(card).checked);
    takeEverything(false);
  }
  if (key === "f") card.querySelector("[data-favourite]")?.click();
});

// Enter in a field presses the button beside it, not the form's first.
selection.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches(".organise-field > input")) return;
  event.preventDefault();
  event.target.nextElementSibling.click();
});

document.addEventListener("htmx:after:swap", count);
document.addEventListener("change", (event) => event.target.matches(".card-select input") && count());
count();
