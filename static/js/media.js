// Pictures, clips and sounds to begin from: chosen, dropped, pasted, linked, or taken from what one has in Studio.

const NAMES = { image: "a picture", video: "a clip", audio: "a sound" };
const ICONS = { image: "image", video: "film", audio: "volume-2" };
const REACH = "#composer, main:has(.attach)"; // what is dropped or pasted here finds a field by itself
const FILE = /\/media\/([0-9a-f-]{36})\/(\d+)\//;

const fieldOf = (node) => node.closest?.("[data-media]");
const part = (field, selector) => field.querySelector(selector);
const items = (field) => [...field.querySelectorAll(".media-item")];
const most = (field) => Number(field.dataset.most);
const kinds = (field) => field.dataset.kinds.split(",");
const takesFiles = (field) => Boolean(part(field, "[data-upload]"));
const changed = (node) => node.dispatchEvent(new Event("change", { bubbles: true }));

// What one sees happen is only spoken.
function say(field, sentence, how = "seen") {
  const said = part(field, ".media-said");
  said.textContent = sentence;
  said.classList.toggle("is-bad", how === "bad");
  said.classList.toggle("visually-hidden", how === "spoken");
}

// -- What is in a field -----------------------------------------------------------------------------------------------
function add(field, { reference, label, thumbnail, kind }) {
  const list = part(field, ".media-items");
  if (items(field).some((item) => part(item, "input").value === reference)) return say(field, "It is here already.");
  if (most(field) === 1) {
    list.replaceChildren();
    part(field, ".media-link").value = ""; // it hides now, and must not be wrong unseen
  }
  if (items(field).length >= most(field)) return say(field, `At most ${most(field)} fit here.`, "bad");
  const item = part(field, "template").content.firstElementChild.cloneNode(true);
  part(item, "input").value = reference;
  part(item, ".media-name").textContent = part(item, ".media-name").title = label;
  if (ICONS[kind]) {
    const icon = part(item, ".media-picture use");
    icon.setAttribute("href", icon.getAttribute("href").replace(/#.*/, `#${ICONS[kind]}`));
  }
  for (const button of item.querySelectorAll("button")) button.setAttribute("aria-label", `${button.getAttribute("aria-label").trim()}: ${label}`);
  if (thumbnail) part(item, ".media-picture").append(Object.assign(new Image(), { src: thumbnail, alt: "" }));
  list.append(item);
  for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  field.querySelector(".field-error")?.remove();
  say(field, `${label}: added.`, "spoken");
  changed(list);
}

function remove(item) {
  const field = fieldOf(item);
  const next = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  (next ? part(next, "[data-remove]") : part(field, ".media-ways input, .media-link")).focus();
  say(field, "Removed.", "spoken");
  changed(part(field, ".media-items"));
}

function move(item, by) {
  const beside = by < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!beside) return;
  if (by < 0) beside.before(item);
  else beside.after(item);
  const field = fieldOf(item);
  part(item, `[data-move="${by}"]`).focus();
  say(field, `Now ${items(field).indexOf(item) + 1} of ${items(field).length}.`, "spoken");
  changed(part(field, ".media-items"));
}

// A link becomes an item; what is no link stays where it was typed, and the form says so.
function takeLink(field) {
  const input = part(field, ".media-link");
  const link = input.value.trim();
  if (!/^https?:\/\/[^/]+/i.test(link) || !URL.canParse(link)) return;
  const { host, pathname } = new URL(link);
  input.value = "";
  add(field, { reference: link, label: [host, pathname.split("/").pop()].filter(Boolean).join(" · ") });
}

// -- Uploads, one after another ---------------------------------------------------------------------------------------
let line = Promise.resolve();
let waiting = 0;

function takeFiles(field, files) {
  const fitting = [...files].filter((file) => kinds(field).includes(file.type.split("/")[0]) || !file.type);
  const wanted = kinds(field).map((kind) => NAMES[kind]).join(" or ");
  if (!fitting.length) return say(field, `${files[0].name} is not what fits here: ${wanted}.`, "bad");
  for (const file of most(field) === 1 ? fitting.slice(0, 1) : fitting) {
    waiting += 1;
    line = line.then(() => upload(field.id, file)).finally(() => { waiting -= 1; });
  }
}

// The field is found by its name each time: a refused form is drawn anew.
async function upload(id, file) {
  const field = document.getElementById(id);
  if (!field) return;
  if (most(field) > 1 && items(field).length >= most(field)) return say(field, `At most ${most(field)} fit here.`, "bad");
  say(field, `Uploading ${file.name}…`);
  const bar = part(field, ".media-progress");
  bar.hidden = false;
  try {
    const answer = await send(part(field, "[data-upload]").dataset.upload, file, (share) => showShare(bar, share));
    const tile = answer.querySelector("[data-asset]");
    if (tile) add(document.getElementById(id), read(tile));
    else say(document.getElementById(id), answer.querySelector(".asset-trouble")?.textContent ?? "Studio did not take it.", "bad");
  } catch (error) {
    say(field, error.message, "bad");
  } finally {
    bar.hidden = true;
  }
}

function showShare(bar, share) {
  const progress = part(bar, "progress");
  if (share < 1) progress.value = share * 100;
  else progress.removeAttribute("value"); // all is sent; Studio looks at it
}

const read = (tile) => ({
  reference: part(tile, "input").value,
  kind: part(tile, "input").dataset.kind,
  label: part(tile, ".asset-name").textContent,
  thumbnail: part(tile, "img")?.getAttribute("src"),
});

// By XMLHttpRequest: fetch does not tell how much is sent.
function send(address, file, tell) {
  const body = new FormData();
  body.append("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", address);
  request.setRequestHeader("X-CSRFToken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
  request.responseType = "document";
  request.upload.onprogress = (event) => event.lengthComputable && tell(event.loaded / event.total);
  return new Promise((done, fail) => {
    request.onload = () => {
      if (request.status === 200 || request.status === 422) return done(request.response);
      fail(new Error(request.status === 413 ? "This file is too large." : "Studio did not take it. Reload the page and try again."));
    };
    request.onerror = () => fail(new Error("Studio did not answer. Try again."));
    request.send(body);
  });
}

// -- Where it comes from ----------------------------------------------------------------------------------------------
// The first field that has room for it; where all are full, the first of one alone, for which it is another choice.
function roomFor(types) {
  const isFolded = (field) => field.getClientRects().length === 0;
  const fits = (field) => takesFiles(field) && (!types.length || types.some((type) => kinds(field).includes(type.split("/")[0])));
  const all = [...document.querySelectorAll("[data-media]")].filter(fits);
  const fitting = [...all.filter((field) => !isFolded(field)), ...all.filter(isFolded)];
  return fitting.find((field) => items(field).length < most(field)) ?? fitting.find((field) => most(field) === 1);
}

// A result that is dragged from the page itself.
function ownResult(data) {
  const html = data.getData("text/html");
  const found = FILE.exec(html) ?? FILE.exec(data.getData("text/uri-list"));
  const label = new DOMParser().parseFromString(html, "text/html").querySelector("img")?.alt || "A result of yours";
  return found && { reference: `output:${found[1]}/${found[2]}`, label, thumbnail: `/media/${found[1]}/${found[2]}/thumbnail/` };
}

document.addEventListener("media:add", (event) => add(fieldOf(event.target), event.detail)); // by another script

document.addEventListener("paste", (event) => {
  const { files, types } = event.clipboardData;
  if (!files.length || types.includes("text/plain") || (event.target !== document.body && !event.target.closest?.(REACH))) return;
  const field = fieldOf(event.target) ?? roomFor([...files].map((file) => file.type));
  if (!field || !takesFiles(field)) return;
  event.preventDefault();
  takeFiles(field, files);
});

function dropField(event) {
  const files = [...event.dataTransfer.items].filter((item) => item.kind === "file");
  return fieldOf(event.target) ?? (event.target.closest?.(REACH) && roomFor(files.map((file) => file.type)));
}

// A file that misses its field must not replace the page.
document.addEventListener("dragover", (event) => {
  const { types } = event.dataTransfer;
  if (!document.querySelector("[data-media]") || !(types.includes("Files") || types.includes("text/uri-list"))) return;
  const field = dropField(event);
  for (const other of document.querySelectorAll(".media.is-over")) if (other !== field) other.classList.remove("is-over");
  if (types.includes("Files")) event.preventDefault();
  if (!field || !takesFiles(field)) event.dataTransfer.dropEffect = "none";
  else {
    event.preventDefault();
    field.classList.add("is-over");
  }
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.querySelector(".media.is-over")?.classList.remove("is-over");
});
document.addEventListener("drop", (event) => {
  const field = document.querySelector(".media.is-over");
  if (!field) return;
  event.preventDefault();
  field.classList.remove("is-over");
  const own = ownResult(event.dataTransfer);
  if (own) add(field, own);
  else if (event.dataTransfer.files.length) takeFiles(field, event.dataTransfer.files);
  else if (part(field, ".media-link")) {
    part(field, ".media-link").value = event.dataTransfer.getData("text/uri-list").split(/\s/)[0];
    takeLink(field);
  }
});

document.addEventListener("change", (event) => {
  const field = fieldOf(event.target);
  if (!field) return;
  if (event.target.dataset.upload) {
    takeFiles(field, event.target.files);
    event.target.value = ""; // the same file may be chosen again
  } else if (event.target.matches(".media-link")) takeLink(field);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !event.target.matches?.(".media-link")) return;
  event.preventDefault();
  takeLink(fieldOf(event.target));
});

// -- Nothing is generated without what is still on its way --------------------------------------------------------------
document.addEventListener("submit", (event) => {
  if (!waiting || !event.target.querySelector("[data-media]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  say(document.querySelector(".media:has(.media-progress:not([hidden]))") ?? document.querySelector(".media"), "Wait until the upload is done.", "bad");
}, true);

// -- The chooser ------------------------------------------------------------------------------------------------------
const dialog = document.createElement("dialog");
dialog.className = "sheet chooser";
dialog.id = "chooser";
dialog.setAttribute("aria-label", "From Studio");
document.body.append(dialog);
// Until what is chosen from has come, and where it does not come.
const close = Object.assign(document.createElement("button"), { className: "button", type: "button", textContent: "Close" });
close.dataset.closeChooser = "";
let asking = null;

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button, [data-choose]");
  if (!button) return;
  const item = button.closest(".media-item");
  if (item && "remove" in button.dataset) remove(item);
  else if (item && button.dataset.move) move(item, Number(button.dataset.move));
  else if ("choose" in button.dataset) {
    asking = fieldOf(button).id; // a refused form is drawn anew: nothing here holds on to it
    dialog.replaceChildren(close);
    dialog.showModal();
  } else if ("closeChooser" in button.dataset) dialog.close();
  else if (button.dataset.reference) {
    const field = document.getElementById(asking);
    add(field, { reference: button.dataset.reference, label: button.dataset.label, thumbnail: button.dataset.thumbnail, kind: button.dataset.kind });
    button.setAttribute("aria-pressed", "true");
    if (items(field).length >= most(field)) dialog.close();
  }
});
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
document.addEventListener("htmx:after:swap", () => {
  if (dialog.open && !dialog.contains(document.activeElement)) (dialog.querySelector(".choice") ?? dialog.querySelector("button"))?.focus();
});
