// @ts-check
// Boxes of degrees and tiles of the Web Mercator quad.

/** @typedef {[number, number, number, number]} Box west, south, east, north in degrees */
/** @typedef {{z: number, x: number, y: number}} TileId */

/** What a tile draws beyond its own edge: 64 of its 4096 units. */
const BUFFER = 64 / 4096;
const HIGHEST_LATITUDE = 85.0511287798;

/**
 * Whether a tile draws anything of a box, its edge included.
 * @param {TileId} tile
 * @param {Box} box
 */
export function draws({ z, x, y }, [west, south, east, north]) {
  const left = column(west, z) - BUFFER;
  const right = column(east, z) + BUFFER;
  const top = row(north, z) - BUFFER;
  const bottom = row(south, z) + BUFFER;
  return left <= x + 1 && right >= x && top <= y + 1 && bottom >= y;
}

/**
 * @param {number} longitude
 * @param {number} z
 */
function column(longitude, z) {
  return ((longitude + 180) / 360) * 2 ** z;
}

/**
 * @param {number} latitude
 * @param {number} z
 */
function row(latitude, z) {
  const bounded = (Math.max(-HIGHEST_LATITUDE, Math.min(HIGHEST_LATITUDE, latitude)) * Math.PI) / 180;
  return ((1 - Math.asinh(Math.tan(bounded)) / Math.PI) / 2) * 2 ** z;
}
