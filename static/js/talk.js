// What is said of a job: fetched anew when others have spoken, and names completed after an @.

const talk = document.getElementById("talk");
let asking = false;

function outdated() {
  const now = document.getElementById("talk-version")?.dataset.version;
  const shown = talk.querySelector("[data-shown]")?.dataset.shown;
  return now !== undefined && shown !== undefined && now !== shown;
}

async function renew() {
  if (asking || !talk.isConnected || !outdated()) return;
  asking = true;
  try {
    await htmx.ajax("GET", talk.dataset.address, { source: talk, swap: "none" });
  } finally {
    asking = false;
  }
}

if (talk) document.addEventListener("htmx:after:sse:message", renew);

// -- Names after an @ --
let list = null;

function asked(field) {
  const before = field.value.slice(0, field.selectionStart);
  return /(?:^|[^\w@])@([^@\n]{0,40})$/u.exec(before)?.[1];
}

function matching(field) {
  const begun = asked(field)?.toLowerCase();
  if (begun === undefined) return [];
  const names = [...document.querySelectorAll(`#${field.dataset.mentions} option`)].map((option) => option.value);
  return names.filter((name) => name.toLowerCase().startsWith(begun) && name.toLowerCase() !== begun).slice(0, 6);
}

function close(field) {
  list?.remove();
  list = null;
  for (const name of ["aria-activedescendant", "aria-controls", "aria-expanded", "aria-haspopup", "role"]) field.removeAttribute(name);
}

function choose(field, name) {
  const start = field.selectionStart - asked(field).length;
  field.setRangeText(`${name} `, start, field.selectionStart, "end");
  close(field);
  field.focus();
}

function point(field, step) {
  const options = [...list.children];
  const at = options.findIndex((option) => option.ariaSelected === "true");
  options.forEach((option) => (option.ariaSelected = "false"));
  const next = options[(at + step + options.length) % options.length];
  next.ariaSelected = "true";
  field.setAttribute("aria-activedescendant", next.id);
}

function offer(field) {
  close(field);
  const names = matching(field);
  if (!names.length) return;
  list = document.createElement("ul");
  Object.assign(list, { id: "mention-list", className: "mention-list", role: "listbox", ariaLabel: "People" });
  names.forEach((name, index) => {
    const option = document.createElement("li");
    Object.assign(option, { id: `mention-${index}`, role: "option", ariaSelected: "false", textContent: name });
    option.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      choose(field, name);
    });
    list.append(option);
  });
  field.after(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "true", "aria-controls": list.id })) {
    field.setAttribute(name, value);
  }
  point(field, 1);
}

const named = (target) => target.matches?.("textarea[data-mentions]");

document.addEventListener("input", (event) => named(event.target) && offer(event.target));
document.addEventListener("focusout", (event) => named(event.target) && close(event.target));
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!named(field)) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") return field.form.requestSubmit();
  if (!list) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") point(field, event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter" || event.key === "Tab") choose(field, list.querySelector("[aria-selected='true']").textContent);
  else if (event.key === "Escape") close(field);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
