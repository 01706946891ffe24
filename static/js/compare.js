// Results beside one another: one zoom for all pictures, one start for all clips, and a slider between two pictures.

const stage = document.getElementById("stage");
const LIMIT = 16;

// What is shown: the scale, and where the middle of the frame lies in the picture, as shares of the frame. So the same
// place of each picture is seen, however large its frame is.
const view = { scale: 1, x: 0, y: 0 };
const frames = [...(stage?.querySelectorAll("[data-frame]") ?? [])];

function draw() {
  const reach = (view.scale - 1) / 2;
  view.x = Math.min(reach, Math.max(-reach, view.x));
  view.y = Math.min(reach, Math.max(-reach, view.y));
  for (const frame of frames) {
    frame.querySelector(".compare-media").style.transform =
      view.scale === 1 ? "" : `translate(${view.x * frame.clientWidth}px, ${view.y * frame.clientHeight}px) scale(${view.scale})`;
    frame.classList.toggle("is-zoomed", view.scale > 1);
  }
}

// Keeps the point `at` (shares of the frame from its middle) where it is.
function zoomTo(scale, at = { x: 0, y: 0 }) {
  const next = Math.min(LIMIT, Math.max(1, scale));
  view.x = at.x - ((at.x - view.x) * next) / view.scale;
  view.y = at.y - ((at.y - view.y) * next) / view.scale;
  view.scale = next;
  draw();
}

function place(frame, event) {
  const box = frame.getBoundingClientRect();
  return { x: (event.clientX - box.left) / box.width - 0.5, y: (event.clientY - box.top) / box.height - 0.5 };
}

function follow(frame) {
  const held = new Map();
  frame.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomTo(view.scale * Math.exp(-event.deltaY / 400), place(frame, event));
  }, { passive: false });
  frame.addEventListener("dblclick", (event) => zoomTo(view.scale > 1 ? 1 : 3, place(frame, event)));
  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held.set(event.pointerId, place(frame, event));
    if (view.scale > 1 || held.size > 1) frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const now = place(frame, event);
    const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
    held.set(event.pointerId, now);
    if (other) pinch(before, now, other);
    else if (view.scale > 1) pan(now.x - before.x, now.y - before.y);
  });
  for (const end of ["pointerup", "pointercancel"]) frame.addEventListener(end, (event) => held.delete(event.pointerId));
}

function pan(x, y) {
  view.x += x;
  view.y += y;
  draw();
}

function pinch(before, now, other) {
  const gap = (point) => Math.hypot(point.x - other.x, point.y - other.y);
  if (gap(before) > 0.01) zoomTo((view.scale * gap(now)) / gap(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
}

frames.forEach(follow);
addEventListener("resize", draw);

document.addEventListener("click", (event) => {
  const by = event.target.closest("[data-zoom-by]");
  if (by) zoomTo(view.scale * Number(by.dataset.zoomBy));
  if (event.target.closest("[data-zoom-reset]")) zoomTo(1);
});

const STEPS = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
stage?.addEventListener("keydown", (event) => {
  if (event.target !== stage || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "+" || event.key === "=") zoomTo(view.scale * 1.5);
  else if (event.key === "-") zoomTo(view.scale / 1.5);
  else if (event.key === "0") zoomTo(1);
  else if (view.scale > 1 && STEPS[event.key]) {
    event.preventDefault();
    pan(...STEPS[event.key]);
  }
});

// Two pictures over one another, the second one cut off where the slider stands.
const split = document.getElementById("split");
if (split) {
  const cut = () => stage.style.setProperty("--split", `${split.value}%`);
  split.addEventListener("input", cut);
  cut();
  document.getElementById("compare-way").addEventListener("change", (event) => {
    stage.classList.toggle("is-over", event.target.value === "over");
    if (event.target.value === "over") split.focus();
    draw();
  });
}

// All clips run together; they keep in step as the first one's loop begins anew.
const clips = [...(stage?.querySelectorAll("video") ?? [])];
const play = document.getElementById("play-all");
if (play) {
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
  for (const clip of clips) for (const change of ["play", "pause"]) clip.addEventListener(change, say);
  clips[0].addEventListener("seeked", () => {
    for (const clip of clips.slice(1)) {
      if (Math.abs(clip.currentTime - clips[0].currentTime) > 0.15 && clips[0].currentTime <= clip.duration) clip.currentTime = clips[0].currentTime;
    }
  });
}
