// @ts-check
// Stands in for the public server where the page is a static edition: the same questions, answered from files.

import { staticHere } from "./static_here.js";

const MOST = 30;
const LEFT_OUT = "‐‑‒–—―−─━ー-・.,、。'’";
const SMALL = "ぁぃぅぇぉっゃゅょゎゕゖゔゐゑをづぢ";
const LARGE = "あいうえおつやゆよわかけぶいえおずじ";

/** Whether this page was written by `onomap publish --static`. */
export function isStatic() {
  return document.querySelector('meta[name="onomap-static"]') !== null;
}

/**
 * What the server would answer at that address. Tiles are files: `layers` names each layer's PMTiles in `tiles`.
 * @param {string} address "here", "layers" or "search"
 * @param {Record<string, string>} parameters
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function staticGet(address, parameters, signal) {
  const read = (/** @type {string} */ path) => readFile(path, signal);
  if (address === "here") {
    const { lon, lat, lang } = parameters;
    return staticHere(read, Number(lon), Number(lat), lang ?? "ja", today());
  }
  if (address === "layers") return read("layers.json");
  if (address === "search") return { places: foundAmong((await read("places.json")).places, parameters["q"] ?? "") };
  throw new Error(`a static edition has no ${address}`);
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
async function readFile(path, signal) {
  const response = await fetch(`./${path}`, signal ? { signal } : {});
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/** The day in Japan, wherever the reader's clock is. */
function today() {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Tokyo" }).format(new Date());
}

/**
 * Places whose names hold the text, compared as the server does: without regard to width, kana script or blanks.
 * @param {{name: string, folded: string[]}[]} places
 * @param {string} text
 */
export function foundAmong(places, text) {
  const wanted = folded(text);
  if (!wanted) return [];
  const found = places.filter((place) => place.folded.some((name) => name.includes(wanted)));
  const begins = (/** @type {{folded: string[]}} */ place) => Number(!place.folded[0]?.startsWith(wanted));
  found.sort((one, other) => begins(one) - begins(other) || [...one.name].length - [...other.name].length);
  return found.slice(0, MOST).map(({ folded: _, ...place }) => place);
}

/**
 * The comparable form of a reading, as `kana_fold` in gis/parcel_numbers/folding.py makes it.
 * @param {string} text
 */
function folded(text) {
  const plain = text.normalize("NFKC").replace(/\s/g, "");
  const hiragana = plain.replace(/[\u30a1-\u30f6]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0x60));
  const kept = [...hiragana].filter((letter) => !LEFT_OUT.includes(letter)).map((letter) => LARGE[SMALL.indexOf(letter)] ?? letter);
  return kept.join("").toLowerCase();
}
