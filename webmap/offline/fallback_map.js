// @ts-check
// The map for a browser without WebGL2: pictures that the server draws, in Leaflet, with what PublicMap offers.

import { element } from "../shared/dom.js";
import { address, get } from "../shared/server.js";
import { t } from "../shared/words.js";

/** @typedef {import("../public/types.js").Published} Published */
/** @typedef {import("./types.js").Leaflet} Leaflet */
/** @typedef {import("./types.js").PickedFeature} PickedFeature */

const VERSION = "1.9.4";
const MARGIN_DEGREES = 0.15;
const MAX_ZOOM = 19;
const CLOSE_ZOOM = 16;
const REACH_PX = 6;
const MOST_OF_A_LAYER = 4;
const TILES_AT_ONCE = "drawn/{z}/{x}/{y}.png";

/**
 * Starts the map in an element; its style sheet and Leaflet are asked for only now.
 * @param {HTMLElement} container
 * @param {Published} published
 * @param {Set<string>} shown
 */
export async function startFallbackMap(container, published, shown) {
  await Promise.all([styled(`vendor/leaflet/${VERSION}/dist/leaflet.css`), styled("offline/fallback_map.css")]);
  await import(address(`vendor/leaflet/${VERSION}/dist/leaflet.js`).href);
  const leaflet = /** @type {Leaflet} */ (/** @type {any} */ (window).L);
  return new FallbackMap(leaflet, container, published, shown);
}

/** Events: "pick" (detail: {lon, lat, features}), "moveend". */
export class FallbackMap extends EventTarget {
  /**
   * @param {Leaflet} leaflet
   * @param {HTMLElement} container
   * @param {Published} published
   * @param {Set<string>} shown
   */
  constructor(leaflet, container, published, shown) {
    super();
    this.leaflet = leaflet;
    this.published = published;
    this.container = container;
    this.shown = new Set(shown);
    /** @type {Map<string, number>} */
    this.opacities = new Map();
    /** Pictures by the layers that are on them, joined by commas. @type {Map<string, any>} */
    this.pictures = new Map();
    /** @type {any[]} */
    this.marks = [];
    /** @type {any} */
    this.ring = null;
    container.classList.add("fallback-map");
    const [west, south, east, north] = published.municipality.bbox;
    this.map = leaflet.map(container, {
      zoomControl: false,
      attributionControl: false,
      maxZoom: MAX_ZOOM,
      maxBounds: [[south - MARGIN_DEGREES, west - 2 * MARGIN_DEGREES], [north + MARGIN_DEGREES, east + 2 * MARGIN_DEGREES]],
      ...(matchMedia("(prefers-reduced-motion: reduce)").matches ? { zoomAnimation: false, fadeAnimation: false, inertia: false } : {}),
    });
    this.map.fitBounds([[south, west], [north, east]]);
    this.#furnish();
    this.#redraw();
    this.#listen();
  }

  /** True, so that a page can tell which of the two maps it has. */
  get isFallback() {
    return true;
  }

  #furnish() {
    this.leaflet.control.zoom({ position: "topright", zoomInTitle: t("map_zoom_in"), zoomOutTitle: t("map_zoom_out"), zoomInText: "＋", zoomOutText: "－" }).addTo(this.map);
    this.leaflet.control.scale({ imperial: false, maxWidth: 120 }).addTo(this.map);
    this.container.setAttribute("role", "application");
    this.container.setAttribute("aria-label", t("map_title"));
    this.container.append(element("p", { class: "fallback-note" }, t("map_drawn_by_server")), this.#sources());
  }

