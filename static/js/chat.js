// The live page of a conversation: what the server's stream tells is put in its place.
const live = document.getElementById("chat-live");

function block(body, at, html) {
  while (body.children.length <= at) body.append(Object.assign(document.createElement("div"), { className: "block" }));
  const place = body.children[at];
  place.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
}

function apply(op) {
  if (op.thread) return htmx.ajax("GET", location.pathname + "thread/", { target: "#thread", swap: "outerHTML" });
  if (op.active) return;
  const message = document.getElementById("message-" + op.m);
  if (!message) return;
  if (op.done) return htmx.ajax("GET", message.dataset.url, { target: message, swap: "outerHTML" });
  if ("n" in op) block(document.getElementById("body-" + op.m), op.n, op.html);
}

if (live) {
  const source = new EventSource(live.dataset.url);
  source.onmessage = (event) => JSON.parse(event.data).ops.forEach(apply);
}
