// @ts-check
// What the page shows: which layers in which order and how strongly, where the map stands, and the place that was asked for.
// The place stands in the query (`?here=LAT,LON`), so that the first answer of the server tells of it; the rest behind "#".

import { readView, writeView } from "../shared/permalink.js";

/** @typedef {import("./types.js").Published} Published */
/** @typedef {import("./types.js").PublishedLayer} PublishedLayer */
/** @typedef {import("./types.js").Position} Position */

const OUTLINE = "municipality";
const MOST_PLACES = 500;
const DIGITS = 6;

/** @param {PublishedLayer} layer */
export function holdsPlaces(layer) {
  return layer.geometry.includes("Point") && (layer.rows ?? 0) <= MOST_PLACES;
}

/** Events: "changed" whenever the address has to be written anew. */
export class View extends EventTarget {
  /** @param {Published} published */
  constructor(published) {
    super();
    const asked = readView(location.hash);
    const known = published.layers.map((layer) => layer.id);
    const listed = (asked.layers ?? []).filter((id) => known.includes(id));
    const usual = usualOrder(published);
    /** Ids of all layers, the topmost first. */
    this.order = [...listed, ...usual.filter((id) => !listed.includes(id))];
    this.shown = new Set(asked.layers === null ? usualLayers(published) : listed);
    this.opacities = asked.opacities;
    this.map = asked.map;
    this.parcels = asked.parcels;
    this.place = askedPlace();
    this.isUsual = asked.layers === null;
  }

  /**
   * @param {string} id
   * @param {boolean} isShown
   */
  show(id, isShown) {
    if (isShown) this.shown.add(id);
    else this.shown.delete(id);
    this.#changed(false);
  }

  /**
   * @param {string} id
   * @param {number} opacity 0 to 1
   */
  fade(id, opacity) {
    this.opacities = { ...this.opacities, [id]: opacity };
    this.#changed();
  }

  /**
   * Puts a layer one place higher or lower, past the next one of the list.
   * @param {string} id
   * @param {1 | -1} by -1 is up
   * @returns {number} its new place, from 0
   */
  move(id, by) {
    const from = this.order.indexOf(id);
    const to = Math.min(Math.max(from + by, 0), this.order.length - 1);
    this.order.splice(from, 1);
    this.order.splice(to, 0, id);
    this.#changed(false);
    return to;
  }

  /** @param {Position} place */
  choose(place) {
    this.place = place;
    this.#changed();
  }

  /** @param {{zoom: number, latitude: number, longitude: number}} map */
  look(map) {
    this.map = map;
    this.#changed();
  }

  #changed(isUsual = this.isUsual) {
    this.isUsual = isUsual;
    history.replaceState(null, "", this.address());
    this.dispatchEvent(new Event("changed"));
  }

  /** @returns {URL} of this view, in the language that it is read in */
  address() {
    const url = new URL(location.href);
    if (this.place) url.searchParams.set("here", `${this.place.lat.toFixed(DIGITS)},${this.place.lon.toFixed(DIGITS)}`);
    const layers = this.isUsual ? null : this.order.filter((id) => this.shown.has(id));
    url.hash = writeView({ map: this.map, layers, opacities: this.opacities, parcels: this.parcels });
    url.search = url.search.replace("%2C", ",");
    return url;
  }
}

/** @returns {Position | null} */
function askedPlace() {
  const [lat, lon] = (new URL(location.href).searchParams.get("here") ?? "").split(",").map(Number);
  if (lat === undefined || lon === undefined || !isFinite(lat) || !isFinite(lon)) return null;
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : null;
}

/**
 * What is looked for first is shown first: places, of which there are few enough to be told apart, and the areas of
 * danger, on roads and the town's outline.
 * @param {Published} published
 */
function usualLayers({ layers }) {
  const shown = layers.filter((layer) => holdsPlaces(layer) || layer.group === "災害" || layer.geometry.includes("Line") || layer.id === OUTLINE);
  return (shown.some(holdsPlaces) ? shown : layers).map((layer) => layer.id);
}

/**
 * Places on top, then what is dangerous, then the rest as it was published.
 * @param {Published} published
 */
function usualOrder({ layers }) {
  /** @param {PublishedLayer} layer */
  const rank = (layer) => (layer.group === "防災" ? 0 : layer.group === "災害" ? 1 : holdsPlaces(layer) ? 2 : 3);
  return [...layers].sort((one, other) => rank(one) - rank(other)).map((layer) => layer.id);
}
