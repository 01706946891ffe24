// The filmstrip: the job that is shown stands in its middle.

export function centre() {
  const strip = document.getElementById("filmstrip");
  const here = strip?.querySelector("[aria-current]");
  if (here) strip.scrollLeft = here.offsetLeft + here.offsetWidth / 2 - strip.clientWidth / 2;
}
