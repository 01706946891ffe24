// People's own pages: the theme that shows at once, passwords one may look at, and passkeys that say what is wrong.

document.addEventListener("change", (event) => {
  if (event.target.matches(".themes input")) document.documentElement.dataset.theme = event.target.value;
});

for (const input of document.querySelectorAll('.field > input[type="password"]:not([autocomplete="off"])')) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reveal";
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-controls", input.id);
  button.textContent = "Show";
  button.setAttribute("aria-label", "Show the password");
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.textContent = shown ? "Show" : "Hide";
    button.setAttribute("aria-pressed", String(!shown));
  });
  input.before(button);
  input.form.addEventListener("submit", () => (input.type = "password"));
}

const passkeys = "PublicKeyCredential" in window && window.isSecureContext;
for (const part of document.querySelectorAll("[data-passkeys]")) part.hidden = !passkeys;

// What a browser calls the trouble, in words for people.
const WORDS = {
  NotAllowedError: "Nothing was confirmed. Try again, or use another way.",
  InvalidStateError: "This device is already among your passkeys.",
  SecurityError: "Browsers allow passkeys only under a name with https, or under localhost, and not under a bare address.",
  AbortError: "It was cancelled.",
};

document.addEventListener("allauth.error", (event) => {
  const trouble = document.querySelector("[data-passkey-trouble]");
  if (!trouble) return;
  event.preventDefault();
  const exception = event.detail.exception;
  trouble.querySelector("span").textContent = passkeys
    ? WORDS[exception.name] || "The passkey could not be read. Try again, or use another way."
    : WORDS.SecurityError;
  trouble.hidden = false;
});
