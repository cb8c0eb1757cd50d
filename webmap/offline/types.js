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

export {};
