// @ts-check
// The shapes of what the server says of the situation, for the type checker only.

/** @typedef {"normal" | "alert" | "disaster" | "recovery"} Phase */
/** @typedef {"preparing" | "open" | "full" | "closed" | "unknown"} SiteState */
/** @typedef {{layer: string, id: number, name: string, address: string | null}} Site */
/** @typedef {{layer: string, id: number, name: string, state: SiteState, people: number | null, pets: boolean | null, barrier_free: boolean | null, note: string, told_at: string}} ToldSite */
/** @typedef {{id: number, name: string, reason: string, since: string, geometry: GeoJSON.Geometry}} Closure */
/** @typedef {{id: number, level: number, title: string, text: string, issued_at: string, expires_at: string | null}} Notice */
/** @typedef {{phase: Phase, headline: string, exercise: boolean, shelters: ToldSite[], closures: Closure[], notices: Notice[]}} Content */
/** @typedef {{number: number, action: string, note: string, name: string, made_at: string}} Step */
/** @typedef {{way: "import" | "file", number: number | null, at: string | null, trouble: string | null}} Outside */

/**
 * @typedef {object} State
 * @property {number} number
 * @property {boolean} may_switch
 * @property {{name: string, department: string}} caller
 * @property {{name: string, bbox: [number, number, number, number]}} town
 * @property {Content} content
 * @property {Site[]} sites
 * @property {boolean} can_undo
 * @property {Step[]} steps
 * @property {Outside} outside
 * @property {string | null} last_file
 * @property {number | null} [sent]
 * @property {string | null} [trouble]
 */

export {};
