// The composer: the prompt's draft, its keys and the model list's search.

const DRAFT = "studio.prompt";
const composerOf = (node) => node.closest?.("#composer"); // a refused form is drawn anew: nothing here holds on to it

const prompt = document.getElementById("prompt");
const given = new URLSearchParams(location.search);
if (!prompt.value && !given.has("prompt") && !given.has("from")) prompt.value = sessionStorage.getItem(DRAFT) ?? "";

document.addEventListener("input", (event) => {
  if (event.target.id === "prompt") sessionStorage.setItem(DRAFT, event.target.value);
  if (composerOf(event.target)) forgive(event.target);
});

// What was wrong with a field is over when it is changed; whether it is right now is for the next Generate to say.
function forgive(input) {
  if (input.id === "prompt") document.getElementById("prompt-error")?.remove();
  input.closest(".field")?.querySelector(".field-error")?.remove();
  input.removeAttribute("aria-invalid");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && composerOf(event.target)) {
    event.preventDefault();
    document.getElementById("submit").click();
  }
});

document.addEventListener("click", (event) => {
  const sample = event.target.closest("[data-sample]");
  if (sample) {
    event.preventDefault();
    const field = document.getElementById("prompt");
    field.value = sample.dataset.sample;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }
});

// The search narrows the list as one types; the kinds are narrowed by the style sheet alone.
document.addEventListener("input", (event) => {
  if (event.target.id !== "picker-search") return;
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  const items = document.querySelectorAll(".picker-list > li");
  for (const item of items) item.hidden = !words.every((word) => item.dataset.words.includes(word));
  document.querySelector(".picker-none").hidden = [...items].some((item) => !item.hidden);
});

// Choosing a model draws its fields anew: the way back to the list keeps the focus.
document.addEventListener("htmx:after:swap", () => {
  if (document.activeElement === document.body) document.getElementById("picker-summary")?.focus({ preventScroll: true });
});
document.addEventListener("toggle", (event) => {
  if (event.target.id === "picker" && event.target.open) document.getElementById("picker-search").focus();
}, true);
