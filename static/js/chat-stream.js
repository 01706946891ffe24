// The live page of a conversation: what the server's stream tells is put in its place.
//
// Each event holds ops: {m, n, html} is block n of reply m; {m, r, text} its reasoning from character r on;
// {m, stalled, thinking, thought} what is said beside it: words of a silence ("": it is over), for how many seconds it
// has thought so far, how many it thought; {m, done} that it has ended; {thread} that messages came or went; {active: [m]},
// on connecting, which replies are under way. They may come twice, and before the page has the message: what is known
// of a reply is kept here and painted when its place is there. The thread is morphed; a reply's body is skipped by
// that (hx-morph-skip) and is touched here alone, until the reply has ended and comes whole.

const SILENCE = 4000; // ms without a word after connecting, until the page asks by itself
const EVERY = 2500; // ms between two such askings
const AWAY = 10000; // ms in the background until the stream is let go: a browser has six connections for all its tabs
const AWAY_BUSY = 60000; // the same, with a reply under way
const QUIET = 40000; // ms without a word on a stream that worked: the network is gone, whatever the browser believes
const SETTLE = 1500; // ms for a reply that the server does not know of (yet)

const live = document.getElementById("chat-live");
const replies = new Map(); // id -> {id, blocks, thoughts, length, signs, body}
const ended = new Set();
let source, patience, poll, away, comeback, retry = 1000;

const nodeOf = (id) => document.getElementById(`message-${id}`);
const busy = () => [...document.querySelectorAll("#thread .reply[aria-busy]")];
const idOf = (node) => node.id.slice("message-".length);

// Each from an element of its own: of two requests from one, htmx drops the second. Hidden: nobody asked for it.
// One that is lost is made up for by connecting anew, which tells what is missing.
async function ask(url, target, swap) {
  const asker = Object.assign(document.createElement("span"), { hidden: true });
  asker.addEventListener("htmx:error", reconnect);
  asker.addEventListener("htmx:response:error", ({ detail: { ctx } }) => ctx.response.status >= 500 && reconnect());
  live.append(asker);
  await htmx.ajax("GET", url, { source: asker, target, swap });
  asker.remove();
}

function known(id) {
  if (!replies.has(id)) replies.set(id, { id, blocks: [], thoughts: "", length: 0, signs: {}, body: null });
  return replies.get(id);
}

function bodyOf(reply) {
  if (!reply.body?.isConnected) reply.body = document.getElementById(`live-${reply.id}`);
  return reply.body;
}

function put(body, at, html) {
  while (body.children.length <= at) body.append(Object.assign(document.createElement("div"), { className: "block" }));
  body.children[at].replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
}

function showThoughts(reply, text, isMore) {
  const fold = document.getElementById(`thinking-${reply.id}`);
  if (!fold) return;
  fold.hidden = false;
  const place = fold.querySelector(".thought-text");
  if (isMore && place.firstChild) place.firstChild.appendData(text);
  else place.textContent = reply.thoughts;
}

function think(reply, { r, text }) {
  if (r > reply.length) return connect(); // something was missed: from the beginning
  const isMore = r === reply.length && r > 0;
  reply.thoughts = isMore ? reply.thoughts + text : [...reply.thoughts].slice(0, r).join("") + text;
  reply.length = r + [...text].length; // the server counts characters, not UTF-16 units
  showThoughts(reply, text, isMore);
}

function write(reply, { n, html }) {
  reply.blocks[n] = html;
  const body = bodyOf(reply);
  if (body) put(body, n, html);
}

function stalls(node, words) {
  const note = node.querySelector("[data-stalled]");
  note.hidden = !words;
  note.lastElementChild.textContent = words;
}

const seconds = (count) => `${count < 10 ? count.toFixed(1) : Math.round(count)} s`;
const thoughtFor = (count) => (count < 0.05 ? "Thoughts" : `Thought for ${seconds(count)}`); // who came late knows no time

function showSigns(reply) {
  const node = nodeOf(reply.id);
  if (!node?.hasAttribute("aria-busy")) return;
  const { stalled, thought } = reply.signs;
  if (stalled !== undefined) stalls(node, stalled);
  if (thought !== undefined) node.querySelector(".thought-now").textContent = thoughtFor(thought);
}

