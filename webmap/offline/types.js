// @ts-check
// Shapes of what this room works with, for the type checker only.

/** Leaflet 1.9.4 comes without types. @typedef {any} Leaflet */

/**
 * @typedef {object} PickedFeature
 * @property {string} sourceLayer
 * @property {string | number} [id]
 * @property {Record<string, unknown>} properties
 * @property {unknown} [geometry]
 */

/**
 * @typedef {object} KeptFile
 * @property {"page" | "answer" | "words" | "vendor" | "names" | "tiles"} kind
 * @property {string} url below the page
 * @property {number} bytes
 * @property {string} [sha256] of what stays the same within an edition
 * @property {string} [title] of a layer
 */

/**
 * @typedef {object} FileList
 * @property {{number: number, made_at: string | null}} edition
 * @property {string} language
 * @property {number} bytes
 * @property {KeptFile[]} files
 */

/**
 * @typedef {object} KeptRecord
 * @property {string} cache the name of the cache with the files
 * @property {{number: number, made_at: string | null}} edition
 * @property {string} language
 * @property {number} bytes
 * @property {string} kept_at
 * @property {{title: string, detail: string}} words
 */

export {};
