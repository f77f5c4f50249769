// The service worker: keeps one whole version of the page, takes nothing personal, never answers for the server.
const VERSION = "{{ version }}", KEPT = "songhe-field-" + VERSION;
const FILES = [{% for file in files %}"{{ file }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const SHELL = FILES[0];
const KIND = { js: "javascript", css: "css", svg: "svg", json: "json" };

async function fetched(file) { // a captive portal answers everything with its own page: that must not be kept
  const answer = await fetch(file, { cache: "no-store", redirect: "error" });
  const type = answer.headers.get("content-type") || "", wanted = file === SHELL ? "html" : KIND[file.split(".").pop()];
  const ours = file !== SHELL || answer.headers.get("x-songhe-field") === VERSION;
  if (!answer.ok || !type.includes(wanted) || !ours) throw new Error("not ours: " + file);
  return answer;
}
self.addEventListener("install", (event) => event.waitUntil((async () => {
  const answers = await Promise.all(FILES.map(fetched));
  const cache = await caches.open(KEPT);
  await Promise.all(FILES.map((file, at) => cache.put(file, answers[at])));
  await self.skipWaiting();
})()));
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("songhe-field-") && name !== KEPT) await caches.delete(name);
  await self.clients.claim();
})()));
self.addEventListener("message", (event) => { if (event.data === "claim") event.waitUntil(self.clients.claim()); });
self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const name = request.mode === "navigate" && url.pathname === SHELL ? SHELL : url.pathname;
  if (!FILES.includes(name)) return;
  event.respondWith(caches.open(KEPT).then((cache) => cache.match(name)).then((kept) => kept || fetch(request)));
});
