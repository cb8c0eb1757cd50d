// @ts-check
// The nearest corner and the nearest line, of raw plane coordinates: no tile has a part in it.

/** @typedef {import("./types.js").Ground} Ground */
/** @typedef {import("./types.js").Spot} Spot */

/**
 * A ring of the ground as the map draws it and the distances are taken from.
 * @typedef {object} Ring
 * @property {Float64Array} east
 * @property {Float64Array} north
 * @property {[number, number, number, number]} box least east, least north, most east, most north
 * @property {{layer: string, label: string, accuracy_m: number}} of
 * @property {boolean} outer
 */

/** @typedef {{distance: number, east: number, north: number, ring: Ring}} Near */

/**
 * @param {Ground} ground
 * @returns {Ring[]}
 */
export function ringsOf(ground) {
  return ground.features.flatMap((feature) =>
    feature.plane.flatMap((polygon) => polygon.map((ring, index) => ringOf(ring, feature.properties, index === 0))));
}

/**
 * @param {[number, number][]} positions closed, as GeoJSON has them
 * @param {Ring["of"]} of
 * @param {boolean} outer
 * @returns {Ring}
 */
function ringOf(positions, of, outer) {
  const east = Float64Array.from(positions, (position) => position[0]);
  const north = Float64Array.from(positions, (position) => position[1]);
  return { east, north, box: [Math.min(...east), Math.min(...north), Math.max(...east), Math.max(...north)], of, outer };
}

/**
 * @param {Ring[]} rings
 * @param {Spot} here
 * @returns {Near | null}
 */
export function nearestCorner(rings, here) {
  /** @type {Near | null} */
  let best = null;
  for (const ring of rings) {
    if (best && beyond(ring, here) >= best.distance) continue;
    for (let index = 1; index < ring.east.length; index += 1) {
      const [east, north] = [ring.east[index] ?? 0, ring.north[index] ?? 0];
      const distance = Math.hypot(east - here.east, north - here.north);
      if (!best || distance < best.distance) best = { distance, east, north, ring };
    }
  }
  return best;
}

/**
 * The nearest point of any line.
 * @param {Ring[]} rings
 * @param {Spot} here
 * @returns {Near | null}
 */
export function nearestLine(rings, here) {
  /** @type {Near | null} */
  let best = null;
  for (const ring of rings) {
    if (best && beyond(ring, here) >= best.distance) continue;
    for (let index = 1; index < ring.east.length; index += 1) {
      const foot = footOn(ring, index, here);
      const distance = Math.hypot(foot.east - here.east, foot.north - here.north);
      if (!best || distance < best.distance) best = { distance, ...foot, ring };
    }
  }
  return best;
}

/**
 * Where on the edge that ends at `index` one stands nearest.
 * @param {Ring} ring
 * @param {number} index
 * @param {Spot} here
 * @returns {Spot}
 */
function footOn(ring, index, here) {
  const [east, north] = [ring.east[index - 1] ?? 0, ring.north[index - 1] ?? 0];
  const [along, up] = [(ring.east[index] ?? 0) - east, (ring.north[index] ?? 0) - north];
  const squared = along * along + up * up;
  const share = squared === 0 ? 0 : ((here.east - east) * along + (here.north - north) * up) / squared;
  const kept = Math.min(1, Math.max(0, share));
  return { east: east + kept * along, north: north + kept * up };
}

/**
 * How far the box of a ring is at least.
 * @param {Ring} ring
 * @param {Spot} here
 */
function beyond({ box: [west, south, east, north] }, here) {
  return Math.hypot(Math.max(west - here.east, 0, here.east - east), Math.max(south - here.north, 0, here.north - north));
}
