// @ts-check
// Maps of fields and of base stations: the town's roads and farmland below, what the page is about on top.

import { AttributionControl, Map as GlMap, NavigationControl, ScaleControl } from "maplibre-gl";
import { MAP_WORDS } from "../shared/map_words.js";
import { patternImage } from "../shared/patterns.js";
import { get } from "../shared/server.js";
import { inDrawingOrder, townLayer } from "../shared/style.js";

/** @typedef {import("maplibre-gl").StyleSpecification} Style */
/** @typedef {[number, number, number, number]} Box */

const BELOW = new Set(["roads", "farmland", "municipality", ""]);
const FONT = ["BIZ UDPGothic", "Hiragino Sans", "Noto Sans JP", "Noto Sans CJK JP", "Meiryo"];
const NONE = /** @type {GeoJSON.FeatureCollection} */ ({ type: "FeatureCollection", features: [] });
/** @type {Record<string, {letter: string, colour: string}>} */
const MARKS = { town: { letter: "▲", colour: "#8E0152" }, provider: { letter: "◆", colour: "#7A5A00" }, geonet: { letter: "■", colour: "#276FBF" } };

/**
 * @param {boolean} staff
 * @returns {Promise<Style>} the ground; a bare one for farmers, who have not the town's layers
 */
async function ground(staff) {
  /** @type {Style} */
  const bare = { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": "#f7f6f2" } }] };
  /** @type {Style} */
  const style = staff ? await get("styles/staff.json") : bare;
  style.layers = inDrawingOrder(style.layers.filter((layer) => BELOW.has(townLayer(layer)))).filter((layer) => layer.type !== "symbol" || townLayer(layer) === "roads");
  const used = new Set(style.layers.flatMap((layer) => ("source" in layer ? [layer.source] : [])));
  style.sources = Object.fromEntries(Object.entries(style.sources).filter(([id]) => used.has(id)));
  for (const source of Object.values(style.sources)) if ("attribution" in source && source.attribution) source.attribution = source.attribution.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return style;
}

/**
 * @param {HTMLElement} container
 * @param {Box} bounds
 * @param {Style} style
 */
function opened(container, bounds, style) {
  const gl = new GlMap({ container, style, bounds, maxPitch: 0, attributionControl: false, locale: MAP_WORDS, cooperativeGestures: true, fadeDuration: 0 });
  gl.addControl(new NavigationControl({ showCompass: false }));
  gl.addControl(new ScaleControl());
  gl.addControl(new AttributionControl({ compact: true }));
  gl.setMissingStyleImageResolver((id) => {
    const pattern = patternImage(id);
    if (pattern && !gl.hasImage(id)) gl.addImage(id, pattern.image, { pixelRatio: pattern.pixelRatio });
  });
  return gl;
}

/** @param {GeoJSON.FeatureCollection} document @returns {Box | null} */
function extent(document) {
  /** @type {Box} */
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (/** @type {any} */ part) => {
    if (typeof part[0] !== "number") return part.forEach(walk);
    box[0] = Math.min(box[0], part[0]); box[1] = Math.min(box[1], part[1]); box[2] = Math.max(box[2], part[0]); box[3] = Math.max(box[3], part[1]);
  };
  for (const feature of document.features) if ("coordinates" in feature.geometry) walk(feature.geometry.coordinates);
  return Number.isFinite(box[0]) ? box : null;
}

/** Events: "field" (detail: {layer, field_id}), "ground" (detail: {lon, lat}). */
export class FieldsMap extends EventTarget {
  /**
   * @param {HTMLElement} container
   * @param {Box} bounds
   * @param {boolean} staff
   */
  static async open(container, bounds, staff) {
    const map = new FieldsMap(opened(container, bounds, await ground(staff)));
    await new Promise((resolve) => map.gl.once("load", resolve));
    map.#draw();
    return map;
  }

  /** @param {GlMap} gl */
  constructor(gl) {
    super();
    this.gl = gl;
  }

  #draw() {
    const planned = /** @type {any} */ (["get", "planned"]);
    this.gl.addSource("fields", { type: "geojson", data: NONE });
    this.gl.addLayer({ id: "field-fill", type: "fill", source: "fields", paint: { "fill-color": ["get", "fill"], "fill-opacity": ["case", ["get", "planned"], 0.75, 0.35] } });
    this.gl.addLayer({ id: "field-pattern", type: "fill", source: "fields", filter: planned, paint: { "fill-pattern": ["image", ["get", "pattern"]] } });
    this.gl.addLayer({ id: "field-line", type: "line", source: "fields", filter: planned, paint: { "line-color": ["get", "line"], "line-width": ["get", "width"] } });
    this.gl.addLayer({ id: "field-bare", type: "line", source: "fields", filter: ["!", planned], paint: { "line-color": "#555555", "line-width": 1.5, "line-dasharray": [4, 2] } });
    this.gl.addLayer({ id: "field-name", type: "symbol", source: "fields", layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": 13 }, paint: { "text-color": "#1a1a1a", "text-halo-color": "#ffffff", "text-halo-width": 2 } });
    this.gl.on("click", (event) => {
      const [hit] = this.gl.queryRenderedFeatures(event.point, { layers: ["field-fill"] });
      const detail = hit ? hit.properties : { lon: event.lngLat.lng, lat: event.lngLat.lat };
      this.dispatchEvent(new CustomEvent(hit ? "field" : "ground", { detail }));
    });
    this.gl.on("mousemove", "field-fill", () => (this.gl.getCanvas().style.cursor = "pointer"));
    this.gl.on("mouseleave", "field-fill", () => (this.gl.getCanvas().style.cursor = ""));
  }

  /**
   * @param {GeoJSON.FeatureCollection} document
   * @param {boolean} go whether to look at all of it
   */
  show(document, go) {
    const source = /** @type {import("maplibre-gl").GeoJSONSource} */ (this.gl.getSource("fields"));
    source.setData(document);
    const box = extent(document);
    if (go && box) this.gl.fitBounds(box, { padding: 40, maxZoom: 18, animate: false });
  }

  /** @returns {Promise<void>} when all is drawn */
  drawn() {
    return new Promise((resolve) => void (this.gl.loaded() ? resolve() : this.gl.once("idle", () => resolve())));
  }
}

export class StationsMap {
  /**
   * @param {HTMLElement} container
   * @param {Box} bounds
   * @param {boolean} staff
   */
  static async open(container, bounds, staff) {
    const gl = opened(container, bounds, await ground(staff));
    await new Promise((resolve) => gl.once("load", resolve));
    const letter = /** @type {any} */ (["match", ["get", "kind"], ...Object.entries(MARKS).flatMap(([kind, mark]) => [kind, mark.letter]), "●"]);
    const colour = /** @type {any} */ (["match", ["get", "kind"], ...Object.entries(MARKS).flatMap(([kind, mark]) => [kind, mark.colour]), "#333333"]);
    gl.addSource("reach", { type: "geojson", data: NONE });
    gl.addSource("fields", { type: "geojson", data: NONE });
    gl.addLayer({ id: "field-dot", type: "circle", source: "fields", paint: { "circle-radius": 5, "circle-color": ["case", ["get", "inside"], "#ffffff", "#b3261e"], "circle-stroke-color": "#1a1a1a", "circle-stroke-width": ["case", ["get", "inside"], 1.5, 3] } });
    gl.addLayer({ id: "reach-fill", type: "fill", source: "reach", filter: ["==", ["get", "part"], "reach"], paint: { "fill-color": colour, "fill-opacity": 0.07 } });
    gl.addLayer({ id: "reach-line", type: "line", source: "reach", filter: ["all", ["==", ["get", "part"], "reach"], ["!=", ["get", "health"], "stopped"]], paint: { "line-color": colour, "line-width": 2 } });
    gl.addLayer({ id: "reach-stopped", type: "line", source: "reach", filter: ["all", ["==", ["get", "part"], "reach"], ["==", ["get", "health"], "stopped"]], paint: { "line-color": colour, "line-width": 2, "line-dasharray": [3, 3] } });
    gl.addLayer({ id: "station", type: "symbol", source: "reach", filter: ["==", ["get", "part"], "station"], layout: { "text-field": ["concat", letter, "\n", ["get", "name"]], "text-font": FONT, "text-size": 13, "text-allow-overlap": true }, paint: { "text-color": colour, "text-halo-color": "#ffffff", "text-halo-width": 2 } });
    return new StationsMap(gl);
  }

  /** @param {GlMap} gl */
  constructor(gl) {
    this.gl = gl;
  }

  /**
   * @param {GeoJSON.FeatureCollection} document
   * @param {GeoJSON.FeatureCollection} fields
   * @param {Set<string>} outside keys of fields that nothing reaches
   */
  show(document, fields, outside) {
    const source = (/** @type {string} */ id) => /** @type {import("maplibre-gl").GeoJSONSource} */ (this.gl.getSource(id));
    source("reach").setData(document);
    const dots = fields.features.map((feature) => {
      const box = /** @type {Box} */ (extent({ type: "FeatureCollection", features: [feature] }));
      const inside = !outside.has(`${feature.properties?.["layer"]}/${feature.properties?.["field_id"]}`);
      return /** @type {GeoJSON.Feature} */ ({ type: "Feature", properties: { inside }, geometry: { type: "Point", coordinates: [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] } });
    });
    source("fields").setData({ type: "FeatureCollection", features: dots });
    const near = { ...document, features: document.features.filter((feature) => feature.properties?.["kind"] !== "geonet") };
    const box = extent(near) ?? extent(document);
    if (box) this.gl.fitBounds(box, { padding: 24, maxZoom: 15, animate: false });
  }
}
