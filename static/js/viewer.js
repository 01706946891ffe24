// The viewer: zoom by wheel, double-click and drag, and its keys (← → Esc D R F I).

const LIMIT = 8;

class Zoom {
  constructor(figure) {
    this.figure = figure;
    this.media = figure.querySelector(".stage-media");
    this.reset();
    figure.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    figure.addEventListener("dblclick", (event) => (this.scale > 1 ? this.reset() : this.to(2.5, event)));
    figure.addEventListener("pointerdown", (event) => this.grab(event));
    figure.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) figure.addEventListener(end, () => this.release());
  }

  reset() {
    this.scale = 1;
    this.x = this.y = 0;
    this.draw();
  }

  // Keeps the point under the pointer where it is.
  to(scale, event) {
    const next = Math.min(LIMIT, Math.max(1, scale));
    if (next === 1) return this.reset();
    const box = this.figure.getBoundingClientRect();
    const dx = event.clientX - (box.left + box.width / 2);
    const dy = event.clientY - (box.top + box.height / 2);
    this.x = dx - ((dx - this.x) * next) / this.scale;
    this.y = dy - ((dy - this.y) * next) / this.scale;
    this.scale = next;
    this.draw();
  }

  wheel(event) {
    event.preventDefault();
    this.to(this.scale * Math.exp(-event.deltaY / 400), event);
  }

  grab(event) {
    if (this.scale === 1 || event.button !== 0) return;
    this.held = { x: event.clientX - this.x, y: event.clientY - this.y };
    this.figure.setPointerCapture(event.pointerId);
    this.figure.classList.add("is-dragging");
  }

  drag(event) {
    if (!this.held) return;
    this.x = event.clientX - this.held.x;
    this.y = event.clientY - this.held.y;
    this.draw();
  }

  release() {
    this.held = null;
    this.figure.classList.remove("is-dragging");
  }

  draw() {
    this.media.style.transform = this.scale === 1 ? "" : `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    this.figure.classList.toggle("is-zoomed", this.scale > 1);
  }
}

const zooms = new WeakMap();
function findFigures() {
  for (const figure of document.querySelectorAll("[data-zoom]")) if (!zooms.has(figure)) zooms.set(figure, new Zoom(figure));
}
findFigures();
document.addEventListener("htmx:after:swap", findFigures);

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.querySelector(".stage").requestFullscreen?.();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, video, dialog[open]")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const zoomed = document.querySelector("[data-zoom].is-zoomed");
  if (key === "Escape" && zoomed) return zooms.get(zoomed).reset();
  if (key === "Escape" && document.fullscreenElement) return;
  if (key === "f") return fullScreen();
  if (key === "i") return document.querySelector(".main-viewer").classList.toggle("is-info-hidden");
  document.querySelector(`[data-key="${key}"]`)?.click();
});
