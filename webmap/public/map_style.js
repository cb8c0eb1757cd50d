// @ts-check
// The published style made this page's: order and opacity of the reader, signs for sites, and what the page itself draws.

import { eachOpacity, inDrawingOrder, townLayer } from "../shared/style.js";

/** @typedef {import("maplibre-gl").StyleSpecification} Style */
/** @typedef {import("maplibre-gl").LayerSpecification} StyleLayer */

/** From this zoom on a site shows what it is good for. */
const CLOSE = 14;
/** The sign of the site and that of the shelter in one building stand side by side. @type {Record<string, [number, number]>} */
const ASIDE = { evacuation_sites: [-15, 0], shelters: [15, 0] };
const SITES = "evacuation_sites";
/** The kinds of shelter that the sign stands for; others keep their letter. */
const SIGNED = ["指定緊急避難場所", "指定避難所"];
export const NOTHING = /** @type {GeoJSON.FeatureCollection} */ ({ type: "FeatureCollection", features: [] });
const FONT = ["BIZ UDPGothic", "Hiragino Sans", "Noto Sans JP", "Noto Sans CJK JP", "Meiryo"];

/**
 * @param {Style} given
 * @param {import("./view.js").View} view
 * @returns {Style}
 */
export function prepared(given, view) {
  const style = structuredClone(given);
  for (const source of Object.values(style.sources)) {
    // the attribution control takes markup; our texts are plain
    if ("attribution" in source && source.attribution) {
      source.attribution = source.attribution.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
    }
  }
  const layers = [...style.layers.map(withSign), ...kinds(style)];
  for (const layer of layers) {
    if (layer.type !== "background") layer.layout = { ...layer.layout, visibility: view.shown.has(townLayer(layer)) ? "visible" : "none" };
  }
  for (const [id, opacity] of Object.entries(view.opacities)) {
    eachOpacity({ ...style, layers }, id, opacity, (name, property, value) => fade(layers, name, property, value));
  }
  style.layers = [{ id: "ground", type: "background", paint: { "background-color": ground() } }, ...arranged(layers, view.order), ...ownLayers()];
  Object.assign(style.sources, { kinds: empty(), ring: empty(), closures: empty(), told: empty() });
  return style;
}

/**
 * @param {StyleLayer[]} layers
 * @param {string} id
 * @param {string} property
 * @param {unknown} value
 */
function fade(layers, id, property, value) {
  const layer = layers.find((candidate) => candidate.id === id);
  if (layer && layer.type !== "background") layer.paint = /** @type {any} */ ({ ...layer.paint, [property]: value });
}

/**
 * The style layers of the town in the reader's order, from the ground up; areas stay below lines and these below marks.
 * @param {StyleLayer[]} layers
 * @param {string[]} order the topmost first
 */
export function arranged(layers, order) {
  const place = new Map(order.map((id, index) => [id, -index]));
  return inDrawingOrder([...layers].sort((one, other) => (place.get(townLayer(one)) ?? 0) - (place.get(townLayer(other)) ?? 0)));
}

/**
 * @param {StyleLayer} layer
 * @returns {StyleLayer}
 */
function withSign(layer) {
  const id = townLayer(layer);
  const aside = ASIDE[id];
  if (!aside || layer.type !== "symbol") return layer;
  if (layer.id.endsWith("-label")) {
    return /** @type {StyleLayer} */ ({ ...layer, layout: { ...layer.layout, "text-offset": ["step", ["zoom"], ["literal", [0, 1.2]], CLOSE, ["literal", [0, 2.6]]] } });
  }
  if (!SIGNED.includes(String(/** @type {Record<string, unknown>} */ (layer.metadata)?.["onomap:legend"]))) return layer;
  return /** @type {StyleLayer} */ (/** @type {unknown} */ ({
    ...layer,
    layout: { "icon-image": `site-${id}`, "icon-offset": aside, "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-size": ["interpolate", ["linear"], ["zoom"], 10, 0.55, 13, 1] },
    paint: {},
  }));
}

/** @returns {import("maplibre-gl").GeoJSONSourceSpecification} */
function empty() {
  return { type: "geojson", data: NOTHING };
}

/**
 * Below the sign of a site, from near by: the hazards it is meant for. The tiles do not carry them; the page reads them anyway.
 * @param {Style} style
 * @returns {StyleLayer[]}
 */
function kinds(style) {
  if (!(SITES in style.sources)) return [];
  return [{
    id: `${SITES}-kinds`,
    type: "symbol",
    source: "kinds",
    minzoom: CLOSE,
    metadata: { "onomap:layer": SITES },
    layout: { "icon-image": ["get", "image"], "icon-anchor": "top", "icon-offset": [-15, 14], "icon-allow-overlap": true, "icon-ignore-placement": true },
  }];
}

/** @returns {StyleLayer[]} */
function ownLayers() {
  return [
    { id: "ring-fill", type: "fill", source: "ring", paint: { "fill-color": "#0b3fa8", "fill-opacity": 0.1 } },
    { id: "ring-line", type: "line", source: "ring", paint: { "line-color": "#0b3fa8", "line-width": 2, "line-dasharray": [3, 2] } },
    { id: "closures-line", type: "line", source: "closures", layout: { "line-cap": "butt" }, paint: { "line-color": "#1a1a1a", "line-width": 7 } },
    { id: "closures-dash", type: "line", source: "closures", paint: { "line-color": "#ffd400", "line-width": 5, "line-dasharray": [1.2, 1] } },
    { id: "closures-mark", type: "symbol", source: "closures", layout: { "text-field": ["concat", "✕ ", ["get", "name"]], "text-font": FONT, "text-size": 13, "symbol-placement": "point", "text-allow-overlap": true }, paint: { "text-color": "#7d1308", "text-halo-color": "#ffffff", "text-halo-width": 2 } },
    { id: "told-mark", type: "symbol", source: "told", layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": 13, "text-anchor": "bottom", "text-offset": [0, -1.4], "text-allow-overlap": true }, paint: { "text-color": "#1a1a1a", "text-halo-color": ["match", ["get", "state"], "open", "#b9f2c7", "full", "#ffd9a8", "closed", "#ffc2bb", "#e2e6ea"], "text-halo-width": 4 } },
  ];
}

function ground() {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "#d5d9dc" : "#f7f6f2";
}
