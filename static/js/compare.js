// Results beside one another: one zoom for all pictures, one start for all clips, and any two over one another.

import { step, watch } from "./frames.js";
import { Zoom } from "./zoom.js";

const stage = document.getElementById("stage");
const entries = [...(stage?.querySelectorAll("[data-entry]") ?? [])];
const frames = [...(stage?.querySelectorAll("[data-frame]") ?? [])];
const clips = [...(stage?.querySelectorAll("video") ?? [])];
const zoom = frames.length ? new Zoom(frames, ".compare-media") : null;

document.addEventListener("click", (event) => {
  const by = event.target.closest("[data-zoom-by], [data-zoom-reset], [data-step]");
  if (!by) return;
  if (by.dataset.step) step(clips, Number(by.dataset.step));
  else if (by.dataset.zoomBy) zoom?.by(Number(by.dataset.zoomBy));
  else zoom?.to(1);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, video, a, dialog[open]")) return;
  const isStep = clips.length && (event.key === "," || event.key === ".");
  const acts = isStep || (event.key === "b" && isBlinking()) || zoom?.key(event.key);
  if (!acts) return;
  event.preventDefault();
  if (isStep) step(clips, event.key === "." ? 1 : -1);
  else if (event.key === "b" && isBlinking()) blink();
});

// -- Two over one another: the upper one cut off where the slider stands, as faint as it says, or there and gone ----------
const over = document.getElementById("over");
const split = document.getElementById("split");
const LABELS = { slider: "Where the one below ends and the one on top begins", fade: "How much of the one on top is seen" };
const isBlinking = () => stage?.classList.contains("is-blink") ?? false;

function overlay(way) {
  const isOver = way !== "side";
  stage.classList.toggle("is-over", isOver);
  for (const name of ["slider", "fade", "blink"]) stage.classList.toggle(`is-${name}`, name === way);
  stage.classList.remove("is-swapped");
  for (const clip of clips) clip.controls = !isOver; // they would lie over one another
  document.getElementById("split-label").textContent = LABELS[way] ?? LABELS.slider;
  if (isOver) (way === "blink" ? document.getElementById("blink") : split).focus();
  zoom?.draw();
}

function pair() {
  const [below, above] = ["below", "above"].map((id, place) => Number(document.getElementById(id)?.value ?? place));
  entries.forEach((entry, place) => {
    entry.classList.toggle("is-below", place === below);
    entry.classList.toggle("is-above", place === above && above !== below);
  });
}

function blink() {
  document.getElementById("blink").setAttribute("aria-pressed", stage.classList.toggle("is-swapped"));
}

if (over) {
  const cut = () => stage.style.setProperty("--split", split.value);
  split.addEventListener("input", cut);
  over.addEventListener("change", pair);
  document.getElementById("blink").addEventListener("click", blink);
  document.getElementById("compare-way").addEventListener("change", (event) => overlay(event.target.value));
  const chosen = document.querySelector("#compare-way :checked").value; // before this was read, perhaps
  if (chosen !== "side") overlay(chosen);
  cut();
  pair();
}

// -- All clips run together; they keep in step as the first one's loop begins anew ----------------------------------------
const play = document.getElementById("play-all");
if (play && clips.length) {
  const running = () => clips.some((clip) => !clip.paused);
  const say = () => {
    play.setAttribute("aria-pressed", running());
    play.querySelector("[data-word]").textContent = running() ? "Pause all" : "Play all";
  };
  play.addEventListener("click", () => {
    if (running()) return clips.forEach((clip) => clip.pause());
    for (const clip of clips) {
      clip.currentTime = Math.min(clips[0].currentTime, clip.duration || 0);
      clip.play().catch(() => {});
    }
  });
  document.getElementById("speed").addEventListener("change", (event) => {
    for (const clip of clips) clip.playbackRate = Number(event.target.value);
  });
  for (const clip of clips) for (const change of ["play", "pause"]) clip.addEventListener(change, say);
  clips.forEach(watch);
  clips[0].addEventListener("seeked", () => {
    for (const clip of clips.slice(1)) {
      if (Math.abs(clip.currentTime - clips[0].currentTime) > 0.15 && clips[0].currentTime <= clip.duration) clip.currentTime = clips[0].currentTime;
    }
  });
}
