/**
 * Keeps the files of one build, so that the app starts without a connection.
 *
 * Files with a hash in their name never change and come from the cache; the page itself is asked for first, so that a
 * new build shows at the next load. The server's interface is never kept. The app may lie below any prefix: several of
 * one origin leave each other's files alone.
 */
const BELOW = new URL(self.registration.scope).pathname;
const OWN = `pluriverse ${BELOW} `;
const NAME = OWN + __BUILD__;
const FILES = __FILES__;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const forget = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith(OWN) && name !== NAME).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(forget());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const isBelow = url.origin === self.location.origin && url.pathname.startsWith(BELOW);
  const isServers = /^(api|healthz|readyz|metrics)(\/|$)/.test(url.pathname.slice(BELOW.length));
  if (request.method !== 'GET' || !isBelow || isServers) return;
  if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(() => caches.match(new URL('./', self.registration.scope).href)));
    return;
  }
  event.respondWith(caches.match(request, { ignoreSearch: true }).then((kept) => kept ?? fetch(request)));
});
