// The page behind a link without its stream: where a proxy holds it back, a slow poll tells what has changed.

const SILENCE = 8000; // ms until the stream has to be open
const EVERY = 10000;

const stream = document.getElementById("shared-live");
const address = new URL(stream.getAttribute("hx-sse:connect"), location);
const patience = setTimeout(fallBack, SILENCE);
const heard = () => clearTimeout(patience);

function fallBack() {
  const poll = document.createElement("div");
  poll.hidden = true;
  stream.after(poll); // goes with the page when the link ends
  htmx.swap({ sourceElement: stream, target: stream, swap: "delete", text: "" });
  address.searchParams.set("poll", "1");
  const asking = setInterval(() => {
    if (!poll.isConnected) return clearInterval(asking);
    if (!document.hidden) htmx.ajax("GET", address.pathname + address.search, { source: poll, swap: "none" });
  }, EVERY);
}

stream.addEventListener("htmx:after:sse:connection", heard);
document.addEventListener("htmx:after:sse:message", (event) => {
  heard();
  if (event.detail.message.id) address.searchParams.set("since", event.detail.message.id);
});
