// The list of conversations: menus that come into sight, folders that stay as they were opened, Escape that leaves a name.

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
  const field = list()?.querySelector(".chats-row [autofocus]");
  if (field && document.activeElement !== field) field.select();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest?.("#chat-list .chats-naming")) {
    event.target.closest("form").querySelector("[data-cancel]")?.click();
  }
});
