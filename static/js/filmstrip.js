// The filmstrip: the job that is shown stands in its middle when it comes; then it stays where one has moved it.

let shown = null;

export function centre() {
  const strip = document.getElementById("filmstrip");
  const here = strip?.querySelector("[aria-current]");
  if (here && strip !== shown) strip.scrollLeft = here.offsetLeft + here.offsetWidth / 2 - strip.clientWidth / 2;
  shown = strip;
}
