// @ts-check
// Stands in for the public server where the page is a static edition: the same questions, answered from files.

import { readPosition } from "../shared/coordinates.js";
import { ServerProblem } from "../shared/server.js";
import { staticHere } from "./static_here.js";

const MOST = 30;
const LEFT_OUT = "‐‑‒–—―−─━ー-・.,、。'’";
const SMALL = "ぁぃぅぇぉっゃゅょゎゕゖゔゐゑをづぢ";
const LARGE = "あいうえおつやゆよわかけぶいえおずじ";

/**
 * What the server would answer at that address. Tiles are files: `layers` names each layer's PMTiles in `tiles`.
 * @param {string} address
 * @param {Record<string, string | string[]>} parameters
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function staticGet(address, parameters, signal) {
  const read = (/** @type {string} */ path) => readFile(path, signal);
  const asked = (/** @type {string} */ name) => String(parameters[name] ?? "");
  if (address === "here") return staticHere(read, Number(asked("lon")), Number(asked("lat")), asked("lang") || "ja", today());
  if (address === "layers") return read("layers.json");
  if (address === "search") {
    const [{ places }, { town }] = await Promise.all([read("places.json"), read("here/common.json")]);
    return { places: foundAmong(places, asked("q")), position: typedPosition(asked("q"), town.plane_zone) };
  }
  // what holds on the day is told by a server, never by a file
  if (address === "situation") throw new ServerProblem(address, { status: 404 });
  if (address === "styles/public.json") return styleOfFiles(await read(address), (await read("layers.json")).tiles);
  const [, layer, fid] = /^api\/collections\/(\w+)\/items(?:\/(\d+))?$/.exec(address) ?? [];
  if (layer) return itemsOf(await read("layers.json"), layer, fid ?? null, read);
  return read(address);
}

/**
 * The rows of a layer of places; nothing is kept of one whose rows are many, of which the tiles tell what they hold.
 * @param {{items: string[]}} listing
 * @param {string} layer
 * @param {string | null} fid
 * @param {(path: string) => Promise<any>} read
 */
async function itemsOf(listing, layer, fid, read) {
  const kept = listing.items.includes(layer) ? await read(`items/${layer}.json`) : { type: "FeatureCollection", features: [] };
  if (fid === null) return kept;
  return kept.features.find((/** @type {{id: number}} */ feature) => String(feature.id) === fid) ?? { properties: null };
}

/**
 * The style with its sources read out of the files.
 * @param {{sources: Record<string, Record<string, unknown>>}} style
 * @param {Record<string, string>} files a layer's PMTiles by its id
 */
function styleOfFiles(style, files) {
  for (const [name, source] of Object.entries(style.sources)) {
    delete source["tiles"];
    source["url"] = `pmtiles://${new URL(files[name] ?? "", document.baseURI).href}`;
  }
  return style;
}

/**
 * @param {string} text
 * @param {number} zone
 */
function typedPosition(text, zone) {
  const found = readPosition(text, zone);
  return found && { lon: found[0], lat: found[1], in_town: true };
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
async function readFile(path, signal) {
  const response = await fetch(`./${path}`, signal ? { signal } : {});
  if (!response.ok) throw new ServerProblem(`${path}: ${response.status}`, { status: response.status });
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
