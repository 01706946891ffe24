// Fields of a form that a model asks for: seeds, sliders, rows to add and remove, parameters as fields or as JSON.

function changed(input) {
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// -- Seeds and sliders ------------------------------------------------------------------------------------------------
function draw(input) {
  const [low, high] = [Number(input.min) || 0, Number(input.max) || 2 ** 31 - 1];
  input.value = low + Math.floor((crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32) * (high - low + 1));
}

document.addEventListener("input", (event) => {
  const { slider } = event.target.dataset;
  if (slider) document.getElementById(slider).value = event.target.value;
  else if (event.target.type === "number" && event.target.value !== "") {
    const beside = event.target.parentElement.querySelector("[data-slider]");
    if (beside) beside.value = event.target.value;
  }
});

// The shape that stands in the field now is the one that is lit.
document.addEventListener("input", (event) => {
  for (const button of document.querySelectorAll("[data-fill]")) {
    if (button.dataset.fill === event.target.id) button.ariaPressed = button.dataset.text === event.target.value.trim();
  }
});

// -- Rows -------------------------------------------------------------------------------------------------------------
const part = (rows, selector) => rows.querySelector(`:scope > ${selector}`);

// A new row's number stands where its word is, also in the rows that it may have itself.
function number(row, word, place) {
  for (const node of [row, ...row.querySelectorAll("*")]) {
    for (const attribute of node.attributes) attribute.value = attribute.value.replaceAll(word, place);
    for (const inner of node.content?.children ?? []) number(inner, word, place);
  }
}

function addRow(rows) {
  const list = part(rows, ".rows-list");
  const template = part(rows, "template");
  const taken = [...list.children].map((row) => parseInt(row.querySelector("input").value.replace("+", ""), 10));
  const row = template.content.firstElementChild.cloneNode(true);
  number(row, template.dataset.word, Math.max(-1, ...taken) + 1);
  list.append(row);
  window.htmx?.process(row);
  settle(rows);
  return row;
}

// As many as fit; the rows that stand there for those without this script go.
function settle(rows) {
  for (const row of rows.querySelectorAll(".rows-list > [data-spare]")) row.remove();
  part(rows, "[data-row-add]").hidden = part(rows, ".rows-list").children.length >= Number(rows.dataset.rows);
}

const settleAll = () => document.querySelectorAll("[data-rows]").forEach(settle);
settleAll();
document.addEventListener("htmx:after:swap", settleAll);

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button");
  if (!button) return;
  const { draw: toDraw, empty: toEmpty } = button.dataset;
  if (toDraw || toEmpty) {
    const input = document.getElementById(toDraw ?? toEmpty);
    if (toDraw) draw(input);
    else input.value = "";
    changed(input);
  } else if (button.dataset.fill) {
    const input = document.getElementById(button.dataset.fill);
    input.value = button.dataset.text;
    changed(input);
  } else if ("rowAdd" in button.dataset) {
    addRow(button.closest("[data-rows]")).querySelector(".input, .textarea, .select")?.focus();
  } else if ("rowRemove" in button.dataset) {
    const rows = button.closest("[data-rows]");
    button.closest(".rows-row").remove();
    settle(rows);
    const add = part(rows, "[data-row-add]");
    add.focus();
    changed(add);
  }
});

// -- Parameters -------------------------------------------------------------------------------------------------------
const ANSWERS = { yes: true, true: true, on: true, 1: true, no: false, false: false, off: false, 0: false };

// What is not yet what its type says stays a text, for the person to mend.
function valueOf(type, text) {
  try {
    if (type === "json") return JSON.parse(text);
  } catch {
    return text;
  }
  if (type === "number" && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  if (type === "boolean") return ANSWERS[text.trim().toLowerCase()] ?? text;
  return text;
}

function writtenAs(value) {
  if (typeof value === "boolean") return ["boolean", value ? "yes" : "no"];
  if (typeof value === "number") return ["number", String(value)];
  return typeof value === "string" ? ["text", value] : ["json", JSON.stringify(value, null, 2)];
}

const controls = (row) => ["name", "type", "value"].map((name) => row.querySelector(`[name$="-${name}"]`));

function writeJson(rows, text) {
  const found = [...part(rows, ".rows-list").children].map((row) => controls(row).map((control) => control.value));
  const named = found.filter(([name]) => name.trim());
  const whole = Object.fromEntries(named.map(([name, type, value]) => [name.trim(), valueOf(type, value)]));
  text.value = named.length ? JSON.stringify(whole, null, 2) : "";
}

function readJson(rows, text) {
  const whole = text.value.trim() ? JSON.parse(text.value) : {};
  if (whole === null || typeof whole !== "object" || Array.isArray(whole)) throw new SyntaxError("not an object");
  part(rows, ".rows-list").replaceChildren();
  for (const [name, value] of Object.entries(whole)) {
    const values = [name, ...writtenAs(value)];
    controls(addRow(rows)).forEach((control, place) => { control.value = values[place]; });
  }
  settle(rows);
}

document.addEventListener("change", (event) => {
  const box = event.target.closest?.("[data-parameters]");
  if (!box || !event.target.name?.endsWith("-view")) return;
  const [rows, text] = [box.querySelector("[data-rows]"), box.querySelector(".parameters-json textarea")];
  box.querySelector("[data-not-json]").hidden = true;
  try {
    if (event.target.value === "json") writeJson(rows, text);
    else readJson(rows, text);
  } catch {
    box.querySelector('[name$="-view"][value="json"]').checked = true;
    box.querySelector("[data-not-json]").hidden = false;
    text.focus();
  }
});

// -- What is wrong behind a fold is shown, not refused in silence ------------------------------------------------------
document.addEventListener("invalid", (event) => {
  for (let fold = event.target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}, true);