async function whole(id) {
  const node = nodeOf(id);
  if (!node) return;
  const wasOpen = node.querySelector(".thought")?.open;
  await ask(node.dataset.url, node, "outerSync");
  const fold = nodeOf(id)?.querySelector(".thought");
  if (fold && wasOpen) fold.open = true;
}

function finish(id) {
  replies.delete(id);
  ended.add(id);
  document.dispatchEvent(new CustomEvent("reply:done", { detail: id }));
  return whole(id);
}

let waiting;
function thread(moment) {
  const shown = document.getElementById("thread").dataset.changed;
  if (typeof moment === "string" && Date.parse(shown) >= Date.parse(moment)) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => ask(live.dataset.thread, "#thread", "outerMorph"), 80);
}

// What the page shows as under way and the server does not: it ended while nobody listened, or is about to begin.
function reconcile(active) {
  for (const id of replies.keys()) if (!active.includes(id)) replies.delete(id); // what comes from now on is news
  for (const node of busy()) {
    const id = idOf(node);
    if (!active.includes(id)) setTimeout(() => node.isConnected && !replies.has(id) && whole(id), SETTLE);
  }
}

function apply(op) {
  if (op.active) return reconcile(op.active);
  if (op.thread) return thread(op.thread);
  if (op.done) return finish(op.m);
  const reply = known(op.m);
  ended.delete(op.m);
  if ("r" in op) return think(reply, op);
  if ("n" in op) return write(reply, op);
  Object.assign(reply.signs, op);
  showSigns(reply);
}

// After the thread was drawn anew: what is known of replies whose place has come, and those that ended meanwhile.
function paint() {
  for (const node of busy()) {
    const id = idOf(node);
    if (ended.delete(id)) whole(id);
    const reply = replies.get(id);
    if (!reply || reply.body?.isConnected) continue;
    const body = bodyOf(reply);
    if (body) reply.blocks.forEach((html, at) => put(body, at, html));
    if (reply.thoughts) showThoughts(reply, reply.thoughts, false);
    showSigns(reply);
  }
}

// -- The stream -------------------------------------------------------------------------------------------------------
function connect() {
  source?.close();
  clearTimeout(patience);
  for (const reply of replies.values()) Object.assign(reply, { thoughts: "", length: 0 });
  const address = new URL(live.dataset.stream, location);
  address.searchParams.set("since", document.getElementById("thread").dataset.changed);
  source = new EventSource(address);
  source.onmessage = (event) => {
    clearTimeout(patience);
    clearInterval(poll);
    patience = setTimeout(connect, QUIET);
    retry = 1000;
    JSON.parse(event.data).ops.forEach(apply);
  };
  source.addEventListener("running", ({ data }) => document.dispatchEvent(new CustomEvent("running", { detail: { data } })));
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) reconnect(); // else the browser comes back by itself
  };
  patience = setTimeout(fallBack, SILENCE);
}

function reconnect() {
  clearTimeout(comeback);
  comeback = setTimeout(connect, retry);
  retry = Math.min(retry * 2, 8000);
}

// A proxy holds the stream back: the page asks for what is under way, and for the thread when something ended.
function fallBack() {
  clearInterval(poll);
  poll = setInterval(() => {
    if (document.hidden) return;
    for (const node of busy()) whole(idOf(node));
    if (!busy().length) ask(live.dataset.thread, "#thread", "outerMorph");
  }, EVERY);
}

function letGo() {
  clearTimeout(patience);
  clearTimeout(comeback);
  source?.close();
  source = null;
}

function lookAway() {
  clearTimeout(away);
  if (document.hidden) away = setTimeout(letGo, busy().length ? AWAY_BUSY : AWAY);
  else if (!source) connect();
}

const comeBack = () => document.hidden || connect();

if (live) {
  connect();
  document.addEventListener("visibilitychange", lookAway);
  document.addEventListener("htmx:after:swap", paint);
  addEventListener("online", comeBack);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && connect());
}
