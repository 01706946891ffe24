// Zoom of pictures by wheel, pinch, double-click and drag: of one frame, or of several that show the same place.

const LIMIT = 16;

export class Zoom {
  // `frames`: what cuts the pictures off; `picture`: a selector for what is moved in each; `changed` is told of each view.
  constructor(frames, picture, changed = () => {}) {
    Object.assign(this, { frames, picture, changed, scale: 1, x: 0, y: 0 });
    for (const frame of frames) this.#follow(frame);
    new ResizeObserver(() => this.draw()).observe(frames[0]);
  }

  // What is shown: the scale, and where the middle of the frame lies in the picture, as shares of the frame. So the same
  // place of each picture is seen, however large its frame is.
  draw() {
    const reach = (this.scale - 1) / 2;
    this.x = Math.min(reach, Math.max(-reach, this.x));
    this.y = Math.min(reach, Math.max(-reach, this.y));
    for (const frame of this.frames) {
      const media = frame.querySelector(this.picture);
      if (!media) continue;
      media.style.transform =
        this.scale === 1 ? "" : `translate(${this.x * frame.clientWidth}px, ${this.y * frame.clientHeight}px) scale(${this.scale})`;
      frame.classList.toggle("is-zoomed", this.scale > 1);
    }
    this.changed(this);
  }

  get isZoomed() {
    return this.scale > 1;
  }

  // How many pixels of the screen one pixel of the first picture takes; null before it is there.
  get share() {
    const media = this.frames[0].querySelector(this.picture);
    if (!media?.naturalWidth || !media.clientWidth) return null;
    return (this.scale * media.clientWidth * devicePixelRatio) / media.naturalWidth;
  }

  actual() {
    if (this.share) this.to(this.scale / this.share);
  }

  // Keeps the point `at` (shares of the frame from its middle) where it is.
  to(scale, at = { x: 0, y: 0 }) {
    const next = Math.min(LIMIT, Math.max(1, scale));
    this.x = at.x - ((at.x - this.x) * next) / this.scale;
    this.y = at.y - ((at.y - this.y) * next) / this.scale;
    this.scale = next;
    this.draw();
  }

  by(factor) {
    this.to(this.scale * factor);
  }

  pan(x, y) {
    this.x += x;
    this.y += y;
    this.draw();
  }

  // Keys that every page with a zoom has; true where it was one of them.
  key(key) {
    const steps = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
    if (key === "+" || key === "=") this.by(1.5);
    else if (key === "-") this.by(1 / 1.5);
    else if (key === "z") this.actual();
    else if (key === "0" && this.isZoomed) this.to(1);
    else if (this.isZoomed && steps[key]) this.pan(...steps[key]);
    else return false;
    return true;
  }

  #follow(frame) {
    const held = new Map();
    frame.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.to(this.scale * Math.exp(-event.deltaY / 400), place(frame, event));
    }, { passive: false });
    frame.addEventListener("dblclick", (event) => this.to(this.isZoomed ? 1 : 3, place(frame, event)));
    frame.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      held.set(event.pointerId, place(frame, event));
      if (this.isZoomed || held.size > 1) frame.setPointerCapture(event.pointerId);
    });
    frame.addEventListener("pointermove", (event) => {
      const before = held.get(event.pointerId);
      if (!before) return;
      const now = place(frame, event);
      const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
      held.set(event.pointerId, now);
      if (other) this.#pinch(before, now, other);
      else if (this.isZoomed) this.pan(now.x - before.x, now.y - before.y);
      frame.classList.toggle("is-dragging", this.isZoomed);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      frame.addEventListener(end, (event) => {
        held.delete(event.pointerId);
        frame.classList.remove("is-dragging");
      });
    }
  }

  #pinch(before, now, other) {
    const gap = (point) => Math.hypot(point.x - other.x, point.y - other.y);
    if (gap(before) > 0.01) this.to((this.scale * gap(now)) / gap(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
  }
}

function place(frame, event) {
  const box = frame.getBoundingClientRect();
  return { x: (event.clientX - box.left) / box.width - 0.5, y: (event.clientY - box.top) / box.height - 0.5 };
}
