// The address of a new link: copied, or handed to the system's share sheet where there is one.

const address = document.getElementById("address");
const copy = document.querySelector("[data-copy-address]");
const share = document.querySelector("[data-share-address]");

function copied() {
  const words = copy.querySelector("span");
  words.textContent = "Copied";
  setTimeout(() => (words.textContent = "Copy"), 2000);
}

copy.hidden = false;
copy.addEventListener("click", async () => {
  address.select();
  try {
    await navigator.clipboard.writeText(address.value);
    copied();
  } catch {
    if (document.execCommand("copy")) copied(); // over plain http there is no clipboard for pages
  }
});

if (navigator.share) {
  share.hidden = false;
  share.addEventListener("click", () => {
    navigator.share({ title: share.dataset.shareAddress, url: address.value }).catch(() => {}); // closed without sharing
  });
}
address.select();
