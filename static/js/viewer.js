// The viewer: zoom, clips, full screen, the details beside it, and its keys (the list of them is a dialog, by "?").

import { centre } from "./filmstrip.js";
import { step, watch } from "./frames.js";
import { Zoom } from "./zoom.js";

const main = document.querySelector(".main-viewer");
const one = (selector) => main.querySelector(selector);

// -- Pictures and clips: the tools are of the one that was used last, of the first until then -----------------------------
const zooms = new Map(); // figure → Zoom
let figure = null;

const zoom = () => zooms.get(figure) ?? zooms.values().next().value;
const clip = () => figure?.querySelector("video") ?? one("video.stage-media");

function find() {
  for (const gone of zooms.keys()) if (!gone.isConnected) zooms.delete(gone);
  if (!figure?.isConnected) figure = null;
  for (const found of main.querySelectorAll("[data-zoom]")) {
    if (zooms.has(found)) zooms.get(found).draw();
    else zooms.set(found, new Zoom([found], ".stage-media", told));
    found.querySelector("img")?.addEventListener("load", () => told(zoom()));
  }
  main.querySelectorAll("video.stage-media").forEach(watch);
  told(zoom());
}

function told(changed) {
  if (!changed || changed !== zoom()) return;
  one("[data-zoom-scale]").value = changed.share ? `${Math.round(changed.share * 100)}\u00a0%` : "";
}

main.addEventListener("pointerdown", (event) => {
  figure = event.target.closest(".stage-figure") ?? figure;
  told(zoom());
});

function loop() {
  if (!clip()) return;
  clip().loop = !clip().loop;
  one("[data-clip-loop]").setAttribute("aria-pressed", clip().loop);
}

function play() {
  if (clip().paused) clip().play().catch(() => {});
  else clip().pause();
}

// -- Details: pinned they stand beside the picture, else they are laid over it while one looks at them -------------------
const isLoose = () => main.classList.contains("is-unpinned") || document.fullscreenElement === main;
const areShown = () => !isLoose() || main.classList.contains("is-details-open");

function remember(pinned) {
  document.cookie = `details=${pinned ? "pinned" : "hidden"}; path=/; max-age=31536000; samesite=lax`;
  main.classList.toggle("is-unpinned", !pinned);
  main.classList.remove("is-details-open");
}

function details() {
  if (isLoose()) main.classList.toggle("is-details-open");
  else remember(false);
  sayDetails();
}

function sayDetails() {
  if (!one("[data-details]")) return; // the page was taken away: one has left the team
  one("[data-details]").setAttribute("aria-pressed", areShown());
  one("[data-details-pin]").hidden = !(areShown() && isLoose()) || document.fullscreenElement === main;
}

// -- Full screen: it stays while one goes on to the next; the page is loaded whole when it ends ---------------------------
let hasMoved = false;

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else main.requestFullscreen?.().catch(() => {});
}

document.addEventListener("fullscreenchange", () => {
  const isFull = document.fullscreenElement === main;
  main.classList.remove("is-details-open");
  one("[data-full-screen]").setAttribute("aria-pressed", isFull);
  sayDetails();
  if (!isFull && hasMoved) location.reload();
});

function goOn(event, link) {
  if (document.fullscreenElement !== main || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  hasMoved = true;
  history.replaceState(history.state, "", link.href);
  htmx.ajax("GET", link.href, { source: link, target: main, select: ".main-viewer > *" });
}

// -- The list behind it: one goes back to where one was in it, and from one job to the next without a way back of its own --
const list = (address) => {
  const url = new URL(address, location);
  ["before", "at", "on"].forEach((place) => url.searchParams.delete(place));
  return url.pathname + url.search;
};

function cameFromTheList() {
  const before = window.navigation?.entries()[navigation.currentEntry.index - 1]?.url;
  return Boolean(before) && list(before) === list(one("[data-key=Escape]").href);
}

function staysBeforeTheList(event, link) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented || !cameFromTheList()) return;
  event.preventDefault();
  if (link.dataset.key === "Escape") history.back();
  else location.replace(link.href);
}

// -- Buttons, keys, swipes -----------------------------------------------------------------------------------------------
main.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  const link = on("a[data-key^=Arrow], .filmstrip-job");
  if (link) goOn(event, link);
  if (link ?? on("a[data-key=Escape]")) return staysBeforeTheList(event, link ?? on("a[data-key=Escape]"));
  if (on("[data-zoom-by]")) zoom()?.by(Number(on("[data-zoom-by]").dataset.zoomBy));
  if (on("[data-zoom-fit]")) zoom()?.to(1);
  if (on("[data-zoom-actual]")) zoom()?.actual();
  if (on("[data-clip-loop]")) loop();
  if (on("[data-clip-step]") && clip()) step([clip()], Number(on("[data-clip-step]").dataset.clipStep));
  if (on("[data-details]")) details();
  if (on("[data-details-pin]")) remember(true), sayDetails();
  if (on("[data-full-screen]")) fullScreen();
  if (on("[data-keys]")) one("#viewer-keys").showModal();
});
main.addEventListener("change", (event) => {
  if (event.target.matches("[data-clip-speed]") && clip()) clip().playbackRate = Number(event.target.value);
});

const KEYS = { f: fullScreen, i: details, "?": () => one("#viewer-keys").showModal() };
const CLIP_KEYS = { " ": play, l: loop, ",": () => step([clip()], -1), ".": () => step([clip()], 1) };
const BUSY = "input:not([type=radio], [type=checkbox]), textarea, select, video, audio, dialog[open], [contenteditable]";
const THEIRS = /^(Arrow.*| |Enter)$/; // what a radio button or a checkbox does by itself

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.target.closest(BUSY)) return;
  if (event.target.matches("input") && THEIRS.test(event.key)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const act = KEYS[key] ?? (clip() && !(key === " " && event.target.closest("a, button, summary")) && CLIP_KEYS[key]);
  if (act || zoom()?.key(key)) {
    event.preventDefault();
    act && act();
  } else if (key === "Escape") back();
  else main.querySelector(`[data-key="${CSS.escape(key)}"]`)?.click();
});

function back() {
  if (zoom()?.isZoomed) return zoom().to(1);
  if (document.fullscreenElement || document.querySelector("details.menu[open], dialog[open]")) return;
  if (isLoose() && areShown()) return details();
  one("[data-key=Escape]").click();
}

let from = null;
main.addEventListener("pointerdown", (event) => {
  const isControl = event.target.matches("video") && event.offsetY > event.target.clientHeight - 72;
  const stays = event.pointerType !== "touch" || !event.isPrimary || isControl || zoom()?.isZoomed || !event.target.closest(".stage");
  from = stays ? null : { x: event.clientX, y: event.clientY };
});
main.addEventListener("pointerup", (event) => {
  const x = from ? event.clientX - from.x : 0;
  const y = from ? event.clientY - from.y : 0;
  from = null;
  if (zoom()?.isZoomed || Math.abs(x) < 60 || Math.abs(x) < 2 * Math.abs(y)) return;
  one(`[data-key=${x < 0 ? "ArrowRight" : "ArrowLeft"}]`)?.click();
});

function settle() {
  find();
  centre();
  sayDetails();
}
settle();
document.addEventListener("htmx:after:swap", settle);
