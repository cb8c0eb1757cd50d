// @ts-check
// The words of the page in the language of its reader, out of the same files that the server reads.

import { get } from "./server.js";

/** @type {Record<string, string>} */
let texts = {};
let spoken = "";

/**
 * Reads the parts ("common" is always one) in a language; what is shown already stays until they are here.
 * @param {string} language
 * @param {string[]} parts
 */
export async function loadWords(language, parts) {
  const read = await Promise.all(["common", ...parts].map((part) => get(`i18n/${language}/${part}.json`)));
  // parts that were read before stay, as long as they are in the same language
  texts = Object.assign({}, language === spoken ? texts : {}, ...read);
  spoken = language;
}

/**
 * The text under a key with its {places} filled; a key that is not there is shown as it is, so that it is seen.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  return (texts[key] ?? key).replace(/{(\w+)}/g, (place, name) => String(values[name] ?? place));
}
