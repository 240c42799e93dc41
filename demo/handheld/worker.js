/**
 * Keeps the page on the device, for a stock room where the network ends at the door. What is kept is opened at once, also where the network
 * is slow; once the page is open it asks for all files anew, and they take the place of the old ones together or not at all, so that no
 * page is made of two versions. Facts and work are no concern of this file: `src/device.js` keeps them.
 */
const KEPT = "onhand-handheld";
const DATA = "data/store.json";
const FILES = [
  "./", "icon.svg", "styles/handheld.css", DATA,
  ...["barcode", "count", "device", "dom", "main", "onhand", "receive", "scan", "turned_away", "watch", "words"].map((name) => `src/${name}.js`),
  "/onhand/dist/floor_browser.js", "/onhand/dist/floor_bg.wasm",
];
/** How long the orders of today are waited for before those that are kept have to do. */
const WAIT_MS = 3_000;

const address = (file) => new URL(file, self.registration.scope).href;
const keep = async () => (await caches.open(KEPT)).addAll(FILES.map((file) => new Request(address(file), { cache: "no-cache" })));

self.addEventListener("install", (event) => event.waitUntil(keep()));

self.addEventListener("message", (event) => {
  // Without a network what is kept stays.
  if (event.data === "opened") event.waitUntil(keep().catch(() => {}));
});

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  if (method !== "GET" || new URL(url).origin !== self.location.origin) return;
  event.respondWith(url === address(DATA) ? newest(event.request) : kept(mode === "navigate" ? address("./") : event.request));
});

/** @param {Request | string} request */
async function kept(request) {
  return (await (await caches.open(KEPT)).match(request)) ?? fetch(request);
}

/** @param {Request} request */
async function newest(request) {
  try {
    const response = await fetch(request.url, { cache: "no-cache", signal: AbortSignal.timeout(WAIT_MS) });
    if (response.ok) return response;
  } catch {
    // No network, or none to speak of.
  }
  return kept(request);
}
