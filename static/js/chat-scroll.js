// The page follows what is being written until one scrolls up, and again when one is at its end.

const NEAR = 48; // px from the end that count as being there
const FAR = 240; // px from it at which the button is shown

const page = document.scrollingElement;
const button = document.getElementById("to-newest");
const distance = () => page.scrollHeight - page.clientHeight - page.scrollTop;
let follows = true;
let before = 0; // where it was scrolled to
let height = 0; // of the page then: where that shrinks, nobody has scrolled

function toEnd() {
  follows = true;
  page.scrollTop = page.scrollHeight;
}

function look() {
  const far = distance();
  if (far < NEAR) follows = true;
  else if (page.scrollTop < before - 2 && page.scrollHeight >= height) follows = false;
  before = page.scrollTop;
  height = page.scrollHeight;
  if (button) button.hidden = follows || far < FAR;
}

const yieldTo = () => { if (page.scrollTop > 0 && distance() >= 0) follows = false; };

const observer = new ResizeObserver(() => (follows ? toEnd() : look()));
const observe = () => observer.observe(document.getElementById("thread"));

addEventListener("scroll", look, { passive: true });
addEventListener("wheel", (event) => event.deltaY < 0 && yieldTo(), { passive: true });
addEventListener("touchmove", yieldTo, { passive: true });
addEventListener("keydown", (event) => {
  if (["PageUp", "Home", "ArrowUp"].includes(event.key) && !event.target.closest("textarea, input")) yieldTo();
});
button?.addEventListener("click", () => {
  toEnd();
  document.getElementById("text").focus({ preventScroll: true });
});
document.addEventListener("chat:sent", toEnd);

// A link to one message shows that one, and one without any its beginning; else the end is shown.
const wanted = new URLSearchParams(location.search).get("message");
const place = document.getElementById(location.hash.slice(1) || `message-${wanted}`);
if (place) {
  follows = false;
  place.scrollIntoView({ block: "center" });
  place.classList.add("is-wanted");
} else if (document.querySelector("#thread .welcome")) {
  follows = false;
} else if (document.getElementById("chat-live")) {
  toEnd();
}
observe();
document.addEventListener("htmx:after:swap", observe);
