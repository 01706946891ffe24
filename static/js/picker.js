// The picker in Create: asks for its list when it is opened and as one types, and is walked through with arrows.

const picker = () => document.getElementById("picker"); // drawn anew with each model: nothing here holds on to it
const search = () => document.getElementById("picker-search");
const items = () => [...document.querySelectorAll("#picker-list a.picker-item")];
const ask = () => document.getElementById("pick").requestSubmit();

const MARGIN = 12; // px above the opened picker
const BELOW = 84; // px that the menu of a phone may take
const PAUSE = 180; // milliseconds without a key before the words are sent
let typing;

document.addEventListener("toggle", (event) => {
  if (event.target.id !== "picker" || !event.target.open) return;
  search().focus({ preventScroll: true });
  bringIntoSight(event.target);
  ask();
}, true);

// Its list comes later: there has to be room for as long a sheet as it may become, above the menu at the foot of a phone.
function bringIntoSight(opened) {
  const composer = opened.closest(".composer");
  const scroller = getComputedStyle(composer).overflowY === "auto" ? composer : document.scrollingElement;
  const most = parseFloat(getComputedStyle(opened.querySelector(".picker-sheet")).maxHeight);
  const { top, bottom } = opened.getBoundingClientRect();
  if (innerHeight - bottom - BELOW < most) scroller.scrollTop += top - MARGIN;
}

document.addEventListener("input", (event) => {
  if (event.target.form?.id !== "pick") return;
  clearTimeout(typing);
  typing = setTimeout(ask, event.target.type === "search" ? PAUSE : 0);
});

// Down from the search into the list, through it, and up again; Enter in the search takes the first.
document.addEventListener("keydown", (event) => {
  if (!picker()?.open || !event.target.closest?.(".picker-sheet")) return;
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  const all = items();
  const isSearch = event.target === search();
  const isItem = event.target.matches(".picker-item");
  if (isSearch && event.key === "Enter") {
    event.preventDefault();
    all[0]?.click();
  } else if ((isSearch && Math.abs(step) === 1) || (isItem && step)) {
    event.preventDefault();
    const next = all.indexOf(event.target) + step;
    if (next < 0 && !isSearch && step === -1) search().focus();
    else all[Math.min(Math.max(next, 0), all.length - 1)]?.focus();
  }
});

// Choosing a model draws its fields anew: the way back to the list keeps the focus.
let isRedrawn = false;
document.addEventListener("click", (event) => {
  if (event.target.closest?.("#picker .picker-item, [data-add], .chip a")) isRedrawn = true;
});
document.addEventListener("htmx:after:swap", (event) => {
  if (!isRedrawn || event.detail?.ctx?.target?.id !== "fields") return;
  isRedrawn = false;
  if (document.activeElement !== document.body) return;
  document.getElementById("picker-summary")?.focus({ preventScroll: true });
});
