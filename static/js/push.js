// Lets this browser in, or out: asks it for leave, and hands its address to Studio by the page's own form.

const form = document.getElementById("browser-add");
const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window && window.isSecureContext;

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function say(name) {
  for (const line of document.querySelectorAll("[data-push-says]")) line.hidden = line.dataset.pushSays !== name;
}

async function subscribe() {
  if ((await Notification.requestPermission()) !== "granted") return say("denied");
  const registration = await navigator.serviceWorker.register("/sw.js");
  await navigator.serviceWorker.ready;
  const applicationServerKey = bytes(form.dataset.key);
  const options = { userVisibleOnly: true, applicationServerKey };
  await (await registration.pushManager.getSubscription())?.unsubscribe(); // it may be of an earlier key
  const given = await registration.pushManager.subscribe(options);
  form.elements.endpoint.value = given.endpoint;
  form.elements.p256dh.value = text(given.getKey("p256dh"));
  form.elements.auth.value = text(given.getKey("auth"));
  form.submit();
}

async function mark() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  const mine = await registration?.pushManager.getSubscription();
  for (const row of document.querySelectorAll("[data-endpoint]")) {
    const isThis = row.dataset.endpoint === mine?.endpoint;
    row.querySelector("[data-this]").hidden = !isThis;
    if (isThis) row.querySelector("form").addEventListener("submit", () => mine.unsubscribe());
  }
}

if (!can) {
  say("cannot");
} else {
  say("");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    subscribe().catch(() => say("failed"));
  });
  mark();
}
