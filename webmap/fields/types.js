// @ts-check
// The shapes of what the server says of fields, plans and base stations, for the type checker only.

/** @typedef {"rtk_fields" | "farmland"} GroundLayer */
/** @typedef {{id: string, label: string, short: string, group: string, fill: string, line: string, pattern: string, width: number}} Crop */
/** @typedef {{crop: string, area_m2: number | null, share: number | null, variety: string, state: "planned" | "actual", note: string}} PartWanted */
/** @typedef {PartWanted & {resolved_m2: number}} Part */
/** @typedef {{crop: string, oaza: string | null, fields: number, m2: number, a: number, tan: number, rtk_m2: number, rough_m2: number, polygon_m2: number, actual_m2: number}} Sum */
/** @typedef {{version: number, action: string, made_at: string | null, name: string, words: string}} Version */

/**
 * @typedef {object} Field
 * @property {GroundLayer} layer
 * @property {string} field_id
 * @property {string} name
 * @property {string | null} oaza
 * @property {number} area_m2
 * @property {number} area_a
 * @property {number} area_tan
 * @property {string} basis
 * @property {number | null} sigma_m
 * @property {number} version
 * @property {string} etag
 * @property {boolean} may_edit
 * @property {boolean} over
 * @property {Part[]} parts
 */

/** @typedef {Field & {year: number, versions: Version[]}} Plan */

/**
 * @typedef {object} Year
 * @property {number} year
 * @property {number[]} years
 * @property {boolean} everything
 * @property {boolean} may_edit
 * @property {{name: string, department: string}} caller
 * @property {{name: string, bbox: [number, number, number, number], fictitious: boolean}} town
 * @property {Crop[]} crops
 * @property {string[]} oazas
 * @property {number} all
 * @property {Field[]} fields
 * @property {{by_crop: Sum[], by_oaza: Sum[]}} sums
 * @property {string[]} warnings
 */

/** @typedef {{year: number, unchanged: number, differences: {layer: string, field_id: string, name: string, before: string, after: string}[], refused: {line: number, why: string}[], digest: string}} Preview */

/**
 * @typedef {object} Station
 * @property {number} fid
 * @property {number} version
 * @property {string} station_id
 * @property {string} name
 * @property {string} kind
 * @property {string | null} owner
 * @property {string | null} datum
 * @property {"reference" | "current" | null} epoch
 * @property {number | null} coverage_km
 * @property {string | null} mount_point
 * @property {string | null} health
 * @property {string | null} health_note
 * @property {string | null} health_on
 * @property {string | null} contact
 * @property {number} fields
 * @property {{station_id: string, name: string, km: number, error_km: number | null}[]} nearest
 */

/** @typedef {{layer: string, field_id: string, name: string, oaza: string | null, station_id: string | null, km: number | null, growth_mm: number | null}} Reach */
/** @typedef {{may_edit: boolean, stations: Station[], geonet: number, fields: number, outside: Reach[], served: Reach[]}} Stations */
/** @typedef {{id: number, known_point: string, epoch: "reference" | "current", fixes: number, receiver: string, note: string, measured_at: string, dx: number, dy: number, dh: number | null, sigma_m: number, limit_m: number, limit_h_m: number, beyond: boolean, name: string, withdrawn_at: string | null}} Check */
/** @typedef {{known_point: string, epoch: "reference" | "current", alarm: string | null, trend_mm_a: [number, number] | null, checks: Check[]}} Series */
/** @typedef {{may_edit: boolean, checks: Check[], series: Series[]}} Checks */

export {};
