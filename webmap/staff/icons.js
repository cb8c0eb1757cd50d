// @ts-check
// The few signs of the tools, drawn on a grid of 24.

import { svg } from "../shared/dom.js";

/** @type {Record<string, string>} */
const PATHS = {
  select: "M6 3l12 9-5.2 1 3 6-2.6 1.3-3-6L6 18z",
  polygon: "M5 8l8-4 7 7-4 8-10-1z",
  line: "M4 19l6-10 5 5 5-10",
  distance: "M3 15L15 3l6 6L9 21zM7 11l2 2M10 8l3 3M13 5l2 2",
  area: "M4 4h16v16H4zM4 14L14 4M4 20L20 4M10 20L20 10",
  info: "M12 3a9 9 0 100 18 9 9 0 000-18zM12 11v6M12 7v.5",
  several: "M4 4h10v10H4zM10 17v3h10V10h-3M9 6.5v5M6.5 9h5",
};

/**
 * @param {string} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const attributes = { class: "icon", viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true" };
  return svg("svg", attributes, svg("path", { d: PATHS[name] ?? "", fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linejoin": "round", "stroke-linecap": "round" }));
}
