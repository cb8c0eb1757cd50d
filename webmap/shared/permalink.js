// @ts-check
// What the page shows, written in the part of its address after "#": `#v=1&map=z/lat/lng&l=layers&o=opacities&p=parcels`.
// Version 1. A key that is not known is left alone, so that an old page opens a newer link as far as it can.

const VERSION = "1";

/**
 * @typedef {object} View
 * @property {{zoom: number, latitude: number, longitude: number} | null} map
 * @property {string[] | null} layers ids that are shown; null leaves the usual ones
 * @property {Record<string, number>} opacities 0 to 1, by layer id
 * @property {string[]} parcels parcel keys "大字/字/地番"
 */

/**
 * @param {View} view
 * @returns {string} the address part, with its "#"
 */
export function writeView(view) {
  const parts = [`v=${VERSION}`];
  if (view.map) {
    const { zoom, latitude, longitude } = view.map;
    parts.push(`map=${trim(zoom, 2)}/${trim(latitude, 6)}/${trim(longitude, 6)}`);
  }
  if (view.layers) parts.push(`l=${view.layers.map(encodeURIComponent).join(",")}`);
  const faded = Object.entries(view.opacities).filter(([, opacity]) => opacity < 1);
  if (faded.length) parts.push(`o=${faded.map(([id, opacity]) => `${encodeURIComponent(id)}:${trim(opacity, 2)}`).join(",")}`);
  if (view.parcels.length) parts.push(`p=${writeParcels(view.parcels)}`);
  return `#${parts.join("&")}`;
}

/**
 * @param {string} hash
 * @returns {View}
 */
export function readView(hash) {
  const pairs = hash.replace(/^#/, "").split("&").map((part) => part.split(/=(.*)/s));
  const values = new Map(pairs.map(([name, value]) => [name ?? "", value ?? ""]));
  const layers = values.get("l");
  return {
    map: readMap(values.get("map")),
    layers: layers === undefined ? null : layers.split(",").filter(Boolean).map(decode),
    opacities: readOpacities(values.get("o") ?? ""),
    parcels: readParcels(values.get("p") ?? ""),
  };
}

/**
 * Keys of one 大字/字 share their beginning: `大字/字/1,2-1;大字//3`.
 * @param {string[]} keys
 */
function writeParcels(keys) {
  /** @type {Map<string, string[]>} */
  const bySection = new Map();
  for (const key of keys) {
    const [oaza = "", koaza = "", ...rest] = key.split("/");
    const section = `${encodeURIComponent(oaza)}/${encodeURIComponent(koaza)}`;
    bySection.set(section, [...(bySection.get(section) ?? []), encodeURIComponent(rest.join("/"))]);
  }
  return [...bySection].map(([section, numbers]) => `${section}/${numbers.join(",")}`).join(";");
}

/** @param {string} text */
function readParcels(text) {
  return text.split(";").filter(Boolean).flatMap((group) => {
    const [oaza = "", koaza = "", numbers = ""] = group.split("/");
    return numbers.split(",").filter(Boolean).map((number) => [oaza, koaza, number].map(decode).join("/"));
  });
}

/** @param {string | undefined} text */
function readMap(text) {
  const [zoom, latitude, longitude] = (text ?? "").split("/").map(Number);
  if (!isFinite(zoom ?? NaN) || !isFinite(latitude ?? NaN) || !isFinite(longitude ?? NaN)) return null;
  if (Math.abs(latitude ?? 0) > 90 || Math.abs(longitude ?? 0) > 180) return null;
  return { zoom: zoom ?? 0, latitude: latitude ?? 0, longitude: longitude ?? 0 };
}

/** @param {string} text */
function readOpacities(text) {
  const pairs = text.split(",").filter(Boolean).map((part) => part.split(":"));
  const known = pairs.filter(([, value]) => value !== undefined && Number(value) >= 0 && Number(value) <= 1);
  return Object.fromEntries(known.map(([id, value]) => [decode(id ?? ""), Number(value)]));
}

/**
 * @param {number} value
 * @param {number} digits
 */
function trim(value, digits) {
  return String(Number(value.toFixed(digits)));
}

/** @param {string} text a hand-edited link may hold a broken escape, which is then taken as it stands */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
