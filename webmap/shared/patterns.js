// @ts-check
// The patterns that stand beside colour, drawn on a canvas for the map and in SVG for the legend.
// Names and shapes are those of gis/map_symbols.py, so that a screen and a sheet of paper look alike.

import { element, svg } from "./dom.js";

/** Units of a tile, and CSS pixels of a unit. */
const TILE = 4;
const UNIT = 2;

/** Paths in a tile of 4 by 4 that repeats without a seam. @type {Record<string, string>} */
export const PATTERNS = {
  diagonal: "M-1,1 l2,-2 M0,4 l4,-4 M3,5 l2,-2",
  back_diagonal: "M-1,3 l2,2 M0,0 l4,4 M3,-1 l2,2",
  cross: "M0,2 h4 M2,0 v4",
  cross_diagonal: "M0,0 l4,4 M0,4 l4,-4",
  horizontal: "M0,2 h4",
  vertical: "M2,0 v4",
  dots: "M1.6,2 a0.4,0.4 0 1 0 0.8,0 a0.4,0.4 0 1 0 -0.8,0",
  dense_dots: "M0.6,1 a0.4,0.4 0 1 0 0.8,0 a0.4,0.4 0 1 0 -0.8,0 M2.6,3 a0.4,0.4 0 1 0 0.8,0 a0.4,0.4 0 1 0 -0.8,0",
  lattice: "M-1,-1 l6,6 M-1,1 l2,-2 M0,4 l4,-4 M3,5 l2,-2 M-1,3 l4,-4 M1,5 l4,-4",
  close_lattice: "M-1,-1 l6,6 M-1,1 l4,4 M1,-1 l4,4 M-1,1 l2,-2 M0,4 l4,-4 M3,5 l2,-2 M-1,3 l4,-4 M1,5 l4,-4",
  dense_lattice: "M-1,-1 l6,6 M-1,1 l4,4 M1,-1 l4,4 M-1,1 l2,-2 M0,4 l4,-4 M3,5 l2,-2 M-1,3 l4,-4 M1,5 l4,-4 M0,2 h4 M2,0 v4",
};

/** Dashes of a line, in multiples of its width. @type {Record<string, number[]>} */
const DASHES = { dash: [6, 3], dot: [1, 3], dash_dot: [6, 2, 1, 2] };

/** Letters that mark points, as the style of the map has them. @type {Record<string, string>} */
const MARKERS = { circle: "●", square: "■", triangle: "▲", diamond: "◆", inverted_triangle: "▼", cross: "╋", pentagon: "★" };

const STROKE_UNITS = 0.5;
const INK = "#333333";

/**
 * The image that a style calls `pattern-<name>-<hex without #>`, or null for another id.
 * @param {string} id
 * @returns {{image: ImageData, pixelRatio: number} | null}
 */
export function patternImage(id) {
  const [, name = "", colour = ""] = /^pattern-(\w+)-([0-9a-f]{6})$/i.exec(id) ?? [];
  const path = PATTERNS[name];
  if (path === undefined) return null;
  const pixelRatio = 2;
  const side = TILE * UNIT * pixelRatio;
  const context = element("canvas", { width: side, height: side }).getContext("2d");
  if (!context) return null;
  context.scale(UNIT * pixelRatio, UNIT * pixelRatio);
  context.strokeStyle = context.fillStyle = `#${colour}`;
  context.lineWidth = STROKE_UNITS;
  if (isDotted(name)) context.fill(new Path2D(path));
  else context.stroke(new Path2D(path));
  return { image: context.getImageData(0, 0, side, side), pixelRatio };
}

/** @param {string} name */
function isDotted(name) {
  return name.includes("dots");
}

let swatches = 0;

/**
 * The mark of a legend row: a line, a letter, or a patch with its outline and its pattern.
 * @param {import("./types.js").LegendRow} row
 * @param {string} geometry of the layer, such as "MultiPolygon"
 */
export function swatch(row, geometry) {
  const root = svg("svg", { class: "swatch", viewBox: "0 0 30 18", width: 30, height: 18, "aria-hidden": "true" });
  if (geometry.includes("Point")) root.append(letter(row));
  else if (geometry.includes("Line")) root.append(svg("path", { d: "M2 9H28", ...outline(row, 5) }));
  else root.append(...patch(row));
  return root;
}

/** @param {import("./types.js").LegendRow} row */
function letter(row) {
  const colours = { fill: row.fill ?? row.line ?? INK, stroke: row.line ?? "#ffffff", "stroke-width": 1, "paint-order": "stroke" };
  return svg("text", { x: 15, y: 15, "font-size": 16, "text-anchor": "middle", ...colours }, MARKERS[row.icon ?? "circle"] ?? "●");
}

/**
 * @param {import("./types.js").LegendRow} row
 * @param {number} widest
 */
function outline(row, widest) {
  const width = Math.min(Math.max(row.width, 1), widest);
  const dashes = (DASHES[row.pattern ?? ""] ?? []).map((length) => length * width);
  return { stroke: row.line ?? row.fill ?? INK, "stroke-width": width, "stroke-dasharray": dashes.join(" ") };
}

/** @param {import("./types.js").LegendRow} row */
function patch(row) {
  const box = { x: 2, y: 2, width: 26, height: 14 };
  const nodes = [svg("rect", { ...box, fill: row.fill ?? "none", "fill-opacity": 0.7, ...outline(row, 3) })];
  const path = PATTERNS[row.pattern ?? ""];
  if (path !== undefined) {
    const id = `swatch-${swatches++}`;
    const ink = row.line ?? INK;
    /** @type {Record<string, string | number>} */
    const paint = isDotted(row.pattern ?? "") ? { fill: ink } : { fill: "none", stroke: ink, "stroke-width": STROKE_UNITS };
    const tile = { id, width: TILE * UNIT, height: TILE * UNIT, viewBox: `0 0 ${TILE} ${TILE}`, patternUnits: "userSpaceOnUse" };
    nodes.push(svg("pattern", tile, svg("path", { d: path, ...paint })), svg("rect", { ...box, fill: `url(#${id})` }));
  }
  return nodes;
}
