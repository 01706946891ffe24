// A download of the selection is the browser's own: htmx would fetch it into memory.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-zip]");
  if (!button) return;
  event.preventDefault();
  const { form } = button;
  const { action } = form;
  form.action = button.formAction;
  HTMLFormElement.prototype.submit.call(form); // unlike requestSubmit, it tells no script
  form.action = action;
});

// The button says how much was chosen before it is sent, and refuses what the server would.
const file = document.getElementById("import-file");
const said = document.getElementById("import-size");
file?.addEventListener("change", () => {
  const bytes = [...file.files].reduce((sum, one) => sum + one.size, 0);
  const most = Number(file.dataset.most);
  const megabytes = Math.max(1, Math.round(bytes / 2 ** 20));
  file.setCustomValidity(bytes > most * 2 ** 20 ? `At most ${most} MB at once; these have ${megabytes} MB.` : "");
  said.textContent = file.files.length ? `${file.files.length} ${file.files.length === 1 ? "file" : "files"}, ${megabytes} MB` : "";
});
document.getElementById("import-form")?.addEventListener("submit", ({ target }) => {
  const button = target.querySelector("button");
  button.setAttribute("aria-disabled", "true");
  said.textContent = "Sending… Keep this page open until it is sent.";
});
