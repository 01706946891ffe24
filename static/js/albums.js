// An album in the order that one drags it into. The page moves first; Studio is told which one it stands after now.

const list = document.getElementById("arrange");
const said = document.getElementById("arrange-said");
const items = () => [...list.children];
let held = null;
let from = null; // what stood after it

function sayPlace(item) {
  said.textContent = `Place ${items().indexOf(item) + 1} of ${items().length}`;
}

function keep(item) {
  const previous = item.previousElementSibling;
  tell(item, previous ? { after: previous.dataset.job } : { before: item.nextElementSibling.dataset.job });
  sayPlace(item);
}

function tell(item, values) {
  htmx.ajax("POST", list.dataset.move, { source: item, swap: "none", values: { job: item.dataset.job, ...values } });
}

list.addEventListener("dragstart", (event) => {
  held = event.target.closest(".arrange-item");
  from = held.nextElementSibling;
  event.dataTransfer.effectAllowed = "move";
  requestAnimationFrame(() => held?.classList.add("is-held"));
});
list.addEventListener("dragover", (event) => {
  if (!held) return;
  event.preventDefault();
  const over = event.target.closest(".arrange-item");
  if (!over || over === held) return;
  const { left, width } = over.getBoundingClientRect();
  list.insertBefore(held, event.clientX < left + width / 2 ? over : over.nextElementSibling);
});
list.addEventListener("drop", (event) => event.preventDefault());
list.addEventListener("dragend", () => {
  held.classList.remove("is-held");
  if (held.nextElementSibling !== from) keep(held);
  held = null;
});

function swap(item, later) {
  const other = later ? item.nextElementSibling : item.previousElementSibling;
  if (!other) return false;
  list.insertBefore(item, later ? other.nextElementSibling : other);
  sayPlace(item);
  return true;
}

list.addEventListener("keydown", (event) => {
  const item = event.target;
  const later = event.key === "ArrowRight" || event.key === "ArrowDown";
  if (!item.matches(".arrange-item") || (!later && event.key !== "ArrowLeft" && event.key !== "ArrowUp")) return;
  event.preventDefault();
  if (swap(item, later)) tell(item, { to: later ? "later" : "earlier" });
  item.focus();
});

// The buttons tell Studio by themselves.
list.addEventListener("submit", ({ target, submitter }) => {
  swap(target.closest(".arrange-item"), submitter.value === "later");
  submitter.focus();
});
