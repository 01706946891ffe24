// What every page does beside htmx: toasts that leave, menus that close, tabs in sight, the count in the tab's title, and a word when
// an answer does not come.

const plainTitle = document.title;

function showRunning(count) {
  document.title = count > 0 ? `(${count}) ${plainTitle}` : plainTitle;
  const badge = document.getElementById("running");
  if (!badge) return;
  badge.hidden = count === 0;
  badge.querySelector("[data-count]").textContent = count;
}

document.addEventListener("running", (event) => showRunning(Number(event.detail.data)));

// Of tabs for which there is no room, the open one is in sight.
const tab = document.querySelector(".settings-nav [aria-current]");
if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - (tab.parentElement.clientWidth - tab.offsetWidth) / 2;

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest("[data-toast]")?.remove();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A toast that nobody is reading or pointing at leaves after ten seconds; one with an undo button stays as long.
function retire(toast) {
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 3000) : toast.remove());
  setTimeout(leave, 10000);
}
const toasts = document.getElementById("toasts");
toasts.querySelectorAll("[data-toast]").forEach(retire);
new MutationObserver((records) => {
  for (const record of records) record.addedNodes.forEach((node) => node.dataset && "toast" in node.dataset && retire(node));
}).observe(toasts, { childList: true });

// A field that has come with autofocus is given the focus by the browser, and again by htmx when all is settled: by then
// somebody may be typing in the next one.
document.addEventListener("focusin", ({ target }) => target.removeAttribute("autofocus"));

// A double click makes one thing, not two: the same plain form is not sent again at once. htmx sees to its own.
const sentAt = new WeakMap();
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.timeStamp - (sentAt.get(event.target) ?? -Infinity) < 2000) event.preventDefault();
  else sentAt.set(event.target, event.timeStamp);
});

// htmx looks at the page a tick after its own script has run, and its extension for streams may come later than that (a
// first visit fetches both): what it passed over then is shown to it again.
setTimeout(() => document.querySelectorAll("[hx-sse\\:connect]:not([data-htmx-powered])").forEach((one) => htmx.process(one)));

// A refusal is not swapped in (noSwap in base.html), and an answer that never came leaves the page as it is: both are said.
const REFUSALS = {
  403: "Studio refused this. Reload the page and try again.",
  404: "It is not there any more. Reload the page.",
  429: "Too many requests. Wait a moment and try again.",
};
const NO_ANSWER = "Studio did not answer. Your text is kept; try again.";

function say(sentence) {
  for (const toast of toasts.querySelectorAll("[data-toast]")) if (toast.dataset.toast === sentence) return;
  const toast = document.createElement("div");
  toast.className = "toast toast-bad";
  toast.dataset.toast = sentence;
  toast.textContent = sentence;
  toasts.append(toast);
}

// What the page asks for by itself (the live stream, its fallback) comes back by itself.
const unasked = (ctx) => ctx?.sourceElement?.matches?.("#live, [hidden]");

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  const { status } = ctx.response;
  if (status === 422 || unasked(ctx)) return; // 422: the form comes again, with what is wrong beside each field
  say(REFUSALS[status] ?? (status >= 500 ? "Studio had a fault. Your text is kept; try again." : "Studio refused this. Reload the page."));
});
document.addEventListener("htmx:error", ({ detail: { ctx, error } }) => {
  if (!ctx || ctx.response || unasked(ctx) || error.name !== "TypeError") return; // fetch's word for "no network"
  say(NO_ANSWER);
});
