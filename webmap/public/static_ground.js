// @ts-check
// The ground of a static edition: what holds a place, how far its edge is, and the ways on foot from it.

/** @typedef {[number, number]} Point x east, y north, metres of the plane */

// geometry: rings and lines are flat lists of centimetres, x and y in turn

/**
 * @param {number[]} line
 * @param {Point} point
 * @returns {{off: number, along: number}} metres off the line, and along it to the nearest place
 */
function landing(line, [x, y]) {
  let best = { off: Infinity, along: 0 };
  let passed = 0;
  for (let at = 0; at + 3 < line.length; at += 2) {
    const [ax, ay, bx, by] = /** @type {[number, number, number, number]} */ (line.slice(at, at + 4).map((value) => value / 100));
    const length = Math.hypot(bx - ax, by - ay);
    const share = length ? Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length ** 2)) : 0;
    const off = Math.hypot(ax + share * (bx - ax) - x, ay + share * (by - ay) - y);
    if (off < best.off) best = { off, along: passed + share * length };
    passed += length;
  }
  return best;
}

/**
 * @param {number[][]} lines
 * @param {Point} point
 */
export const nearest = (lines, point) => lines.reduce((least, line) => Math.min(least, landing(line, point).off), Infinity);

/**
 * @param {number[][]} rings
 * @param {Point} point
 */
export function inside(rings, [x, y]) {
  let is = false;
  for (const ring of rings) {
    for (let at = 0; at + 3 < ring.length; at += 2) {
      const [ax, ay, bx, by] = /** @type {[number, number, number, number]} */ (ring.slice(at, at + 4).map((value) => value / 100));
      if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) is = !is;
    }
  }
  return is;
}

/**
 * @param {number[][][]} areas
 * @param {Point} point
 */
export const holds = (areas, point) => areas.some((rings) => inside(rings, point));

/**
 * @param {string[]} names
 * @param {[number, number[][]][]} areas
 * @param {Point} point
 */
export function areaAt(names, areas, point) {
  const found = areas.filter(([, rings]) => inside(rings, point)).map(([owner]) => owner);
  return found.length ? names[Math.min(...found)] ?? null : null;
}

/** @typedef {{to: any, straight: number, walk: number | null, length: number}} Way */

/**
 * @param {any} common
 * @param {any} roads
 * @param {Point} point
 * @returns {{sites: Way[], shelters: Way[]}}
 */
export function waysFrom(common, roads, point) {
  const places = [...common.sites, ...common.shelters];
  const walks = walksFrom(common, roads, point, places.length);
  const ways = places.map((to, at) => {
    const straight = Math.hypot(to.x - point[0], to.y - point[1]);
    const walk = Number.isFinite(walks[at]) ? /** @type {number} */ (walks[at]) : null;
    return { to, straight, walk, length: walk ?? straight };
  });
  const sorted = (/** @type {Way[]} */ some) => some.sort((one, other) => one.length - other.length);
  return { sites: sorted(ways.slice(0, common.sites.length)), shelters: sorted(ways.slice(common.sites.length)) };
}

/**
 * @param {any} common
 * @param {any} roads
 * @param {Point} point
 * @param {number} count
 * @returns {number[]}
 */
function walksFrom(common, roads, point, count) {
  const own = { off: Infinity, along: 0, piece: -1 };
  roads.lines.forEach((/** @type {any} */ [line], /** @type {number} */ piece) => {
    const { off, along } = landing(line, point);
    if (off < own.off) Object.assign(own, { off, along, piece });
  });
  const walks = new Array(count).fill(Infinity);
  if (own.off > common.farthest_road_m) return walks;
  const [line, start, end] = roads.lines[own.piece];
  const rest = lengthOf(line) - own.along;
  for (let at = 0; at < count; at += 1) {
    walks[at] = own.off + Math.min((start[at] ?? Infinity) + own.along, (end[at] ?? Infinity) + rest);
  }
  for (const [piece, at, along, off] of roads.landed) {
    if (piece === own.piece) walks[at] = Math.min(walks[at], own.off + Math.abs(along - own.along) + off);
  }
  return walks;
}

/** @param {number[]} line */
function lengthOf(line) {
  let length = 0;
  for (let at = 0; at + 3 < line.length; at += 2) {
    length += Math.hypot((line[at + 2] ?? 0) - (line[at] ?? 0), (line[at + 3] ?? 0) - (line[at + 1] ?? 0)) / 100;
  }
  return length;
}
