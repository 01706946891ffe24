// A band that is drawn with the mouse over cards: what it touches is handed on while it grows.

const FAR = 6; // px until a press is a band
const EDGE = 48; // px from the window's edges where it scrolls

// The click that ends a band, or a long press, is none.
export function swallowClick() {
  const swallow = (click) => {
    click.preventDefault();
    click.stopImmediatePropagation();
  };
  addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }), 50);
}

export class Band {
  // `within()`: the element it may begin in, or null; `cards()`: those it may touch; `begin(adds)`: what is kept from
  // before, where Shift or Control is held; `over(covered, kept)` is told each time.
  constructor({ within, cards, begin, over }) {
    Object.assign(this, { within, cards, begin, over });
    document.addEventListener("pointerdown", (event) => this.press(event));
    document.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => this.end());
    document.addEventListener("dragstart", (event) => this.from && event.preventDefault());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.end());
  }

  press(event) {
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    if (!this.within()?.contains(event.target) || event.target.closest("button, input, label, form, video[controls]")) return;
    this.from = { x: event.pageX, y: event.pageY };
    this.adds = event.shiftKey || event.ctrlKey || event.metaKey;
  }

  move(event) {
    if (!this.from) return;
    this.pointer = { x: event.clientX, y: event.clientY };
    if (!this.drawn) {
      if (Math.hypot(event.pageX - this.from.x, event.pageY - this.from.y) < FAR) return;
      this.start();
    }
    event.preventDefault();
    this.draw();
  }

  start() {
    this.kept = this.begin(this.adds);
    this.places = this.cards().map((card) => [card, this.placeOf(card)]);
    this.drawn = document.createElement("div");
    this.drawn.className = "band";
    document.body.append(this.drawn);
    document.body.classList.add("is-banding");
    getSelection()?.removeAllRanges();
    this.scroll();
  }

  placeOf(card) {
    const { left, top, right, bottom } = card.getBoundingClientRect();
    return { left: left + scrollX, top: top + scrollY, right: right + scrollX, bottom: bottom + scrollY };
  }

  draw() {
    const x = this.pointer.x + scrollX;
    const y = this.pointer.y + scrollY;
    const [left, right] = [this.from.x, x].sort((a, b) => a - b);
    const [top, bottom] = [this.from.y, y].sort((a, b) => a - b);
    Object.assign(this.drawn.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    const touched = this.places.filter(([, at]) => at.left < right && at.right > left && at.top < bottom && at.bottom > top);
    this.over(new Set(touched.map(([card]) => card)), this.kept);
  }

  // Goes on while the pointer rests at the window's edge.
  scroll() {
    if (!this.drawn) return;
    const { y } = this.pointer;
    const by = y < EDGE ? y - EDGE : y > innerHeight - EDGE ? y - innerHeight + EDGE : 0;
    if (by) {
      scrollBy(0, by / 3);
      this.draw();
    }
    requestAnimationFrame(() => this.scroll());
  }

  end() {
    if (this.drawn) {
      this.drawn.remove();
      this.drawn = null;
      document.body.classList.remove("is-banding");
      swallowClick();
    }
    this.from = null;
  }
}
