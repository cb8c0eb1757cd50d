// @ts-check
// The shapes of what the public server sends, for the type checker only.

/**
 * @typedef {object} PublishedLayer
 * @property {string} id
 * @property {string} title
 * @property {string} group
 * @property {string} department
 * @property {string} geometry
 * @property {string} description
 * @property {string} source
 * @property {string} licence
 * @property {string} attribution
 * @property {number} accuracy_m
 * @property {number} first_zoom
 * @property {string | null} data_date
 * @property {number | null} rows
 * @property {import("../shared/types.js").LayerField[]} fields
 * @property {import("../shared/types.js").LegendRow[]} legend
 */

/**
 * @typedef {object} Published
 * @property {{name: string, full_name: string, fictitious: boolean, bbox: [number, number, number, number]}} municipality
 * @property {{number: number, made_at: string | null}} edition
 * @property {PublishedLayer[]} layers
 */

export {};
