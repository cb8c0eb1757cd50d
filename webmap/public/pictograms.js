// @ts-check
// Pictograms of sites and hazards, drawn here after the shapes of JIS Z 8210 (6.1.4, 6.1.5, 6.5.1–6.5.5) in a square of 24.
// 地震 and 火山現象 have none in the standard: they are written as words.

import { svg } from "../shared/dom.js";

/** @typedef {{d: string, width?: number, hole?: boolean}} Stroke filled, or drawn as a line of that width; a hole shows the ground */

const WAVES = "M1.5 17.5 q2.6-2.6 5.2 0 t5.2 0 t5.2 0 t5.2 0 M1.5 21 q2.6-2.6 5.2 0 t5.2 0 t5.2 0 t5.2 0";

/** @type {Record<string, Stroke[]>} */
const SHAPES = {
  evacuation: [
    { d: "M10.2 3.1 a2.2 2.2 0 1 0 .01 0 Z" },
    { d: "M9.9 8.6 L11.8 13.6", width: 3 },
    { d: "M9.8 8.6 L6.3 10 L5.2 13 M10 8.6 L13.2 11.2 L16.2 9.9", width: 1.6 },
    { d: "M11.8 13.6 L14.6 16 L13.8 20.2 M11.6 13.6 L8.6 17 L4.8 18.4", width: 1.9 },
    { d: "M14.6 19 a4.2 1.8 0 1 0 8.4 0 a4.2 1.8 0 1 0 -8.4 0 Z" },
  ],
  shelter: [
    { d: "M11 9.5 L17.3 3.5 L23.2 9.5 H22 V21 H12.4 V18.8 H19.6 V10.6 H14.2 V9.5 Z" },
    { d: "M8.2 6.6 a1.9 1.9 0 1 0 .01 0 Z" },
    { d: "M8 11.3 L9.6 15.4", width: 2.5 },
    { d: "M7.9 11.3 L5 12.6 L4.2 15 M8.1 11.3 L11 13.4 L13.6 12.4", width: 1.4 },
    { d: "M9.6 15.4 L12 17.2 L11.4 20.8 M9.4 15.4 L7 18.2 L3.6 19.4", width: 1.6 },
  ],
  flood: [{ d: "M12 2 L21 9.6 H18.6 V14.6 H5.4 V9.6 H3 Z" }, { d: "M10 9.5 h4 v3.4 h-4 Z", hole: true }, { d: WAVES, width: 1.8 }],
  debris_flow: [
    { d: "M1 2.5 L6.2 2.5 L13.4 14 L23 18.2 V22 H1 Z" },
    { d: "M3.4 6 L9.6 16.2 L18.5 20", width: 1.4, hole: true },
    { d: "M9.4 4.4 a2 2 0 1 0 .01 0 Z M14 8.2 a1.7 1.7 0 1 0 .01 0 Z M12 1 a1.2 1.2 0 1 0 .01 0 Z" },
    { d: "M19.4 8 L23.4 11.6 V16 H16.2 V11.6 Z" },
  ],
  slope: [
    { d: "M1 2 H8.5 L10 9.5 L8.6 12 L10.6 18 L23 20.4 V22.4 H1 Z" },
    { d: "M12.4 6 l2.6-1 l1.6 2.2 l-1.8 2 l-2.6-.8 Z M11.6 12.6 l1.8-1 l1.6 1.4 l-1 2 l-2-.4 Z M16 2 l1.6-.6 l1 1.6 l-1.6 1 Z" },
    { d: "M19.2 9.6 L23.4 13.2 V18.4 L16 17 V13.2 Z" },
  ],
  large_fire: [
    { d: "M2 22 V12.5 H9.5 V22 Z M10.6 22 V15 H22 V22 Z" },
    { d: "M3.8 14.4 h1.6 v2 h-1.6 Z M6.4 14.4 h1.6 v2 h-1.6 Z M13 17 h2 v2 h-2 Z M17.4 17 h2 v2 h-2 Z", hole: true },
    { d: "M5.6 11.4 C2.4 8.4 4.6 5.8 5.2 3.4 C7.4 5 7 6.2 7.6 6.8 C8.4 5.6 8.2 4.6 8.4 3.8 C11.4 7.2 9.4 10.4 8 11.4 Z" },
    { d: "M14.2 14 C10.6 10.4 13.4 7 14.6 2.4 C17 5 16.6 7 17.2 8 C18.4 6.8 18.2 5.6 18.4 4.6 C22 8.6 20.2 12.4 18 14 Z" },
  ],
  wave: [
    { d: "M1 22 V13 C3 6 9 2.4 14.6 3.4 C18.6 4.2 20.8 7.4 20 10 C18.6 7.6 15.4 7.4 14 9.6 C12.6 12.4 14.4 16.6 23 17.2 V22 Z" },
    { d: "M4 18.6 q2.6-2 5.2 0 t5.2 0 t5.2 0", width: 1.4, hole: true },
  ],
};

const GREEN = "#00833e";
const INK = "#1a1a1a";
const WHITE = "#ffffff";
const SIDE = 24;
const SIGN_PX = 26;
const KIND_PX = 15;

