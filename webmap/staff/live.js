// @ts-check
// Keeps the open map true: what somebody changes is drawn anew where it lies, and nowhere else.

import { element } from "../shared/dom.js";
import { draws } from "../shared/tiles.js";
import { townLayer } from "../shared/style.js";

/** @typedef {import("../shared/tiles.js").Box} Box */
/** @typedef {import("../shared/changes.js").Change} Change */
/** A changed place, and the tiles that were fetched again since. @typedef {{box: Box, done: Set<string>}} Place */

/** Changed places that a source remembers before all of it is fetched again. */
const MOST_PLACES = 200;
/** A stream that comes back within this time was not worth a word. */
const SILENCE_MS = 2_500;

/**
 * @param {import("../shared/changes.js").Changes} changes
 * @param {import("./map.js").StaffMap} map
 * @param {HTMLElement} bar where a lost connection is told
 * @returns {LiveMap}
 */
export function startLive(changes, map, bar) {
  const live = new LiveMap(map);
  const started = changes.last !== "";
  map.gl.setTransformRequest((url, type) => ({ url, headers: type === "Tile" ? changes.afterHeaders : {} }));
  changes.addEventListener("changed", (event) => live.change(/** @type {CustomEvent<Change>} */ (event).detail));
  changes.addEventListener("reset", () => live.refreshAll());
  // tiles that were asked for before the stream was heard may already be old
  if (!started) changes.addEventListener("ready", () => live.refreshAll(), { once: true });
  tellLoss(changes, bar);
  return live;
}

/** The sources of one map, and which of their tiles may be old. */
class LiveMap {
  /** @param {import("./map.js").StaffMap} map */
  constructor(map) {
    this.map = map;
    /** @type {Map<string, Place[]>} */
    this.places = new Map();
    // tiles that were out of sight or under way when the change came
    map.addEventListener("idle", () => this.#catchUp());
  }

  /** @param {Change} change */
  change({ layer, boxes }) {
    for (const source of this.#sourcesOf(layer)) {
      const places = this.places.get(source) ?? [];
      if (!boxes || places.length + boxes.length > MOST_PLACES) {
        this.#refresh(source);
        continue;
      }
      places.push(...boxes.map((box) => ({ box, done: /** @type {Set<string>} */ (new Set()) })));
      this.places.set(source, places);
    }
    this.#catchUp();
  }

  refreshAll() {
    const sources = this.map.style.layers.flatMap((layer) => ("source" in layer ? [String(layer.source)] : []));
    for (const source of new Set(sources)) this.#refresh(source);
  }

  /** @param {string} source fetched again as a whole; what is kept out of sight is dropped */
  #refresh(source) {
    this.places.delete(source);
    if (this.map.gl.getSource(source)) this.map.gl.refreshTiles(source);
  }

  /** Fetches the tiles in sight that a changed place lies in and that were not fetched since. */
  #catchUp() {
    for (const [source, places] of this.places) this.#refreshPlaces(source, places);
  }

  /**
   * @param {string} source
   * @param {Place[]} places
   */
  #refreshPlaces(source, places) {
    const gl = this.map.gl;
    // a tile under way may bring what was there before, and one that is yet to be shown cannot be asked for again
    const settled = gl.loaded() && !gl.isMoving();
    const old = this.#tilesInSight(source).filter((tile) => {
      const key = `${tile.z}/${tile.x}/${tile.y}`;
      const due = places.filter((place) => !place.done.has(key) && draws(tile, place.box));
      if (settled) for (const place of due) place.done.add(key);
      return due.length > 0;
    });
    if (old.length) gl.refreshTiles(source, old);
  }

  /**
   * The tiles that a source shows now; none while every layer that draws it is off.
   * @param {string} source
   */
  #tilesInSight(source) {
    const gl = this.map.gl;
    const of = /** @type {import("maplibre-gl").VectorTileSource | undefined} */ (gl.getSource(source));
    if (!of || !this.#isDrawn(source)) return [];
    const { tileSize, minzoom, maxzoom } = of;
    return gl.coveringTiles({ tileSize, minzoom, maxzoom }).map((tile) => tile.canonical);
  }

  /** @param {string} source */
  #isDrawn(source) {
    const zoom = this.map.gl.getZoom();
    return this.map.style.layers.some((layer) => {
      if (!("source" in layer) || layer.source !== source) return false;
      const visible = this.map.gl.getLayoutProperty(layer.id, "visibility") !== "none";
      return visible && zoom >= (layer.minzoom ?? 0) && zoom < (layer.maxzoom ?? Infinity);
    });
  }

  /** @param {string} layer of the town */
  #sourcesOf(layer) {
    const drawn = this.map.style.layers.filter((entry) => "source" in entry && townLayer(entry) === layer);
    return new Set(drawn.map((entry) => ("source" in entry ? String(entry.source) : "")));
  }
}

/**
 * @param {import("../shared/changes.js").Changes} changes
 * @param {HTMLElement} bar
 */
function tellLoss(changes, bar) {
  const word = element("span", { class: "lost", role: "status" });
  bar.prepend(word);
  let waiting = 0;
  changes.addEventListener("lost", () => {
    waiting ||= window.setTimeout(() => (word.textContent = "更新の受信が途切れています。つなぎ直しています…"), SILENCE_MS);
  });
  changes.addEventListener("ready", () => {
    clearTimeout(waiting);
    waiting = 0;
    word.textContent = "";
  });
}
