// The live page without its stream: where a proxy holds server-sent events back, a slow poll tells what has changed.

const SILENCE = 8000; // ms without a word after connecting
const EVERY = 10000;

const stream = document.getElementById("live");
if (stream) {
  const address = new URL(stream.getAttribute("hx-sse:connect"), location);
  let patience = null;
  let poll = null;

  // The stream's last words may be minutes old when they come through at last: it is let go of for good.
  function fallBack() {
    if (document.hidden) return wait();
    poll = document.createElement("div");
    poll.hidden = true;
    document.body.append(poll);
    htmx.swap({ sourceElement: stream, target: stream, swap: "delete", text: "" });
    ask();
    setInterval(ask, EVERY);
    document.addEventListener("visibilitychange", ask);
  }

  function ask() {
    if (document.hidden) return;
    address.searchParams.set("poll", "1");
    htmx.ajax("GET", address.pathname + address.search, { source: poll, swap: "none" });
  }

  function wait() {
    clearTimeout(patience);
    patience = setTimeout(fallBack, SILENCE);
  }

  wait();
  stream.addEventListener("htmx:before:sse:connection", wait);
  stream.addEventListener("htmx:before:sse:message", () => clearTimeout(patience));
  document.addEventListener("htmx:after:sse:message", (event) => {
    if (event.detail.message.id) address.searchParams.set("since", event.detail.message.id);
  });
}
