// "Make this an image": what is selected of a message, where something is, goes to Create instead of all of it.

let selected = { message: null, text: "" };
let holds = false; // the click on the button may take the selection away before it is one

function look() {
  const selection = document.getSelection();
  const message = selection.isCollapsed ? null : selection.anchorNode?.parentElement?.closest(".message");
  selected = { message: message?.contains(selection.focusNode) ? message : null, text: selection.toString().trim() };
  for (const label of document.querySelectorAll("[data-make-label]")) {
    label.textContent = isOf(label) ? "Make the selection an image" : "Make this an image";
  }
}

const isOf = (node) => Boolean(selected.text) && node.closest(".message") === selected.message;

document.addEventListener("selectionchange", () => holds || look());
document.addEventListener("pointerdown", (event) => { holds = Boolean(event.target.closest?.("[data-make]")); }, true);
document.addEventListener("pointerup", () => setTimeout(() => { holds = false; }));
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-make]");
  if (button) button.form.elements.text.value = isOf(button) ? selected.text : "";
});
