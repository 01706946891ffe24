// Shows notices while no page of Studio is open, and opens what they are about. It keeps nothing and fetches nothing.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  const said = event.data ? event.data.json() : {};
  const options = { body: said.body, tag: said.tag, data: { url: said.url }, icon: "/static/icons/favicon.svg" };
  event.waitUntil(self.registration.showNotification(said.title || "Studio", options));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.url || "/", self.location.origin);
  if (url.origin === self.location.origin) event.waitUntil(show(url.href));
});

async function show(address) {
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = open.find((page) => page.url === address);
  return there ? there.focus() : self.clients.openWindow(address);
}
