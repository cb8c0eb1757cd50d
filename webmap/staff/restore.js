// @ts-check
// Finds the parcels of a link again.

import { get } from "../shared/server.js";

/** @typedef {import("../shared/types.js").Parcel} Parcel */

const KEYS_A_REQUEST = 40;

/**
 * How people write a key "大字/字/地番", which the search reads.
 * @param {string} key
 */
export function writtenForm(key) {
  const [oaza = "", koaza = "", ...number] = key.split("/");
  return `大字${oaza}${koaza ? `字${koaza}` : ""}${number.join("/")}`;
}

/**
 * The parcels of those keys as they are now, and the keys that lead nowhere any more.
 * @param {string[]} keys
 * @returns {Promise<{parcels: Parcel[], unfound: string[]}>}
 */
export async function restoreParcels(keys) {
  /** @type {Parcel[]} */
  const parcels = [];
  for (let start = 0; start < keys.length; start += KEYS_A_REQUEST) {
    const wanted = keys.slice(start, start + KEYS_A_REQUEST);
    /** @type {import("../shared/types.js").ParcelMatches} */
    const found = await get("parcels", { q: wanted.map(writtenForm).join("\n") });
    parcels.push(...found.matches.filter((parcel) => wanted.includes(parcel.key)));
  }
  const seen = new Set(parcels.map((parcel) => parcel.key));
  return { parcels, unfound: keys.filter((key) => !seen.has(key)) };
}

/**
 * @param {string[]} unfound
 * @param {import("./frame.js").Frame} frame
 */
export function sayUnfound(unfound, frame) {
  if (unfound.length) frame.notice(`リンクにある筆のうち ${unfound.map(writtenForm).join("、")} は見つかりませんでした。分筆・合筆などで変わった可能性があります。`);
}
