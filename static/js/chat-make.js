// "Make this an image": what is selected of a message, where something is, goes to Create instead of all of it.

let selected = { message: null, text: "" };

function look() {
  const selection = document.getSelection();
  const node = selection.anchorNode?.parentElement;
  const message = selection.isCollapsed ? null : node?.closest(".message");
  selected = { message: message?.contains(selection.focusNode) ? message : null, text: selection.toString().trim() };
  for (const label of document.querySelectorAll("[data-make-label]")) {
    const isOf = selected.text && label.closest(".message") === selected.message;
    label.textContent = isOf ? "Make the selection an image" : "Make this an image";
    label.closest("button").title = `${label.textContent}: opens Create with it as the prompt`;
  }
}

// The click on the button may take the selection away before it is one.
let holds = false;
document.addEventListener("selectionchange", () => holds || look());
document.addEventListener("pointerdown", (event) => { holds = Boolean(event.target.closest?.("[data-make]")); }, true);
document.addEventListener("pointerup", () => setTimeout(() => { holds = false; }));

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-make]")) return;
  form.elements.text.value = selected.message && selected.message === form.closest(".message") ? selected.text : "";
}, true);