/** The marks of the legal hazards; two share one where the standard has it so. @type {Record<string, {shapes?: string[], word?: string}>} */
const HAZARDS = {
  flood: { shapes: ["flood"] },
  inland_flood: { shapes: ["flood"] },
  landslide: { shapes: ["debris_flow", "slope"] },
  large_fire: { shapes: ["large_fire"] },
  storm_surge: { shapes: ["wave"] },
  tsunami: { shapes: ["wave"] },
  earthquake: { word: "地震" },
  volcano: { word: "火山" },
};

/** In the fixed order of the law. */
export const HAZARD_KINDS = ["flood", "landslide", "storm_surge", "earthquake", "tsunami", "large_fire", "inland_flood", "volcano"];

/**
 * The pictograms of a hazard for a text, which itself says what they mean.
 * @param {string} hazard
 * @returns {Element[]}
 */
export function hazardMarks(hazard) {
  const { shapes = [], word } = HAZARDS[hazard] ?? {};
  if (word) return [wordMark(word)];
  return shapes.map((shape) => picture(shape, { ground: WHITE, ink: INK }));
}

/** @param {string} layer evacuation_sites or shelters; others have no mark */
export function siteMark(layer) {
  const shape = SITE_SHAPES[layer];
  return shape ? picture(shape, { ground: GREEN, ink: WHITE }) : null;
}

/** @type {Record<string, string>} */
const SITE_SHAPES = { evacuation_sites: "evacuation", shelters: "shelter" };

/**
 * @param {string} shape
 * @param {{ground: string, ink: string}} colours
 */
function picture(shape, { ground, ink }) {
  const strokes = (SHAPES[shape] ?? []).map(({ d, width, hole }) => {
    const colour = hole ? ground : ink;
    return width === undefined ? svg("path", { d, fill: colour }) : svg("path", { d, fill: "none", stroke: colour, "stroke-width": width, "stroke-linejoin": "round", "stroke-linecap": "round" });
  });
  const frame = svg("rect", { x: -1.5, y: -1.5, width: 27, height: 27, rx: 2, fill: ground, stroke: ink === WHITE ? ground : INK });
  return svg("svg", { class: "pictogram", viewBox: "-2 -2 28 28", "aria-hidden": "true" }, frame, ...strokes);
}

/** @param {string} word */
function wordMark(word) {
  const frame = svg("rect", { x: -1.5, y: -1.5, width: 27, height: 27, rx: 2, fill: WHITE, stroke: INK });
  return svg("svg", { class: "pictogram", viewBox: "-2 -2 28 28", "aria-hidden": "true" }, frame, svg("text", { x: 12, y: 16.4, "font-size": 11.5, "font-weight": 700, "text-anchor": "middle", fill: INK }, word));
}

/**
 * The image that the style calls `site-LAYER`, the sign, or `kinds-hazard-hazard`, a row of what a site is meant for.
 * @param {string} id
 * @returns {{image: ImageData, pixelRatio: number} | null}
 */
export function siteImage(id) {
  const [what = "", ...names] = id.split("-");
  if (what === "site" && SITE_SHAPES[names.join("-")]) return row([SITE_SHAPES[names.join("-")] ?? ""], SIGN_PX, { ground: GREEN, ink: WHITE });
  if (what !== "kinds") return null;
  const marks = names.flatMap((hazard) => HAZARDS[hazard]?.shapes ?? [HAZARDS[hazard]?.word ?? ""]).filter(Boolean);
  return row([...new Set(marks)], KIND_PX, { ground: WHITE, ink: INK });
}

/**
 * @param {string[]} marks
 * @param {number} side CSS pixels of each
 * @param {{ground: string, ink: string}} colours
 */
function row(marks, side, colours) {
  const pixelRatio = 2;
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, marks.length) * (side + 1) * pixelRatio;
  canvas.height = side * pixelRatio;
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.scale(pixelRatio, pixelRatio);
  marks.forEach((mark, index) => paint(context, mark, index * (side + 1), side, colours));
  return { image: context.getImageData(0, 0, canvas.width, canvas.height), pixelRatio };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} mark a shape, or a word
 * @param {number} x
 * @param {number} side
 * @param {{ground: string, ink: string}} colours
 */
function paint(context, mark, x, side, { ground, ink }) {
  context.save();
  context.translate(x, 0);
  context.fillStyle = ground;
  context.fillRect(0, 0, side, side);
  context.lineWidth = 1;
  context.strokeStyle = ink === WHITE ? WHITE : INK;
  context.strokeRect(0.5, 0.5, side - 1, side - 1);
  context.translate(1.5, 1.5);
  context.scale((side - 3) / SIDE, (side - 3) / SIDE);
  context.lineJoin = context.lineCap = "round";
  for (const { d, width, hole } of SHAPES[mark] ?? []) {
    context.fillStyle = context.strokeStyle = hole ? ground : ink;
    context.lineWidth = width ?? 1;
    if (width === undefined) context.fill(new Path2D(d));
    else context.stroke(new Path2D(d));
  }
  if (!SHAPES[mark]) {
    context.fillStyle = ink;
    context.font = "700 12px sans-serif";
    context.textAlign = "center";
    context.fillText(mark, SIDE / 2, 16.4, SIDE);
  }
  context.restore();
}
