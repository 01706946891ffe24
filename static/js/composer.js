// The composer: the prompt's draft, variables and menu, its keys, and one model more.

const DRAFT = "studio.prompt";
const composerOf = (node) => node.closest?.("#composer"); // a refused form is drawn anew: nothing here holds on to it

const prompt = document.getElementById("prompt");
const given = new URLSearchParams(location.search);
const brings = ["prompt", "from", "group", "saved", "message"].some((name) => given.has(name));
if (!prompt.value && !brings) prompt.value = sessionStorage.getItem(DRAFT) ?? "";

document.addEventListener("input", (event) => {
  if (event.target.id === "prompt") sessionStorage.setItem(DRAFT, event.target.value);
  if (composerOf(event.target)) forgive(event.target);
});

// A variable in braces has a field of its own, which the server draws: it is asked when the names have changed.
const VARIABLE = /\{\{[\p{L}_][\p{L}\p{N}_ -]{0,39}\}\}|\{([\p{L}_][\p{L}\p{N}_ -]{0,39})\}/gu;
let asking = null;

function askForVariables(wait) {
  clearTimeout(asking);
  asking = setTimeout(() => {
    const written = [...document.getElementById("prompt").value.matchAll(VARIABLE)].map((match) => match[1]).filter(Boolean);
    const names = [...new Set(written)].join();
    const shown = [...document.querySelectorAll("[data-variable]")].map((input) => input.dataset.variable).join();
    if (names !== shown) htmx.trigger(document.getElementById("variables"), "variables");
  }, wait);
}
document.addEventListener("input", (event) => event.target.id === "prompt" && askForVariables(350));
askForVariables(0);

// A prompt of the menu: its words, and what it goes without where the model knows such a thing.
function usePrompt(choice) {
  const field = document.getElementById("prompt");
  field.value = choice.dataset.prompt;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  for (const negative of document.querySelectorAll("#composer [name$='-negative_prompt']")) {
    if (!choice.dataset.negative) continue;
    negative.value = choice.dataset.negative;
    for (const change of ["input", "change"]) negative.dispatchEvent(new Event(change, { bubbles: true }));
  }
  document.getElementById("prompts-menu").open = false;
  field.focus();
}

// The button is off while its click is on its way, and a button that is off loses the focus: afterwards it is at what is
// wrong, or at the button again.
document.addEventListener("htmx:finally:request", (event) => {
  const { sourceElement, response } = event.detail?.ctx ?? {};
  if (sourceElement?.id === "composer") setTimeout(focusAgain, 0, response?.status === 422); // when it is on again
});

function focusAgain(isRefused) {
  if (document.activeElement !== document.body) return;
  const wrong = isRefused ? document.querySelector("#composer [aria-invalid]") : null;
  for (let fold = wrong?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  (wrong || document.getElementById("submit"))?.focus({ preventScroll: !wrong });
}

// What was wrong with a field is over when it is changed; whether it is right now is for the next Generate to say.
function forgive(input) {
  if (input.id === "prompt") document.getElementById("prompt-error")?.remove();
  input.closest(".parameter, .field")?.querySelector(".field-error")?.remove();
  input.removeAttribute("aria-invalid");
}

// The form with a model more is drawn by the server, and keeps what was given.
function addModel(offer) {
  const wish = document.getElementById("add");
  wish.value = offer;
  htmx.trigger(wish, "add");
}

// The models that are chosen stand in the address, so that a reload and Back find them again.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail?.ctx?.target?.id !== "fields") return;
  const models = [...document.querySelectorAll("#composer [name=model]")].map((input) => input.value).filter(Boolean);
  const address = new URLSearchParams([...new Set(models)].map((model) => ["model", model]));
  const input = new URLSearchParams(location.search).get("input");
  if (input && document.querySelector(`.media-items input[value="${CSS.escape(input)}"]`)) address.set("input", input);
  sessionStorage.setItem(DRAFT, document.getElementById("prompt").value);
  history.replaceState(history.state, "", `?${address}`);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && composerOf(event.target)) {
    event.preventDefault();
    document.getElementById("submit").click();
  }
});

document.addEventListener("click", (event) => {
  const sample = event.target.closest("[data-sample]");
  const choice = event.target.closest("[data-prompt]");
  const add = event.target.closest("[data-add]");
  if (choice) usePrompt(choice);
  else if (add) addModel(add.dataset.add);
  else if (sample) {
    event.preventDefault();
    const field = document.getElementById("prompt");
    field.value = sample.dataset.sample;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }
});

// The search in the menu of prompts narrows it as one types.
document.addEventListener("input", (event) => {
  if (event.target.id !== "prompts-search") return;
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  const items = [...document.querySelectorAll(".prompts-menu-list > li")];
  for (const item of items) {
    const text = `${item.textContent} ${item.firstElementChild.dataset.prompt}`.toLowerCase();
    item.hidden = !words.every((word) => text.includes(word));
  }
  document.querySelector(".prompts-none").hidden = items.some((item) => !item.hidden);
});

// What a fold holds comes into sight when it is opened, clear of the button that stays at the foot.
const show = (fold) => requestAnimationFrame(() => fold?.open && fold.scrollIntoView({ block: "nearest" }));
document.addEventListener("click", (event) => {
  const fold = event.target.closest?.("#composer .more > summary")?.parentElement;
  if (fold) show(fold);
});
document.addEventListener("change", (event) => event.target.name === "batch" && show(event.target.closest("details")));
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail?.ctx?.target?.id === "batch") show(document.getElementById("batch"));
});
