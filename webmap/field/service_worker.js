// @ts-check
// Gives the field page where there is no network, out of the files that the page has kept; everything else it lets pass.
// A classic script: not every browser takes modules here. Nothing of anybody is in it: records and ground are the page's own.

{
  const worker = /** @type {any} */ (self);
  const SHELF = "onomap-field-shelf";
  const PATIENCE_MS = 4000;
  const AWAY = [502, 503, 504];
  /** Pages that were given out of what is kept: all their files come from there, of one version. @type {Set<string>} */
  const away = new Set();
  const base = new URL("../", worker.location.href);

  worker.addEventListener("install", () => worker.skipWaiting());
  worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));
  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const path = ownPath(event.request);
    if (path !== null) event.respondWith(path === "field" ? page(event) : file(event, path));
  });

  /** @param {Request} request */
  function ownPath(request) {
    const { origin, pathname } = new URL(request.url);
    if (request.method !== "GET" || origin !== base.origin || request.cache === "no-store") return null;
    const path = pathname.slice(base.pathname.length);
    if (path === "field") return request.mode === "navigate" ? path : null;
    return /^(field|shared)\/[a-z_]+\.(js|css|svg)$/.test(path) && path !== "field/worker.js" ? path : null;
  }

  /** The page: the network first, for as long as one may stand in a field and wait. @param {any} event */
  async function page(event) {
    try {
      const response = await Promise.race([fetch(event.request), new Promise((_, refuse) => setTimeout(() => refuse(new Error("no answer in time")), PATIENCE_MS))]);
      if (!AWAY.includes(response.status)) return response;
      return (await kept(event, "field")) ?? response;
    } catch (error) {
      const found = await kept(event, "field");
      if (!found) throw error;
      return found;
    }
  }

  /** @param {any} event @param {string} path */
  async function file(event, path) {
    if (away.has(event.clientId)) {
      const found = await kept(event, path);
      if (found) return found;
    }
    try {
      const response = await fetch(event.request);
      return AWAY.includes(response.status) ? ((await kept(event, path)) ?? response) : response;
    } catch (error) {
      const found = await kept(event, path);
      if (!found) throw error;
      return found;
    }
  }

  /** @param {any} event @param {string} path @returns {Promise<Response | undefined>} */
  async function kept(event, path) {
    const record = await caches.match(new URL("record", base).href, { cacheName: SHELF });
    if (!record) return undefined;
    const { cache } = await record.json();
    if (path === "field" && event.resultingClientId) away.add(event.resultingClientId);
    return (await caches.open(cache)).match(new URL(path, base).href, { ignoreVary: true });
  }
}
