// The list of conversations: menus that come into sight, folders that stay as they were opened, Escape that leaves a name,
// and a list that follows what happens in the conversation on the page.

const list = () => document.getElementById("chat-list");

// "toggle" does not bubble. The open folders are sent along with every change, so that they come back open.
document.addEventListener("toggle", ({ target }) => {
  if (!list()?.contains(target)) return;
  const state = target.matches(".chats-folder") && target.querySelector(":scope > input.chat-state");
  if (state) state.disabled = !target.open;
  if (target.open && !target.matches(".chats-folder")) bringIntoSight(target);
}, true);

function bringIntoSight(menu) {
  (menu.querySelector(".menu-sheet") ?? menu).scrollIntoView({ block: "nearest" });
}

// A menu is filled when it is opened for the first time.
document.addEventListener("htmx:after:swap", () => {
  const open = list()?.querySelector(".chats-tools[open]");
  if (open) bringIntoSight(open);
  const field = list()?.querySelector(".chats-row input[name=title]");
  if (field && !("chosen" in field.dataset)) {
    field.dataset.chosen = "";
    field.select();
  }
  showTitle();
});

// The page's heading is the conversation's name, which the list may have learned first.
function showTitle() {
  const name = list()?.querySelector(".chats-row [aria-current] .chats-title")?.textContent;
  const heading = document.getElementById("chat-title");
  if (name && heading && heading.textContent !== name) heading.textContent = name;
}

// What was written, or named, changes the list too. Nobody's menu is closed and nobody's typing lost over it.
const isInUse = () => list().querySelector("details.menu[open], .chats-row form") || list().contains(document.activeElement);
let waiting = 0;
function refresh() {
  if (isInUse()) waiting = setTimeout(refresh, 3000);
  else htmx.trigger(list().querySelector("[data-refresh]"), "refresh");
}
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!ctx?.target?.matches?.("#thread, .message")) return;
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 300);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest?.("#chat-list .chats-naming")) {
    event.target.closest("form").querySelector("[data-cancel]")?.click();
  }
});
