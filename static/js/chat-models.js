// Which models answer: a name chooses that one alone, its box adds it; a search narrows the list.

const menu = document.getElementById("models");
const boxes = () => [...menu.querySelectorAll("input[name=model]")];
const chosen = () => boxes().filter((box) => box.checked);

function showChips() {
  const template = document.getElementById("chip").content.firstElementChild;
  const chips = chosen().map((box) => {
    const chip = template.cloneNode(true);
    chip.textContent = box.dataset.name;
    return chip;
  });
  document.getElementById("chips").replaceChildren(...chips);
  const isFull = chips.length >= Number(menu.dataset.most);
  for (const box of boxes()) box.disabled = isFull && !box.checked;
}

// Before the first message, a sentence says who will answer and what it costs.
function showWho() {
  const [first, ...others] = chosen();
  const alone = `${first.dataset.name} will answer${first.dataset.price ? ` · ${first.dataset.price}` : ""}`;
  const who = document.getElementById("who-answers");
  if (who) who.textContent = others.length ? `${others.length + 1} models will answer, side by side` : alone;
  const small = document.getElementById("small-answers");
  if (small) small.hidden = others.length > 0 || !("free" in first.dataset);
}

function only(box) {
  for (const one of boxes()) one.checked = one === box;
  box.disabled = false;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  menu.open = false;
  document.getElementById("text").focus();
}

// The event comes a little after the click: who is in a field by then stays in it.
function startSearch() {
  const isElsewhere = menu.contains(document.activeElement) && !document.activeElement.matches("summary");
  if (menu.open && !isElsewhere && matchMedia("(hover: hover)").matches) menu.querySelector("[data-search-models]").focus();
}

function search(field) {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const list = field.parentElement.querySelector(".models-list");
  let found = 0;
  for (const row of list.querySelectorAll(".model-row")) {
    row.hidden = !words.every((word) => row.dataset.words.includes(word));
    found += row.hidden ? 0 : 1;
  }
  for (const group of list.querySelectorAll(".models-group")) group.hidden = words.length > 0 && !group.querySelector(".model-row:not([hidden])");
  list.querySelector(".models-none").hidden = found > 0 || words.length === 0;
}

// A model that its server does not name, by its id: it becomes a row among the others, and is chosen.
function byId(field) {
  const id = field.value.trim();
  if (!id) return null;
  const name = `${field.dataset.source}/${id}`;
  const known = [...field.closest(".models-list").querySelectorAll("input[name=model]")].find((box) => box.value === name);
  field.value = "";
  if (known) return known;
  const row = field.parentElement.querySelector("template").content.firstElementChild.cloneNode(true);
  const box = row.querySelector("input");
  box.value = name;
  box.dataset.name = row.querySelector(".model-words > span").textContent = id;
  row.dataset.words = id.toLowerCase();
  field.parentElement.before(row);
  return box;
}

function choose(box, alone) {
  if (alone && menu?.contains(box)) return only(box);
  box.checked = !box.disabled;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("change", (event) => {
  const box = event.target.matches("[data-source]") && byId(event.target);
  if (box) choose(box, false);
});
document.addEventListener("input", (event) => event.target.matches("[data-search-models]") && search(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  if (event.target.matches("[data-source]")) {
    event.preventDefault();
    const box = byId(event.target);
    if (box) choose(box, true);
    return;
  }
  if (event.target.matches("[data-search-models]")) {
    event.preventDefault(); // it is in the form of the message
    const first = event.target.parentElement.querySelector(".model-row:not([hidden]) input");
    if (first && menu?.contains(first)) only(first);
    else if (first) first.checked = true;
  } else if (menu && event.target.matches("#models input[name=model]")) {
    event.preventDefault();
    only(event.target);
  }
});
if (menu) {
  menu.addEventListener("change", (event) => {
    if (event.target.name !== "model") return;
    if (!chosen().length) event.target.checked = true; // somebody has to answer
    showChips();
    showWho();
  });
  menu.addEventListener("click", (event) => {
    const label = event.target.closest(".model-name");
    if (!label || event.target.matches("input")) return;
    event.preventDefault();
    only(label.querySelector("input"));
  });
  menu.addEventListener("toggle", startSearch);
  showChips();
}
