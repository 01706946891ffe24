// "Improve my prompt": the suggestion comes beside the prompt, and into it only by a click, which can be undone.

const panel = () => document.getElementById("improve");
const field = () => document.getElementById("prompt");
const opener = () => document.getElementById("improve-open");
const part = (selector) => panel()?.querySelector(selector);
let before = "";

function write(text) {
  field().value = text;
  field().dispatchEvent(new Event("input", { bubbles: true }));
}

function close() {
  htmx.trigger(document.getElementById("improve-ask") ?? panel(), "htmx:abort");
  panel().replaceChildren();
  show();
  (opener().disabled ? field() : opener()).focus();
}

// Without a prompt there is nothing to improve.
function show() {
  if (!opener()) return;
  opener().disabled = !field().value.trim();
  opener().setAttribute("aria-expanded", String(Boolean(panel()?.childElementCount)));
}
document.addEventListener("input", (event) => event.target.id === "prompt" && show());
show();

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#improve button");
  if (!button) return;
  if ("improveClose" in button.dataset) close();
  else if ("improveStop" in button.dataset) stop();
  else if ("improveUse" in button.dataset) use(button.dataset.improveUse);
  else if ("improveUndo" in button.dataset) undo();
});

function use(text) {
  before = field().value;
  write(text);
  turn(true);
  part("[data-improve-undo]").focus();
}

function undo() {
  write(before);
  turn(false);
  part("[data-improve-use]").focus();
}

function turn(isUsed) {
  part(".improve-suggestion").hidden = isUsed;
  part(".improve-used").hidden = !isUsed;
}

// -- While the model writes -------------------------------------------------------------------------------------------
const isAsking = (event) => event.detail?.ctx?.sourceElement?.id === "improve-ask";
let isStopped = false;

function wait(isOn) {
  const waiting = part(".improve-waiting");
  if (!waiting) return;
  panel().classList.toggle("is-waiting", isOn);
  waiting.querySelector("[role=status]").textContent = isOn ? waiting.dataset.words : "";
}

function say(sentence) {
  const trouble = part(".improve-trouble");
  if (!trouble) return;
  trouble.textContent = sentence;
  trouble.hidden = !sentence;
}

function stop() {
  isStopped = true;
  htmx.trigger(document.getElementById("improve-ask"), "htmx:abort");
}

document.addEventListener("htmx:before:request", (event) => {
  if (!isAsking(event)) return;
  isStopped = false;
  say("");
  wait(true);
});
document.addEventListener("htmx:finally:request", (event) => {
  if (!isAsking(event)) return;
  wait(false);
  const answered = event.detail.ctx.response?.status === 200;
  if (isStopped) say("Stopped. What the model has written so far may still count.");
  else if (!answered) say("Studio did not answer. Try again.");
  if (!answered) document.getElementById("improve-ask")?.focus();
});

// What has come is read from its beginning.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail?.ctx?.target?.id !== "improve") return show();
  show();
  const from = event.detail.ctx.sourceElement?.id;
  if (from === "improver") document.getElementById("improver")?.focus();
  else if (from === "improve-open") (document.getElementById("improve-ask") ?? part("section"))?.focus();
  else (part(".improve-suggestion") ?? document.getElementById("improve-ask"))?.focus(); // on no button: Enter may come twice
});
