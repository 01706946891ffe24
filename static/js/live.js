// The live page beside its stream: an answer that comes later than newer news; and where a proxy holds server-sent events
// back, a slow poll that tells what has changed.

const SILENCE = 8000; // ms without a word after connecting
const EVERY = 10000;
const MOST = 200; // cards whose news are kept
const NEWS = /<hx-partial hx-target="#(job-[^"]+)"[^>]*>\s*<article [^>]*data-changed="([^"]+)"[^]*?<\/hx-partial>/g;

const stream = document.getElementById("live");
if (stream) {
  const told = new Map(); // id of a card → what was told of it last, and when it changed

  document.addEventListener("htmx:before:sse:message", ({ detail }) => {
    for (const [part, id, changed] of detail.message.data.matchAll(NEWS)) {
      told.delete(id);
      told.set(id, { part, changed });
    }
    for (const id of [...told.keys()].slice(0, -MOST)) told.delete(id);
  });

  // An answer shows its cards as they were when it was written. Where newer news have come before it, they are told again.
  document.addEventListener("htmx:after:swap", () => {
    const isOlder = ([id, { changed }]) => document.getElementById(id)?.dataset.changed < changed;
    const text = [...told].filter(isOlder).map(([, { part }]) => part).join("");
    if (text) htmx.swap({ sourceElement: document.body, target: document.body, swap: "none", text });
  });

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
