// @ts-check
// The style that the server derives from the legends, made to obey the layer panel: which layers are on, and how strongly.

/** @typedef {import("maplibre-gl").StyleSpecification} Style */
/** @typedef {import("maplibre-gl").LayerSpecification} StyleLayer */

/** Paint properties that the opacity of a kind of style layer is made of. @type {Record<string, string[]>} */
const OPACITY = {
  fill: ["fill-opacity"],
  line: ["line-opacity"],
  circle: ["circle-opacity", "circle-stroke-opacity"],
  symbol: ["icon-opacity", "text-opacity"],
  raster: ["raster-opacity"],
};

/**
 * The layer of the town that a style layer draws; empty for the background.
 * @param {StyleLayer} layer
 * @returns {string}
 */
export function townLayer(layer) {
  if (layer.type === "background") return "";
  const named = /** @type {Record<string, unknown> | undefined} */ (layer.metadata)?.["onomap:layer"];
  if (typeof named === "string") return named;
  return ("source-layer" in layer && layer["source-layer"]) || ("source" in layer ? String(layer.source) : "");
}

/** From the ground up: an area of one layer must not hide the boundaries of another. @type {StyleLayer["type"][]} */
const DRAWING_ORDER = ["background", "raster", "hillshade", "fill", "line", "circle", "symbol"];

/**
 * @param {StyleLayer[]} layers
 * @returns {StyleLayer[]} the same, areas below lines below marks and names; alike ones keep their order
 */
export function inDrawingOrder(layers) {
  return [...layers].sort((one, other) => DRAWING_ORDER.indexOf(one.type) - DRAWING_ORDER.indexOf(other.type));
}

/**
 * An opacity made weaker by a factor. Expressions over zoom must keep their interpolate or step outermost.
 * @param {unknown} base what the style said, undefined for its default of 1
 * @param {number} factor 0 to 1
 * @returns {unknown}
 */
export function weaken(base, factor) {
  if (base === undefined || base === null) return factor;
  if (typeof base === "number") return base * factor;
  if (!Array.isArray(base)) return base;
  if (base[0] === "interpolate") return base.map((part, index) => (index >= 4 && index % 2 === 0 ? weaken(part, factor) : part));
  if (base[0] === "step") return base.map((part, index) => (index >= 2 && index % 2 === 0 ? weaken(part, factor) : part));
  return ["*", base, factor];
}

/**
 * Calls `set(id, property, value)` for each paint property that carries a layer's opacity.
 * @param {Style} style
 * @param {string} id of the town's layer
 * @param {number} factor
 * @param {(id: string, property: string, value: unknown) => void} set
 */
export function eachOpacity(style, id, factor, set) {
  for (const layer of style.layers.filter((candidate) => townLayer(candidate) === id)) {
    const paint = /** @type {Record<string, unknown>} */ ("paint" in layer ? (layer.paint ?? {}) : {});
    for (const property of OPACITY[layer.type] ?? []) set(layer.id, property, weaken(paint[property], factor));
  }
}
