// @ts-check
// How the field page says figures: short, in the words of the field, never surer than they are.

import { areaInUnits, figure } from "../shared/units.js";

const DIRECTIONS = ["北", "北東", "東", "南東", "南", "南西", "西", "北西"];
/** @type {Record<number, string>} */
const QUALITIES = { 0: "測位できていません", 1: "単独測位", 2: "DGPS", 3: "PPS", 4: "FIX", 5: "FLOAT", 6: "推測航法", 7: "手入力", 8: "シミュレーター" };

/**
 * A small length or an uncertainty: in centimetres below a metre.
 * @param {number} length metres
 */
export function small(length) {
  if (length < 1) return `${figure(length * 100, length < 0.1 ? 1 : 0)} cm`;
  return `${figure(length, length < 10 ? 1 : 0)} m`;
}

/** @param {number} length metres */
export function distance(length) {
  if (length >= 1000) return `${figure(length / 1000, 2)} km`;
  return `${figure(length, length < 100 ? 2 : 0)} m`;
}

/**
 * The direction from here to there, of the plane's north.
 * @param {number} east metres
 * @param {number} north metres
 */
export function direction(east, north) {
  const eighth = Math.round(Math.atan2(east, north) / (Math.PI / 4));
  return DIRECTIONS[(eighth + 8) % 8] ?? "";
}

/** @param {number | undefined} quality */
export function qualityName(quality) {
  return quality === undefined ? "" : (QUALITIES[quality] ?? `品質${quality}`);
}

/** @param {number} area square metres */
export function areaWords(area) {
  const { squareMetres, ares, tan, se } = areaInUnits(area);
  return `${squareMetres}（${ares}、${tan}、${se}）`;
}

/** @param {number} bytes */
export function sizeWords(bytes) {
  return bytes < 1_000_000 ? `${figure(Math.ceil(bytes / 1000), 0)} KB` : `${figure(bytes / 1_000_000, 1)} MB`;
}

/** @param {string} iso */
export function clock(iso) {
  return new Intl.DateTimeFormat("ja-JP", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "Asia/Tokyo" }).format(new Date(iso));
}

/** @param {number} ring */
export function ringName(ring) {
  return ring === 0 ? "外まわり" : `内側${ring}`;
}