  /** Sources of many layers would cover the map: they stay behind their button. */
  #sources() {
    const lines = [...new Set(this.published.layers.map((layer) => layer.attribution))].map((line) => element("li", {}, line));
    const box = element("details", { class: "fallback-sources" }, element("summary", {}, t("map_sources")), element("ul", {}, ...lines));
    // the map must not take the keys and clicks that are meant for the list
    this.leaflet.DomEvent.disableClickPropagation(box);
    this.leaflet.DomEvent.disableScrollPropagation(box);
    return box;
  }

  #listen() {
    this.map.on("click", (/** @type {any} */ event) => this.#pick(event.latlng));
    this.map.on("moveend", () => this.dispatchEvent(new Event("moveend")));
    this.container.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === this.container) this.#pick(this.map.getCenter());
    });
  }

  /**
   * Layers of full strength share their pictures; each other layer has its own.
   * @returns {string[]}
   */
  #groups() {
    const on = this.published.layers.map((layer) => layer.id).filter((id) => this.shown.has(id));
    const strong = on.filter((id) => (this.opacities.get(id) ?? 1) === 1);
    const weak = on.filter((id) => !strong.includes(id));
    return [strong.join(","), ...weak].filter(Boolean);
  }

  #redraw() {
    const wanted = this.#groups();
    for (const [names, picture] of this.pictures) {
      if (wanted.includes(names)) continue;
      picture.remove();
      this.pictures.delete(names);
    }
    for (const names of wanted) {
      const opacity = names.includes(",") ? 1 : (this.opacities.get(names) ?? 1);
      const known = this.pictures.get(names);
      if (known) known.setOpacity(opacity);
      else this.pictures.set(names, this.#picture(names, opacity).addTo(this.map));
    }
  }

  /**
   * @param {string} names
   * @param {number} opacity
   */
  #picture(names, opacity) {
    const url = address(TILES_AT_ONCE, { layers: names, scale: devicePixelRatio > 1 ? "2" : "1" }).href;
    const edition = this.published.edition.number;
    // braces are written as %7B by URL; Leaflet fills them in
    const template = decodeURI(url).replaceAll("%2C", ",");
    const isArea = this.published.layers.find((layer) => layer.id === names)?.geometry.includes("Polygon");
    return this.leaflet.tileLayer(`${template}&edition=${edition}`, { opacity, maxZoom: MAX_ZOOM, zIndex: isArea ? 1 : 2, alt: "" });
  }

  /** @param {{lat: number, lng: number}} at */
  async #pick({ lat, lng }) {
    const here = this.map.latLngToContainerPoint([lat, lng]);
    const corner = this.map.containerPointToLatLng(here.add([REACH_PX, -REACH_PX]));
    const reach = [corner.lng - lng, corner.lat - lat].map(Math.abs);
    const [x, y] = [reach[0] ?? 0, reach[1] ?? 0];
    const bbox = [lng - x, lat - y, lng + x, lat + y].join(",");
    const layers = this.published.layers.filter((layer) => this.shown.has(layer.id) && this.map.getZoom() >= layer.first_zoom);
    const found = await Promise.all(layers.map((layer) => featuresIn(layer.id, bbox)));
    this.dispatchEvent(new CustomEvent("pick", { detail: { lon: lng, lat, features: found.flat() } }));
  }

  /**
   * @param {string} id of a layer
   * @param {boolean} isShown
   */
  show(id, isShown) {
    if (isShown) this.shown.add(id);
    else this.shown.delete(id);
    this.#redraw();
  }

  /**
   * @param {string} id of a layer
   * @param {number} opacity 0 to 1
   */
  setOpacity(id, opacity) {
    this.opacities.set(id, opacity);
    this.#redraw();
  }

  /**
   * Goes to a position and marks it.
   * @param {[number, number]} position
   * @param {string} name read out with the mark
   */
  goTo(position, name) {
    for (const mark of this.marks) mark.remove();
    this.marks = [this.#mark(position, name)];
    this.flyTo(position);
  }

  /** The same under the name that the page of a place uses. @param {[number, number]} position @param {string} name */
  showPlace(position, name) {
    this.goTo(position, name);
  }

  /**
   * Goes to a position, near enough to know a house.
   * @param {[number, number]} position
   * @param {number} [zoom]
   */
  flyTo([lon, lat], zoom = Math.max(this.map.getZoom(), CLOSE_ZOOM)) {
    this.map.setView([lat, lon], zoom, { animate: false });
  }

  /**
   * The reader's own position with the circle in which it lies; null takes it away.
   * @param {[number, number] | null} position
   * @param {number} [accuracyM]
   */
  showPosition(position, accuracyM = 0) {
    this.ring?.remove();
    this.ring = null;
    if (!position) return;
    const at = [position[1], position[0]];
    const circle = this.leaflet.circle(at, { radius: accuracyM, color: "#0b3fa8", weight: 2, fillOpacity: 0.15, interactive: false });
    const dot = this.leaflet.circleMarker(at, { radius: 7, color: "#ffffff", weight: 3, fillColor: "#0b3fa8", fillOpacity: 1, interactive: false });
    this.ring = this.leaflet.layerGroup([circle, dot]).addTo(this.map);
  }

  /**
   * @param {[number, number]} position
   * @param {string} name
   */
  #mark([lon, lat], name) {
    const icon = this.leaflet.divIcon({ className: "fallback-mark", iconSize: [28, 28], iconAnchor: [14, 28], html: "" });
    const mark = this.leaflet.marker([lat, lon], { icon, alt: name, title: name, keyboard: false }).addTo(this.map);
    const node = mark.getElement();
    node?.setAttribute("role", "img");
    node?.setAttribute("aria-label", name);
    return mark;
  }

  /** Takes the map out of the page. */
  remove() {
    this.map.remove();
  }
}

/**
 * What lies in a box, in the form that a vector tile would give it.
 * @param {string} id of a layer
 * @param {string} bbox
 * @returns {Promise<PickedFeature[]>}
 */
async function featuresIn(id, bbox) {
  const { features } = await get(`api/collections/${id}/items`, { f: "json", bbox, limit: String(MOST_OF_A_LAYER) });
  return features.map((/** @type {any} */ feature) => ({ sourceLayer: id, id: feature.id, properties: feature.properties, geometry: feature.geometry }));
}

/** Adds a style sheet and waits for it. @param {string} path */
function styled(path) {
  const { href } = address(path);
  if (document.querySelector(`link[href="${CSS.escape(href)}"]`)) return Promise.resolve();
  return new Promise((resolve) => {
    document.head.append(element("link", { rel: "stylesheet", href, onload: resolve, onerror: resolve }));
  });
}
