// Writing: the draft that outlives a reload, the keys, fields that grow, Send that is Stop while a reply is under way.

const form = document.getElementById("say");
const text = document.getElementById("text");
const key = form && `studio.chat.${form.dataset.draft}`;
const isTouch = matchMedia("(hover: none) and (pointer: coarse)");
const stops = () => [...document.querySelectorAll("#thread [data-stop]")];
let sent = null;

function grow(field) {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

function fill(words) {
  text.value = words;
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

function keep() {
  if (text.value) localStorage.setItem(key, text.value);
  else localStorage.removeItem(key);
}

function halt() {
  for (const button of stops()) button.click();
}

function editLast() {
  const edits = document.querySelectorAll("#thread [data-edit]");
  edits[edits.length - 1]?.click();
}

function enter(event) {
  const sends = event.target === text || event.target.closest(".edit");
  if (!sends || event.shiftKey || event.isComposing || event.keyCode === 229 || (isTouch.matches && !event.ctrlKey && !event.metaKey)) return;
  event.preventDefault();
  if (event.target === text && (stops().length || !text.value.trim())) return; // it is kept until the reply has ended
  event.target.form.requestSubmit();
}

function escape(event) {
  if (event.defaultPrevented || document.querySelector("details.menu[open], [popover]:popover-open, dialog[open]")) return;
  const cancel = event.target.closest?.(".edit")?.querySelector("[data-cancel]");
  if (cancel) cancel.click();
  else halt();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("textarea")) enter(event);
  else if (event.key === "Escape") escape(event);
  else if (event.key === "ArrowUp" && event.target === text && !text.value && !event.isComposing) {
    event.preventDefault();
    editLast();
  }
}, true);

document.addEventListener("input", (event) => {
  if (event.target.matches?.(".grows")) grow(event.target);
  if (event.target === text) keep();
});

document.addEventListener("click", (event) => {
  const sample = event.target.closest("[data-sample]");
  if (event.target.closest("#halt")) halt();
  if (!sample) return;
  fill(sample.dataset.sample);
  text.focus();
});

// What was taken is cleared, unless something else was written meanwhile; what was not taken stays.
document.addEventListener("htmx:before:request", (event) => {
  if (event.detail?.ctx?.sourceElement === form) sent = text.value;
});
document.addEventListener("htmx:finally:request", (event) => {
  const { sourceElement, response } = event.detail?.ctx ?? {};
  if (response?.status !== 200 || !sourceElement?.matches?.("#say, .edit")) return;
  document.dispatchEvent(new CustomEvent("chat:sent"));
  if (sourceElement === form && text.value === sent) fill("");
  if (!isTouch.matches) text.focus({ preventScroll: true });
});

const showBusy = () => document.getElementById("chat-room").classList.toggle("is-busy", stops().length > 0);

// A form that has come in place has the focus, at the end of its words; one whose button is gone gives it back.
document.addEventListener("htmx:after:swap", () => {
  showBusy();
  const field = document.querySelector("#thread .said-edit textarea:not([data-begun])");
  if (field) {
    field.dataset.begun = "";
    grow(field);
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  } else if (document.activeElement === document.body && text && !isTouch.matches) {
    text.focus({ preventScroll: true });
  }
});

if (form) {
  showBusy();
  if (!text.value) fill(localStorage.getItem(key) ?? "");
  grow(text);
  if (!isTouch.matches && !location.search.includes("message=")) text.focus({ preventScroll: true });
}
