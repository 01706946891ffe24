// Pictures in a message's form, beyond what media.js does: their draft, what the models make of them, and an empty field
// when they are sent.

const field = () => document.getElementById("attach");
const draft = () => `studio.attached:${location.pathname}`;
const items = () => [...(field()?.querySelectorAll(".media-item") ?? [])];
const formOf = (node) => (node?.matches?.("form") ? node : node?.closest?.("form"));
const ours = (node) => Boolean(field()) && formOf(node) === formOf(field());

// -- The draft --------------------------------------------------------------------------------------------------------
const read = (item) => ({
  reference: item.querySelector("input").value,
  label: item.querySelector(".media-name").textContent,
  thumbnail: item.querySelector("img")?.getAttribute("src"),
  kind: "image",
});

function keep() {
  const kept = items().map(read);
  if (kept.length) sessionStorage.setItem(draft(), JSON.stringify(kept));
  else sessionStorage.removeItem(draft());
}

function bringBack() {
  if (!field() || items().length) return;
  for (const item of JSON.parse(sessionStorage.getItem(draft()) ?? "[]")) {
    field().dispatchEvent(new CustomEvent("media:add", { bubbles: true, detail: item }));
  }
}

// -- Which models take pictures ---------------------------------------------------------------------------------------
let asked = "";

function askSight() {
  const data = new FormData(formOf(field()));
  const models = data.getAll("model").map((model) => ["model", model]);
  const question = items().length ? new URLSearchParams(models).toString() : "";
  if (question === asked) return;
  asked = question;
  const said = field().querySelector(".attach-sight");
  if (question) htmx.ajax("GET", `${field().dataset.sight}?${question}`, { target: said });
  else said.replaceChildren();
}

document.addEventListener("change", (event) => {
  if (!field()) return;
  if (event.target.closest?.("#attach")) keep();
  if (ours(event.target) && (event.target.name === "model" || event.target.closest("#attach"))) askSight();
});

// What a model cannot see is not sent to it: the sentence is there already, and is said once more.
document.addEventListener("submit", (event) => {
  const trouble = ours(event.target) && items().length ? field().querySelector(".attach-sight .is-bad") : null;
  if (!trouble) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const again = trouble.cloneNode(true);
  trouble.remove();
  setTimeout(() => field().querySelector(".attach-sight").replaceChildren(again));
}, true);

// -- Sent: the field is empty again -----------------------------------------------------------------------------------
function clear() {
  for (const item of items()) item.remove();
  field().querySelector(".media-said").textContent = "";
  keep();
  askSight();
}
document.addEventListener("htmx:finally:request", (event) => {
  const { sourceElement, response } = event.detail?.ctx ?? {};
  if (sourceElement?.matches?.("form") && ours(sourceElement) && response?.status < 400) clear();
});
// A message's form may come with the page or with a swap.
document.addEventListener("htmx:after:swap", () => field() && items().length && askSight());
bringBack();
if (field() && items().length) askSight();
