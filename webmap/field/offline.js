// @ts-check
// Keeps the page on the phone, and the lines round a place; lets go of the lines when their reader leaves.

import { address, get } from "../shared/server.js";
import { forgetGround, keepGround } from "./database.js";

/** @typedef {import("./types.js").KeptGround} KeptGround */

const SHELF = "onomap-field-shelf";
const EDITION = "onomap-field-shell-";

/** Whether this browser keeps pages: over https only. */
export function isPossible() {
  return isSecureContext && "caches" in window && "serviceWorker" in navigator;
}

/**
 * Keeps the files of the page as they are now, all of them or none.
 * @returns {Promise<boolean>} whether they are kept
 */
export async function keepShell() {
  if (!isPossible()) return false;
  /** @type {{version: string, files: {url: string, sha256: string}[]}} */
  const { version, files } = await get("field/shell.json");
  const name = EDITION + version;
  const record = address("record").href;
  const known = await caches.match(record, { cacheName: SHELF });
  if (!known || (await known.json()).cache !== name) {
    const cache = await caches.open(name);
    try {
      for (const file of files) await cache.put(address(file.url).href, await whole(file));
    } catch (error) {
      await caches.delete(name);
      throw error;
    }
    await (await caches.open(SHELF)).put(record, new Response(JSON.stringify({ cache: name })));
    for (const other of await caches.keys()) if (other.startsWith(EDITION) && other !== name) await caches.delete(other);
  }
  await navigator.serviceWorker.register(address("field/worker.js"), { scope: address("field").pathname });
  await navigator.serviceWorker.ready;
  return true;
}

/** @param {{url: string, sha256: string}} file */
async function whole({ url, sha256 }) {
  const response = await fetch(address(url), { cache: "no-store" });
  const content = await response.blob();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await content.arrayBuffer()));
  const hash = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (!response.ok || hash !== sha256) throw new Error("画面のファイルを端末に保存できませんでした。電波のよい所で開き直してください。");
  const headers = [...response.headers].filter(([name]) => ["content-type", "content-security-policy"].includes(name));
  return new Response(content, { headers });
}

/**
 * How large the ground round a place is.
 * @param {{lon: number, lat: number}} place
 * @param {number} radius metres
 * @returns {Promise<{bytes: number, features: number}>}
 */
export function groundSize({ lon, lat }, radius) {
  return get("field/ground/size", asked(lon, lat, radius));
}

/**
 * Takes it along.
 * @param {string} account
 * @param {{lon: number, lat: number}} place
 * @param {number} radius metres
 * @returns {Promise<KeptGround>}
 */
export async function takeGround(account, { lon, lat }, radius) {
  const ground = await get("field/ground", asked(lon, lat, radius));
  /** @type {KeptGround} */
  const kept = { account, kept_at: new Date().toISOString(), bytes: JSON.stringify(ground).length, ground };
  // without it a browser short of room may drop what is kept
  await navigator.storage?.persist();
  await keepGround(kept);
  return kept;
}

/** @param {number} lon @param {number} lat @param {number} radius */
function asked(lon, lat, radius) {
  return { lon: lon.toFixed(7), lat: lat.toFixed(7), radius_m: String(radius) };
}

export { forgetGround };
