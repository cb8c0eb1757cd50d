// @ts-check
// The checks of a known point over time: east and north against the limits, told apart by shape and dashes, not by colour alone.

import { svg } from "../shared/dom.js";
import { day } from "./words.js";

/** @typedef {import("./types.js").Series} Series */

const WIDTH = 560;
const HEIGHT = 220;
const EDGE = { left: 56, right: 12, top: 12, bottom: 30 };

/** @param {Series} series */
export function chart(series) {
  const checks = series.checks;
  const times = checks.map((check) => Date.parse(check.measured_at));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const most = 1.15 * Math.max(...checks.flatMap((check) => [Math.abs(check.dx), Math.abs(check.dy), check.limit_m]));
  const x = (/** @type {number} */ time) => EDGE.left + (first === last ? 0.5 : (time - first) / (last - first)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (/** @type {number} */ metres) => EDGE.top + (1 - metres / most) / 2 * (HEIGHT - EDGE.top - EDGE.bottom);
  const along = (/** @type {(check: import("./types.js").Check) => number} */ value) => checks.map((check, index) => `${index ? "L" : "M"}${x(times[index] ?? 0).toFixed(1)},${y(value(check)).toFixed(1)}`).join("");
  const ends = (/** @type {string} */ path) => (checks.length > 1 ? path : `M${EDGE.left},${path.split(",")[1]}H${WIDTH - EDGE.right}`);
  const words = `${series.known_point}の点検 ${checks.length}回。東西は丸と実線、南北は四角と破線、限界（3σ）は点線。数値は表にあります。`;
  return svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words },
    svg("path", { class: "band", d: `M${EDGE.left},${y(0)}H${WIDTH - EDGE.right}` }),
    svg("path", { class: "limit", d: ends(along((check) => check.limit_m)) }),
    svg("path", { class: "limit", d: ends(along((check) => -check.limit_m)) }),
    svg("path", { class: "east", d: along((check) => check.dx) }),
    svg("path", { class: "north", d: along((check) => check.dy) }),
    ...checks.flatMap((check, index) => marks(check, x(times[index] ?? 0), y)),
    ...[most / 1.15, 0, -most / 1.15].map((metres) => svg("text", { x: EDGE.left - 6, y: y(metres) + 4, "text-anchor": "end" }, `${(metres * 1000).toFixed(0)} mm`)),
    svg("text", { x: EDGE.left, y: HEIGHT - 8 }, day(checks[0]?.measured_at ?? null)),
    checks.length > 1 ? svg("text", { x: WIDTH - EDGE.right, y: HEIGHT - 8, "text-anchor": "end" }, day(checks.at(-1)?.measured_at ?? null)) : svg("g"));
}

/**
 * @param {import("./types.js").Check} check
 * @param {number} x
 * @param {(metres: number) => number} y
 */
function marks(check, x, y) {
  return [
    svg("circle", { class: "east-mark", cx: x, cy: y(check.dx), r: check.beyond ? 6 : 4 }),
    svg("rect", { class: "north-mark", x: x - 4, y: y(check.dy) - 4, width: 8, height: 8 }),
  ];
}
