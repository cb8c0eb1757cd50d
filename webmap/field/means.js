// @ts-check
// Fixes to a mean with its scatter, as the phone shows it while it stands still. The record holds every fix: the town hall computes anew.

import { toPlane } from "../shared/plane.js";

/** @typedef {import("./types.js").Fix} Fix */
/** @typedef {import("./types.js").Mean} Mean */
/** @typedef {import("./types.js").Spot} Spot */

/** A corner is taken by itself from so many fixes on, when it is as sure as this. */
export const LEAST_FIXES = 10;
export const SURE_M = 0.03;
/** The least that a solution of a receiver that is silent about its error is taken for, by GGA quality. @type {Record<number, number>} */
const USUAL_ERROR_M = { 0: 30, 1: 5, 2: 1, 3: 1, 4: 0.02, 5: 0.3, 6: 10, 7: 5, 8: 10 };

/**
 * @param {{lon: number, lat: number}} position degrees
 * @param {number} zone
 * @returns {Spot}
 */
export function spotOf({ lon, lat }, zone) {
  const { x, y } = toPlane(lon, lat, zone);
  return { east: y, north: x };
}

/**
 * How far one fix may be from the truth, by its own word or by what its quality is usually worth.
 * @param {Fix} fix
 */
export function ownError(fix) {
  const usual = fix.quality === undefined ? undefined : (USUAL_ERROR_M[fix.quality] ?? 30);
  return Math.max(fix.accuracy_m ?? 0, usual ?? (fix.accuracy_m === undefined ? 5 : 0));
}

/**
 * @param {Fix[]} fixes at least one
 * @param {number} zone
 * @returns {Mean}
 */
export function meanOf(fixes, zone) {
  const spots = fixes.map((fix) => spotOf(fix, zone));
  const count = fixes.length;
  const middle = (/** @type {number[]} */ values) => values.reduce((sum, value) => sum + value, 0) / count;
  const east = middle(spots.map((spot) => spot.east));
  const north = middle(spots.map((spot) => spot.north));
  const squares = spots.reduce((sum, spot) => sum + (spot.east - east) ** 2 + (spot.north - north) ** 2, 0);
  const scatter = count > 1 ? Math.sqrt(squares / (2 * (count - 1))) : 0;
  const own = middle(fixes.map(ownError));
  return { count, lon: middle(fixes.map((fix) => fix.lon)), lat: middle(fixes.map((fix) => fix.lat)), east, north, scatter_m: scatter, sigma_m: Math.max(scatter, own) };
}

/**
 * Whether a corner may be taken without asking.
 * @param {Mean} mean
 */
export function isSure(mean) {
  return mean.count >= LEAST_FIXES && mean.sigma_m <= SURE_M;
}

/**
 * Area inside a ring of the plane.
 * @param {Spot[]} ring
 * @returns {number} square metres
 */
export function areaOf(ring) {
  const origin = ring[0];
  if (!origin) return 0;
  const doubled = ring.reduce((sum, spot, index) => {
    const next = ring[(index + 1) % ring.length] ?? origin;
    return sum + (spot.east - origin.east) * (next.north - origin.north) - (next.east - origin.east) * (spot.north - origin.north);
  }, 0);
  return Math.abs(doubled) / 2;
}
