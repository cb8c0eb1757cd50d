// @ts-check
// The fields of a file as a picture: true shape, north up, nothing of a map.

import { svg } from "../shared/dom.js";

/** @typedef {{geometry: {type: string, coordinates: any}, properties: {number: number, role: string, name: string}}} Shown */

const SIDE = 600;
const MARGIN = 24;
const M_PER_DEGREE = 111_320;

/** @param {Shown} shown @returns {[number, number][][]} */
function linesOf(shown) {
  return shown.geometry.type === "Polygon" ? shown.geometry.coordinates : [shown.geometry.coordinates];
}

/**
 * A picture of all that has a place, the chosen fields in colour. `label` says in words what it shows.
 * @param {Shown[]} features
 * @param {Set<number>} chosen
 * @param {string} label
 */
export function drawing(features, chosen, label) {
  const places = features.flatMap((one) => linesOf(one).flat());
  if (!places.length) return "";
  const lats = places.map((place) => place[1]);
  const eastward = Math.cos((((Math.min(...lats) + Math.max(...lats)) / 2) * Math.PI) / 180);
  const xs = places.map((place) => place[0] * eastward);
  const [west, south] = [Math.min(...xs), Math.min(...lats)];
  const [wide, high] = [Math.max(...xs) - west, Math.max(...lats) - south];
  const scale = (SIDE - 2 * MARGIN) / Math.max(wide, high, 1e-9);
  const height = high * scale + 2 * MARGIN;
  /** @param {[number, number]} place @returns {[number, number]} */
  const at = ([lon, lat]) => [(lon * eastward - west) * scale + MARGIN, height - MARGIN - (lat - south) * scale];
  const path = (/** @type {[number, number][]} */ line) => `M${line.map((place) => at(place).map((value) => value.toFixed(2)).join(" ")).join("L")}`;
  const drawn = features.map((one) => {
    const isArea = one.geometry.type === "Polygon";
    const kind = isArea ? (chosen.has(one.properties.number) ? "area" : "left-out") : one.properties.role;
    return svg("path", { class: kind, "fill-rule": "evenodd", d: linesOf(one).map(path).join("") + (isArea ? "Z" : "") });
  });
  const names = features.filter((one) => one.geometry.type === "Polygon").map((one) => {
    const [x, y] = middle(linesOf(one)[0].map(at));
    return svg("text", { x, y, "font-size": 20 }, String(one.properties.number));
  });
  const metres = scaleBar(scale);
  const bar = svg("path", { class: "guidance", d: `M${MARGIN} ${height - 8}h${(metres / M_PER_DEGREE) * scale}` });
  const told = svg("text", { x: MARGIN + ((metres / M_PER_DEGREE) * scale) / 2, y: height - 18, "font-size": 14 }, `${metres} m`);
  return svg("svg", { viewBox: `0 0 ${wide * scale + 2 * MARGIN} ${height}`, role: "img", "aria-label": label }, ...drawn, ...names, bar, told);
}

/** A round length that takes a fifth of the picture. @param {number} scale */
function scaleBar(scale) {
  const aim = (SIDE / 5 / scale) * M_PER_DEGREE;
  const step = 10 ** Math.floor(Math.log10(aim));
  return step * ([5, 2, 1].find((times) => times * step <= aim) ?? 1);
}

/** @param {[number, number][]} ring @returns {[number, number]} */
function middle(ring) {
  const xs = ring.map((place) => place[0]);
  const ys = ring.map((place) => place[1]);
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}
