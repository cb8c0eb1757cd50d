// @ts-check
// Positions as people type them: degrees, 度分秒, or 平面直角座標 X (north) and Y (east).

import { fromPlane } from "./plane.js";

const JAPAN = { latitude: [20, 46], longitude: [122, 154] };
const NUMBER = String.raw`([-+]?\d[\d,]*(?:\.\d+)?)`;
const SEXAGESIMAL = /(\d+)\s*[°度]\s*(\d+)\s*['′’分]\s*(\d+(?:\.\d+)?)\s*(?:["″”秒]|'')?/g;
const NAMED_PLANE = new RegExp(`X\\s*[=:]?\\s*${NUMBER}[^\\dY]*Y\\s*[=:]?\\s*${NUMBER}`, "i");
const PAIR = /^([-+]?\d+\.\d+)\s*[,、\s]\s*([-+]?\d+\.\d+)$/;

/**
 * The position that a text names, or null when it names none (it may then be a 地番).
 * @param {string} text
 * @param {number} zone of the plane coordinates
 * @returns {[number, number] | null} longitude and latitude in degrees
 */
export function readPosition(text, zone) {
  const clean = text.normalize("NFKC").trim();
  return readSexagesimal(clean) ?? readNamedPlane(clean, zone) ?? readPair(clean, zone);
}

/** @param {string} text */
function readSexagesimal(text) {
  const found = [...text.matchAll(SEXAGESIMAL)];
  if (found.length !== 2) return null;
  const [first, second] = found.map(([, degrees, minutes, seconds]) => Number(degrees) + Number(minutes) / 60 + Number(seconds) / 3600);
  return inJapan(first ?? 0, second ?? 0);
}

/**
 * @param {string} text
 * @param {number} zone
 */
function readNamedPlane(text, zone) {
  const found = NAMED_PLANE.exec(text);
  return found ? onPlane(plain(found[1]), plain(found[2]), zone) : null;
}

/**
 * @param {string} text
 * @param {number} zone
 */
function readPair(text, zone) {
  const found = PAIR.exec(text);
  if (!found) return null;
  const [first, second] = [plain(found[1]), plain(found[2])];
  return inJapan(first, second) ?? onPlane(first, second, zone);
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} zone
 */
function onPlane(x, y, zone) {
  const [longitude, latitude] = fromPlane(x, y, zone);
  return inJapan(latitude, longitude);
}

/**
 * Longitude and latitude in their usual order, whichever was written first; null outside Japan.
 * @param {number} first
 * @param {number} second
 * @returns {[number, number] | null}
 */
function inJapan(first, second) {
  if (within(first, JAPAN.latitude) && within(second, JAPAN.longitude)) return [second, first];
  if (within(second, JAPAN.latitude) && within(first, JAPAN.longitude)) return [first, second];
  return null;
}

/**
 * @param {number} value
 * @param {number[]} range
 */
function within(value, [least = 0, most = 0]) {
  return value >= least && value <= most;
}

/** @param {string | undefined} text */
function plain(text) {
  return Number((text ?? "").replaceAll(",", ""));
}
