// A reply for those who hear it: whole sentences, once each, and a word at its end. The text that grows is not live.

const EVERY = 1500; // ms
const SENTENCE = /^[\s\S]*[.!?…:。！？](?=\s|$)/u;

const region = document.getElementById("chat-said");
const heard = new Map(); // id -> {block, spoken}: blocks that were said whole, characters of the next one
let timer;

function say(text) {
  const words = document.createElement("span");
  words.textContent = `${text} `;
  region.append(words);
  while (region.children.length > 20) region.firstChild.remove();
}

// Of replies side by side, the first is read out.
const bodies = () => [...document.querySelectorAll("#thread > .reply[aria-busy] .reply-body, .beside > .reply[aria-busy]:first-child .reply-body")];

// What a block says: of code its lines, without the bar above them.
const wordsOf = (block) => (block?.querySelector("figure pre") ?? block)?.textContent ?? "";
const line = (text) => text.replace(/\s+/g, " ").trim();

function listen() {
  const found = bodies();
  for (const body of found) {
    const id = body.id.slice("live-".length);
    const place = heard.get(id) ?? { block: 0, spoken: 0 };
    heard.set(id, place);
    while (place.block < body.children.length - 1) next(body, place);
    const whole = wordsOf(body.children[place.block]).slice(place.spoken).match(SENTENCE)?.[0] ?? "";
    if (line(whole)) say(line(whole));
    place.spoken += whole.length;
  }
  if (!found.length) timer = clearInterval(timer);
}

function next(body, place) {
  const rest = line(wordsOf(body.children[place.block]).slice(place.spoken));
  if (rest) say(rest);
  place.block += 1;
  place.spoken = 0;
}

function begin() {
  if (!timer && bodies().length) timer = setInterval(listen, EVERY);
}

document.addEventListener("reply:done", ({ detail: id }) => {
  const body = document.getElementById(`live-${id}`);
  if (!body) return;
  const place = heard.get(id) ?? (bodies().includes(body) ? { block: 0, spoken: 0 } : null);
  while (place && place.block < body.children.length) next(body, place);
  heard.delete(id);
  say(`Reply of ${body.closest(".reply").getAttribute("aria-label")} finished.`);
});
document.addEventListener("htmx:after:swap", begin);
begin();
