// @ts-check
// Answers for the server where there is no network, out of what its reader has chosen to keep; else it passes everything on.
// A classic script: not every browser takes modules here. It exists only while a map is kept.

{
  const worker = /** @type {any} */ (self);
  worker.importScripts("./vendor/pmtiles/4.5.0/dist/pmtiles.js");
  const { PMTiles } = worker.pmtiles;

  const SHELF = "onomap-kept";
  const ASKED = "onomap-asked";
  const RECORD = "record";
  const MOST_ASKED = 20;
  const PATIENCE_MS = 8000;
  const TILE = /^tiles\/([a-z0-9_,]+)\/(\d+)\/(\d+)\/(\d+)(?:\.mvt|\.pbf)?$/;
  const ITEM = /^api\/collections\/([a-z0-9_]+)\/items(?:\/(\d+))?$/;
  const MVT = "application/vnd.mapbox-vector-tile";
  /** What a proxy says while the server behind it is away. */
  const AWAY = [502, 503, 504];
  /** Open files by the name of their cache and layer. @type {Map<string, any>} */
  const open = new Map();

  worker.addEventListener("install", () => worker.skipWaiting());
  worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));
  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const path = ownPath(event.request);
    if (path !== null) event.respondWith(answer(event.request, path));
  });

  /**
   * The path below the page, or null for what is not ours to answer.
   * @param {Request} request
   */
  function ownPath(request) {
    const base = new URL("./", worker.location.href);
    const { origin, pathname } = new URL(request.url);
    if (request.method !== "GET" || origin !== base.origin || !pathname.startsWith(base.pathname)) return null;
    if (request.headers.has("x-onomap-keep")) return null;
    const path = pathname.slice(base.pathname.length);
    // whole files of tiles are only asked for to be kept, and this is how the page finds out whether there is a network
    return path.endsWith(".pmtiles") || path === "healthz" || path === "offline.json" ? null : path;
  }

  /**
   * The network first, so that nobody online sees what is old; files whose address names their version need not be asked for.
   * @param {Request} request
   * @param {string} path
   */
  async function answer(request, path) {
    const record = await kept();
    if (!record) return fetch(request);
    if (path.startsWith("vendor/")) return (await fromShelf(record, path)) ?? fetch(request);
    try {
      const response = await inTime(request);
      if (!AWAY.includes(response.status)) {
        if (response.ok && isAnswer(request, path)) await remember(request, response.clone());
        return response;
      }
      return (await instead(record, request, path)) ?? response;
    } catch (error) {
      return (await instead(record, request, path)) ?? unavailable(record, error);
    }
  }

  /** Pages must not wait for ever for a network that barely works. @param {Request} request */
  function inTime(request) {
    if (request.mode !== "navigate") return fetch(request);
    return Promise.race([fetch(request), new Promise((_, refuse) => setTimeout(() => refuse(new Error("no answer in time")), PATIENCE_MS))]);
  }

  /** What is kept, as the page wrote it down when all of it was there. */
  async function kept() {
    const record = await caches.match(new URL(RECORD, worker.location.href).href, { cacheName: SHELF });
    return record ? record.json() : null;
  }

  /**
   * @param {any} record
   * @param {string} path
   * @returns {Promise<Response | undefined>}
   */
  async function fromShelf(record, path) {
    const cache = await caches.open(record.cache);
    return cache.match(new URL(path, new URL("./", worker.location.href)).href, { ignoreVary: true });
  }

  /**
   * The answer that stands in for the server's.
   * @param {any} record
   * @param {Request} request
   * @param {string} path
   * @returns {Promise<Response | undefined>}
   */
  async function instead(record, request, path) {
    const tile = TILE.exec(path);
    if (tile) return tileOf(record, /** @type {string} */ (tile[1]).split(","), [Number(tile[2]), Number(tile[3]), Number(tile[4])]);
    const asked = await caches.open(ASKED);
    const before = await asked.match(question(request.url), { ignoreVary: true });
    if (before) return before;
    if (request.mode === "navigate") return path === "" ? fromShelf(record, `./?lang=${record.language}`) : undefined;
    if (path === "search") return found(record, new URL(request.url).searchParams.get("q") ?? "");
    const item = ITEM.exec(path);
    if (item) return itemsOf(record, /** @type {string} */ (item[1]), item[2]);
    return fromShelf(record, path);
  }

  /** Answers about a place, which are kept as they were told. @param {Request} request @param {string} path */
  function isAnswer(request, path) {
    return path === "here" || path === "land" || (path === "" && new URL(request.url).searchParams.has("here"));
  }

  /** @param {Request} request @param {Response} response */
  async function remember(request, response) {
    const asked = await caches.open(ASKED);
    const key = question(request.url);
    await asked.delete(key, { ignoreVary: true });
    await asked.put(key, response);
    const known = await asked.keys();
    for (const oldest of known.slice(0, Math.max(0, known.length - MOST_ASKED))) await asked.delete(oldest);
  }

  /** One address for one question: a metre more or less is the same place. @param {string} address */
  function question(address) {
    const url = new URL(address);
    const parts = [...url.searchParams].map(([name, value]) => [name, value.split(",").map(rounded).join(",")]);
    url.search = String(new URLSearchParams(parts.sort()));
    url.hash = "";
    return url.href;
  }

  /** @param {string} text */
  function rounded(text) {
    return /^-?\d+\.\d+$/.test(text) ? Number(text).toFixed(5) : text;
  }

  /** A part of a kept file at a time, as a reader of PMTiles asks for it. */
  class KeptSource {
    /** @param {string} name @param {Blob} blob */
    constructor(name, blob) {
      this.name = name;
      this.blob = blob;
    }

    getKey() {
      return this.name;
    }

    /** @param {number} offset @param {number} length */
    async getBytes(offset, length) {
      return { data: await this.blob.slice(offset, offset + length).arrayBuffer() };
    }
  }

  /** @param {any} record @param {string} layer */
  async function archive(record, layer) {
    const key = `${record.cache}/${layer}`;
    const known = open.get(key);
    if (known) return known;
    const response = await fromShelf(record, `tiles/${layer}.pmtiles`);
    if (!response) return null;
    const file = new PMTiles(new KeptSource(key, await response.blob()));
    open.set(key, file);
    return file;
  }

  /**
   * Layers of a tile one after the other are a tile: `layers` is a repeated field of the format.
   * @param {any} record
   * @param {string[]} layers
   * @param {[number, number, number]} place
   */
  async function tileOf(record, layers, [z, x, y]) {
    const files = await Promise.all(layers.map((layer) => archive(record, layer)));
    const parts = await Promise.all(files.filter(Boolean).map((file) => file.getZxy(z, x, y)));
    const contents = parts.filter(Boolean).map(({ data }) => data);
    if (!contents.length) return new Response(null, { status: 204, headers: told(record) });
    return new Response(new Blob(contents), { headers: { ...told(record), "Content-Type": MVT } });
  }

  /** @param {any} record */
  async function names(record) {
    const response = await fromShelf(record, "offline/places.json");
    return response ? response.json() : { places: [], sites: {} };
  }

  /** What `/search` answers, out of the kept names. @param {any} record @param {string} text */
  async function found(record, text) {
    const wanted = folded(text);
    const { places } = await names(record);
    const hits = places.filter((/** @type {any} */ place) => wanted && place.folded.some((/** @type {string} */ name) => name.includes(wanted)));
    hits.sort((/** @type {any} */ one, /** @type {any} */ other) => Number(other.folded[0].startsWith(wanted)) - Number(one.folded[0].startsWith(wanted)) || one.name.length - other.name.length);
    return json(record, { places: hits.slice(0, 30), parcels: [], oaza: [], near: [] });
  }

  /** As the server folds a name: width, kana script, small kana, blanks and dashes do not matter. @param {string} text */
  function folded(text) {
    const plain = text.normalize("NFKC").replace(/[\s‐‑‒–—―−─━ー\-・.,、。'’]+/g, "");
    const hiragana = plain.replace(/[ァ-ヶ]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0x60));
    const [small, large] = ["ぁぃぅぇぉっゃゅょゎゕゖゔゐゑをづぢ", "あいうえおつやゆよわかけぶいえおずじ"];
    return [...hiragana].map((letter) => large[small.indexOf(letter)] ?? letter).join("").toLowerCase();
  }

  /** The sites of a layer, which are kept with all that is public of them. @param {any} record @param {string} layer @param {string | undefined} id */
  async function itemsOf(record, layer, id) {
    const features = (await names(record)).sites[layer];
    if (!features) return undefined;
    if (id === undefined) return json(record, { type: "FeatureCollection", features, numberReturned: features.length, numberMatched: features.length });
    const one = features.find((/** @type {any} */ feature) => feature.id === Number(id));
    return one ? json(record, one) : undefined;
  }

  /** @param {any} record */
  function told(record) {
    return { "X-Onomap-Kept": String(record.kept_at), "Cache-Control": "no-store" };
  }

  /** @param {any} record @param {unknown} body */
  function json(record, body) {
    return new Response(JSON.stringify(body), { headers: { ...told(record), "Content-Type": "application/json" } });
  }

  /** What is not kept is told as a problem, in the words that were kept with the map. @param {any} record @param {unknown} _ */
  function unavailable(record, _) {
    const body = { type: "about:blank", title: record.words.title, status: 503, detail: record.words.detail };
    return new Response(JSON.stringify(body), { status: 503, headers: { ...told(record), "Content-Type": "application/problem+json" } });
  }
}
