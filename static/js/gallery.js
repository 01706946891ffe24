// The gallery: how large its cards are, which this browser remembers, and months that fit the search one is at.

const density = document.querySelector("[data-density]");
const results = () => document.getElementById("grid");
const SIZES = ["small", "medium", "large"];

density.hidden = false;
density.addEventListener("change", (event) => {
  event.stopPropagation(); // it stands among the filters, and filters nothing
  const size = event.target.value;
  document.cookie = `density=${size}; path=/; max-age=31536000; samesite=lax`;
  for (const other of SIZES) results()?.classList.toggle(`is-${other}`, other === size);
});

// The months are links into the search as it was when they were asked for: another search closes them.
const timeline = document.querySelector(".timeline");
document.querySelector(".gallery-tools").addEventListener("htmx:after:request", (event) => {
  if (timeline.contains(event.target)) return;
  timeline.open = false;
});
