// @ts-check
// 平面直角座標系 (JGD2011, GRS80): the Gauss-Krüger series of 国土地理院 (河瀬 2011), good to far below a millimetre inside a zone.
// X is north and Y is east, as surveyors write them.

const SEMI_MAJOR_M = 6378137;
const INVERSE_FLATTENING = 298.257222101;
const SCALE_AT_ORIGIN = 0.9999;

/** Origins of zones 1–19 as [latitude, longitude] in degrees (平成14年国土交通省告示第9号). */
const ORIGINS = /** @type {const} */ ([
  [33, 129 + 30 / 60], [33, 131], [36, 132 + 10 / 60], [33, 133 + 30 / 60], [36, 134 + 20 / 60],
  [36, 136], [36, 137 + 10 / 60], [36, 138 + 30 / 60], [36, 139 + 50 / 60], [40, 140 + 50 / 60],
  [44, 140 + 15 / 60], [44, 142 + 15 / 60], [44, 144 + 15 / 60], [26, 142], [26, 127 + 30 / 60],
  [26, 124], [26, 131], [20, 136], [26, 154],
]);

const n = 1 / (2 * INVERSE_FLATTENING - 1);
const ALPHA = [
  n / 2 - (2 * n ** 2) / 3 + (5 * n ** 3) / 16 + (41 * n ** 4) / 180 - (127 * n ** 5) / 288,
  (13 * n ** 2) / 48 - (3 * n ** 3) / 5 + (557 * n ** 4) / 1440 + (281 * n ** 5) / 630,
  (61 * n ** 3) / 240 - (103 * n ** 4) / 140 + (15061 * n ** 5) / 26880,
  (49561 * n ** 4) / 161280 - (179 * n ** 5) / 168,
  (34729 * n ** 5) / 80640,
];
const BETA = [
  n / 2 - (2 * n ** 2) / 3 + (37 * n ** 3) / 96 - n ** 4 / 360 - (81 * n ** 5) / 512,
  n ** 2 / 48 + n ** 3 / 15 - (437 * n ** 4) / 1440 + (46 * n ** 5) / 105,
  (17 * n ** 3) / 480 - (37 * n ** 4) / 840 - (209 * n ** 5) / 4480,
  (4397 * n ** 4) / 161280 - (11 * n ** 5) / 504,
  (4583 * n ** 5) / 161280,
];
const DELTA = [
  2 * n - (2 * n ** 2) / 3 - 2 * n ** 3 + (116 * n ** 4) / 45 + (26 * n ** 5) / 45 - (2854 * n ** 6) / 675,
  (7 * n ** 2) / 3 - (8 * n ** 3) / 5 - (227 * n ** 4) / 45 + (2704 * n ** 5) / 315 + (2323 * n ** 6) / 945,
  (56 * n ** 3) / 15 - (136 * n ** 4) / 35 - (1262 * n ** 5) / 105 + (73814 * n ** 6) / 2835,
  (4279 * n ** 4) / 630 - (332 * n ** 5) / 35 - (399572 * n ** 6) / 14175,
  (4174 * n ** 5) / 315 - (144838 * n ** 6) / 6237,
  (601676 * n ** 6) / 22275,
];
const RADIUS_M = ((SCALE_AT_ORIGIN * SEMI_MAJOR_M) / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64);
const ECCENTRICITY = (2 * Math.sqrt(n)) / (1 + n);
const DEGREE = Math.PI / 180;

/**
 * Metres from the equator and from the central meridian, before the zone's origin is taken off.
 * @param {number} latitude radians
 * @param {number} fromMeridian radians east of the central meridian
 * @returns {[number, number]}
 */
function kruger(latitude, fromMeridian) {
  const sine = Math.sin(latitude);
  const t = Math.sinh(Math.atanh(sine) - ECCENTRICITY * Math.atanh(ECCENTRICITY * sine));
  const xi = Math.atan2(t, Math.cos(fromMeridian));
  const eta = Math.atanh(Math.sin(fromMeridian) / Math.sqrt(1 + t * t));
  let north = xi;
  let east = eta;
  ALPHA.forEach((alpha, index) => {
    const k = 2 * (index + 1);
    north += alpha * Math.sin(k * xi) * Math.cosh(k * eta);
    east += alpha * Math.cos(k * xi) * Math.sinh(k * eta);
  });
  return [RADIUS_M * north, RADIUS_M * east];
}

/**
 * Plane coordinates of a JGD2011 position.
 * @param {number} longitude degrees
 * @param {number} latitude degrees
 * @param {number} zone 1 to 19
 * @returns {{x: number, y: number}} metres, x north and y east
 */
export function toPlane(longitude, latitude, zone) {
  const [originLatitude, originLongitude] = originOf(zone);
  const [north, east] = kruger(latitude * DEGREE, (longitude - originLongitude) * DEGREE);
  return { x: north - kruger(originLatitude * DEGREE, 0)[0], y: east };
}

/**
 * The JGD2011 position of plane coordinates.
 * @param {number} x metres north
 * @param {number} y metres east
 * @param {number} zone 1 to 19
 * @returns {[number, number]} longitude and latitude in degrees
 */
export function fromPlane(x, y, zone) {
  const [originLatitude, originLongitude] = originOf(zone);
  const xi = (x + kruger(originLatitude * DEGREE, 0)[0]) / RADIUS_M;
  const eta = y / RADIUS_M;
  let north = xi;
  let east = eta;
  BETA.forEach((beta, index) => {
    const k = 2 * (index + 1);
    north -= beta * Math.sin(k * xi) * Math.cosh(k * eta);
    east -= beta * Math.cos(k * xi) * Math.sinh(k * eta);
  });
  const conformal = Math.asin(Math.sin(north) / Math.cosh(east));
  const latitude = DELTA.reduce((sum, delta, index) => sum + delta * Math.sin(2 * (index + 1) * conformal), conformal);
  return [originLongitude + Math.atan2(Math.sinh(east), Math.cos(north)) / DEGREE, latitude / DEGREE];
}

/** @param {number} zone */
function originOf(zone) {
  const origin = ORIGINS[zone - 1];
  if (!origin) throw new RangeError(`平面直角座標系は1〜19系です（${zone}）。`);
  return origin;
}

/**
 * Area of a ring of longitude/latitude positions, on the plane of the zone as the town's own areas are.
 * @param {[number, number][]} ring
 * @param {number} zone
 * @returns {number} square metres
 */
export function planeArea(ring, zone) {
  const points = ring.map(([longitude, latitude]) => toPlane(longitude, latitude, zone));
  const origin = points[0];
  if (!origin) return 0;
  const doubled = points.reduce((sum, point, index) => {
    const next = points[(index + 1) % points.length] ?? origin;
    return sum + (point.y - origin.y) * (next.x - origin.x) - (next.y - origin.y) * (point.x - origin.x);
  }, 0);
  return Math.abs(doubled) / 2;
}

/**
 * Length of a line of longitude/latitude positions, on the plane of the zone.
 * @param {[number, number][]} line
 * @param {number} zone
 * @returns {number} metres
 */
export function planeLength(line, zone) {
  const points = line.map(([longitude, latitude]) => toPlane(longitude, latitude, zone));
  return points.slice(1).reduce((sum, point, index) => {
    const before = points[index] ?? point;
    return sum + Math.hypot(point.x - before.x, point.y - before.y);
  }, 0);
}
