// @ts-check
// Strokes of the field map: lines with a casing, so that they stand out in sunlight, numbers of parcels, the scale bar.

/** Names of the colours that the style sheet gives the map. */
export const DRAWN = /** @type {const} */ (["ground", "ink", "cadastral", "farmland", "rtk", "mine", "done", "here", "goal"]);
/** @typedef {Record<(typeof DRAWN)[number], string>} Colours */
/** @typedef {import("./nearest.js").Ring} Ring */

/** @type {Record<string, {colour: keyof Colours, width: number, dash: number[]}>} */
const LINES = {
  cadastral: { colour: "cadastral", width: 2.5, dash: [] },
  farmland: { colour: "farmland", width: 6, dash: [] },
  rtk_fields: { colour: "rtk", width: 3.5, dash: [10, 4] },
};
const BAR_PX = 110;

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Ring} ring
 * @param {(east: number, north: number) => [number, number]} place
 * @param {Colours} colours
 */
export function drawRing(pen, ring, place, colours) {
  const look = LINES[ring.of.layer];
  if (!look) return;
  pen.beginPath();
  ring.east.forEach((east, index) => pen.lineTo(...place(east, ring.north[index] ?? 0)));
  pen.closePath();
  pen.setLineDash(look.dash);
  pen.lineWidth = look.width;
  pen.strokeStyle = colours[look.colour];
  pen.stroke();
  pen.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {[number, number][]} places
 * @param {{closed: boolean, colour: string, width: number, casing: string, dashed?: boolean}} look
 */
export function drawLine(pen, places, { closed, colour, width, casing, dashed = false }) {
  if (places.length < 2) return;
  pen.beginPath();
  for (const [x, y] of places) pen.lineTo(x, y);
  pen.lineWidth = width + 4;
  pen.strokeStyle = casing;
  pen.stroke();
  pen.lineWidth = width;
  pen.strokeStyle = colour;
  pen.stroke();
  const [first, last] = [places[0], places.at(-1)];
  if (!closed || !first || !last) return;
  pen.beginPath();
  pen.moveTo(...last);
  pen.lineTo(...first);
  pen.setLineDash(dashed ? [8, 8] : []);
  pen.stroke();
  pen.setLineDash([]);
}

/**
 * The number of a parcel, where there is room for it.
 * @param {CanvasRenderingContext2D} pen
 * @param {Ring} ring
 * @param {(east: number, north: number) => [number, number]} place
 * @param {number} scale
 * @param {Colours} colours
 */
export function label(pen, ring, place, scale, colours) {
  const [west, south, east, north] = ring.box;
  const text = ring.of.layer === "cadastral" ? (/[0-9０-９][0-9０-９\-－‐ー]*$/.exec(ring.of.label)?.[0] ?? ring.of.label) : ring.of.label;
  pen.font = "bold 13px sans-serif";
  if (!text || (east - west) * scale < pen.measureText(text).width + 12 || (north - south) * scale < 20) return;
  const [x, y] = place((west + east) / 2, (south + north) / 2);
  write(pen, text, x, y, ring.of.layer === "cadastral" ? colours.ink : colours.rtk, colours.ground, "center");
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {string} colour
 * @param {string} casing
 * @param {CanvasTextAlign} align
 */
function write(pen, text, x, y, colour, casing, align) {
  pen.textAlign = align;
  pen.textBaseline = "middle";
  pen.lineWidth = 4;
  pen.strokeStyle = casing;
  pen.strokeText(text, x, y);
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

/**
 * A bar of a round length.
 * @param {CanvasRenderingContext2D} pen
 * @param {number} scale pixels a metre
 * @param {number} height
 * @param {Colours} colours
 */
export function scaleBar(pen, scale, height, colours) {
  const most = BAR_PX / scale;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((part) => part * power).find((part) => part <= most) ?? power;
  const text = length >= 1 ? `${length} m` : `${Math.round(length * 100)} cm`;
  const [left, base] = [12, height - 12];
  pen.lineWidth = 3;
  pen.strokeStyle = colours.ink;
  pen.beginPath();
  pen.moveTo(left, base - 7);
  pen.lineTo(left, base);
  pen.lineTo(left + length * scale, base);
  pen.lineTo(left + length * scale, base - 7);
  pen.stroke();
  pen.font = "bold 13px sans-serif";
  write(pen, text, left + 8, base - 14, colours.ink, colours.ground, "left");
}

/** @param {CanvasRenderingContext2D} pen @param {Colours} colours */
export function northArrow(pen, colours) {
  pen.font = "bold 13px sans-serif";
  write(pen, "北", 20, 34, colours.ink, colours.ground, "center");
  pen.beginPath();
  pen.moveTo(20, 6);
  pen.lineTo(27, 24);
  pen.lineTo(20, 19);
  pen.lineTo(13, 24);
  pen.closePath();
  pen.fillStyle = colours.ink;
  pen.fill();
}
