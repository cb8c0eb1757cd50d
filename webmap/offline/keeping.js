// @ts-check
// Keeps one edition of the map on this device and lets go of it again; the worker answers from it where there is no network.

import { address, get } from "../shared/server.js";
import { t } from "../shared/words.js";

/** @typedef {import("./types.js").FileList} FileList */
/** @typedef {import("./types.js").KeptFile} KeptFile */
/** @typedef {import("./types.js").KeptRecord} KeptRecord */

const SHELF = "onomap-kept";
const ASKED = "onomap-asked";
const EDITION = "onomap-edition-";
const RECORD = "record";
/** Tells the worker not to answer from what is kept already. */
const PASS = { "X-Onomap-Keep": "1" };
/** Of the free room that a browser names, not all is ours. */
const SPARE = 1.2;

/** Whether this browser can keep anything: a worker is given to pages that came over https only. */
export function isPossible() {
  return isSecureContext && "caches" in window && "serviceWorker" in navigator;
}

/** What is kept, null for nothing. @returns {Promise<KeptRecord | null>} */
export async function kept() {
  if (!isPossible()) return null;
  const record = await caches.match(address(RECORD).href, { cacheName: SHELF });
  return record ? record.json() : null;
}

/** What there is to keep now. @param {string} language @returns {Promise<FileList>} */
export function offered(language) {
  return get("offline.json", { lang: language });
}

/** Whether the server answers. */
export async function isReachable() {
  try {
    return (await fetch(address("healthz"), { cache: "no-store", signal: AbortSignal.timeout(8000) })).ok;
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) return false;
    throw error;
  }
}

/**
 * Fetches every file, and only when all of them are here lets the new edition take the place of the old one.
 * @param {FileList} list
 * @param {(bytes: number) => void} tell how many are here
 * @param {AbortSignal} signal
 * @returns {Promise<KeptRecord>}
 */
export async function keep(list, tell, signal) {
  await needRoom(list.bytes);
  const name = `${EDITION}${list.edition.number}-${Date.now()}`;
  try {
    const cache = await caches.open(name);
    let done = 0;
    for (const file of list.files) {
      const content = await received(file, (bytes) => tell(done + bytes), signal);
      await cache.put(address(file.url).href, content);
      done += file.bytes;
      tell(done);
    }
    signal.throwIfAborted();
    return await switchTo(name, list);
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
}

/** Lets go of everything, the worker too. */
export async function forget() {
  for (const name of await caches.keys()) {
    if (name === SHELF || name === ASKED || name.startsWith(EDITION)) await caches.delete(name);
  }
  const registration = await navigator.serviceWorker.getRegistration(address("./").href);
  await registration?.unregister();
}

/** @param {number} bytes */
async function needRoom(bytes) {
  const { quota, usage } = await navigator.storage.estimate();
  if (quota !== undefined && quota - (usage ?? 0) < bytes * SPARE) throw new Error(t("offline_no_room", { size: sizeText(bytes) }));
  // without it a browser short of room may drop what is kept
  await navigator.storage.persist();
}

/**
 * @param {KeptFile} file
 * @param {(bytes: number) => void} tell
 * @param {AbortSignal} signal
 */
async function received(file, tell, signal) {
  const response = await fetch(address(file.url), { headers: PASS, signal, cache: file.kind === "vendor" ? "default" : "no-cache" });
  if (!response.ok || !response.body) throw new Error(t("offline_no_answer"));
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const chunks = [];
  let bytes = 0;
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    bytes += value.length;
    tell(Math.min(bytes, file.bytes));
  }
  const content = new Blob(chunks, { type: response.headers.get("content-type") ?? "" });
  if (file.sha256 && (await hashOf(content)) !== file.sha256) throw new Error(t("offline_damaged"));
  const headers = [...response.headers].filter(([name]) => ["content-type", "content-security-policy"].includes(name));
  return new Response(content, { headers });
}

/** @param {Blob} content */
async function hashOf(content) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await content.arrayBuffer()));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {string} name
 * @param {FileList} list
 */
async function switchTo(name, list) {
  /** @type {KeptRecord} */
  const record = {
    cache: name,
    edition: list.edition,
    language: list.language,
    bytes: list.bytes,
    kept_at: new Date().toISOString(),
    words: { title: t("offline_title"), detail: t("offline_here") },
  };
  const shelf = await caches.open(SHELF);
  await shelf.put(address(RECORD).href, new Response(JSON.stringify(record), { headers: { "content-type": "application/json" } }));
  for (const other of await caches.keys()) if (other.startsWith(EDITION) && other !== name) await caches.delete(other);
  await navigator.serviceWorker.register(address("service-worker.js"), { scope: address("./").pathname });
  await navigator.serviceWorker.ready;
  return record;
}

/** @param {number} bytes */
export function sizeText(bytes) {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
