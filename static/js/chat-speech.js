// A reply for those who hear it: whole sentences, once each, and a word at its end. The text that grows is not live.

const EVERY = 1500; // ms
const SENTENCE = /^[\s\S]*[.!?…:。！？](?=\s|$)/u;

const region = document.getElementById("chat-said");
const heard = new Map(); // id -> {block, spoken}: blocks that were said whole, characters of the next one
let timer;

function say(text) {
  const line = document.createElement("span");
  line.textContent = `${text} `;
  region.append(line);
  while (region.children.length > 20) region.firstChild.remove();
}

// Of replies side by side, the first is read out.
const bodies = () => [...document.querySelectorAll("#thread > .reply[aria-busy] .reply-body, .beside > .reply[aria-busy]:first-child .reply-body")];

function listen() {
  const found = bodies();
  for (const body of found) {
    const id = body.id.slice("live-".length);
    const place = heard.get(id) ?? { block: 0, spoken: 0 };
    heard.set(id, place);
    while (place.block < body.children.length - 1) next(body, place);
    const tail = body.children[place.block]?.textContent.slice(place.spoken) ?? "";
    const whole = tail.match(SENTENCE)?.[0] ?? "";
    if (whole.trim()) say(whole.trim());
    place.spoken += whole.length;
  }
  if (!found.length) timer = clearInterval(timer);
}

function next(body, place) {
  const rest = body.children[place.block].textContent.slice(place.spoken).trim();
  if (rest) say(rest);
  place.block += 1;
  place.spoken = 0;
}

function begin() {
  if (!timer && bodies().length) timer = setInterval(listen, EVERY);
}

document.addEventListener("reply:done", ({ detail: id }) => {
  const body = document.getElementById(`live-${id}`);
  const place = heard.get(id);
  while (body && place && place.block < body.children.length) next(body, place);
  heard.delete(id);
  const name = document.getElementById(`message-${id}`)?.getAttribute("aria-label");
  if (name) say(`Reply of ${name} finished.`);
});
document.addEventListener("htmx:after:swap", begin);
begin();
