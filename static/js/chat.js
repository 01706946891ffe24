// The rest of a conversation's page: the list that folds, copying, the sheet that opens when something is put into it.

const SHOWN = 1600; // ms that "copied" stays

// -- The list ---------------------------------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const fold = event.target.closest("[data-fold-list]");
  if (!fold) return;
  const isOpen = !document.getElementById("main").classList.toggle("is-listless");
  fold.setAttribute("aria-expanded", isOpen);
  document.cookie = `chat_list=${isOpen ? "open" : "closed"}; path=/chat/; max-age=31536000; samesite=lax`;
});

// -- Copying ----------------------------------------------------------------------------------------------------------
async function read(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(answer.status);
  return answer.text();
}

async function copy(words) {
  if (navigator.clipboard && window.ClipboardItem) { // the text may come later: the click is still its reason
    const blob = Promise.resolve(words).then((text) => new Blob([text], { type: "text/plain" }));
    return navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  }
  const field = Object.assign(document.createElement("textarea"), { value: await words, className: "visually-hidden" });
  document.body.append(field); // an address without TLS has no clipboard of its own
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (!isCopied) throw new Error("refused");
}

async function sayCopied(button, words) {
  const outcome = await copy(words).then(() => "is-copied", () => "is-refused");
  button.classList.add(outcome);
  document.getElementById("chat-said").textContent = outcome === "is-copied" ? "Copied." : "It could not be copied.";
  button.focus({ preventScroll: true });
  setTimeout(() => button.classList.remove(outcome), SHOWN);
}

document.addEventListener("click", (event) => {
  const message = event.target.closest("[data-copy]");
  const code = event.target.closest(".code-copy");
  if (message) sayCopied(message, read(message.dataset.copy));
  if (code) sayCopied(code, code.closest("figure").querySelector("pre").textContent);
});

// -- The sheet --------------------------------------------------------------------------------------------------------
const sheet = document.getElementById("chat-sheet");
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail?.ctx?.target !== sheet || sheet.open) return;
  sheet.showModal();
  sheet.querySelector("input:checked")?.scrollIntoView({ block: "center" });
});
sheet?.addEventListener("click", (event) => {
  if (event.target !== sheet && !event.target.closest("[data-close]")) return;
  event.preventDefault();
  sheet.close();
});
document.addEventListener("htmx:finally:request", (event) => {
  const { sourceElement, response } = event.detail?.ctx ?? {};
  if (sourceElement?.matches?.("[data-closes]") && response) sheet.close();
  if (sourceElement?.matches?.("[data-once]") && response?.status === 200) sourceElement.remove();
});
