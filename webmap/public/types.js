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

/** @typedef {{lon: number, lat: number}} Position in degrees */

/** @typedef {"applies" | "near_boundary" | "stale" | "no_data" | "does_not_apply"} Outcome */

/**
 * @typedef {object} Risk
 * @property {string} hazard
 * @property {Outcome} outcome
 * @property {string} outcome_label
 * @property {string} title
 * @property {string} sentence
 * @property {string | null} advice
 * @property {{label: string, value: string, colour: string | null}[]} details
 * @property {string} source
 * @property {string | null} data_date
 */

/** @typedef {{state: string, label: string, told_at: string | null}} SiteState */

/**
 * @typedef {object} Site
 * @property {string} layer
 * @property {number | string} id
 * @property {string} name
 * @property {string | null} name_kana
 * @property {string | null} address
 * @property {number} lon
 * @property {number} lat
 * @property {number | null} walk_m
 * @property {number} straight_m
 * @property {boolean} by_road
 * @property {string} sentence
 * @property {SiteState | null} state
 */

/** @typedef {{hazard: string, title: string, sentence: string, sites: Site[]}} Destination */

/**
 * @typedef {object} Here
 * @property {string} lang
 * @property {{number: number, made_at: string | null}} edition
 * @property {{lon: number, lat: number, oaza: string | null, district: string | null, in_town: boolean}} place
 * @property {string} headline
 * @property {string} first
 * @property {string} shelters_sentence
 * @property {Record<string, {source: string, data_date: string | null}>} sources
 * @property {Risk[]} risks
 * @property {Destination[]} go
 * @property {Site[]} shelters
 * @property {string[]} notes
 */

/**
 * @typedef {object} ToldShelter
 * @property {string} layer
 * @property {number | string} id
 * @property {string} name
 * @property {string} state
 * @property {string} label
 * @property {number} lon
 * @property {number} lat
 * @property {boolean | null} pets
 * @property {boolean | null} barrier_free
 * @property {number | null} people
 * @property {string | null} note
 * @property {string | null} told_at
 */

/**
 * @typedef {object} Situation
 * @property {number} number
 * @property {"normal" | "alert" | "disaster" | "recovery"} phase
 * @property {string} phase_label
 * @property {string} headline
 * @property {string | null} exercise_label
 * @property {string | null} made_at
 * @property {ToldShelter[]} shelters
 * @property {{name: string, reason: string, since: string | null, geometry: GeoJSON.Geometry | null}[]} closures
 * @property {{id: string, level: number | null, level_label: string, title: string, text: string, issued_at: string | null, expires_at: string | null}[]} notices
 */

/**
 * What the page asks of a map, be it of WebGL or of pictures: what a map cannot do is not there.
 * @typedef {EventTarget & {
 *   show: (id: string, isShown: boolean) => void,
 *   showPlace: (position: [number, number], name: string, accuracyM?: number) => void,
 *   fade?: (id: string, opacity: number) => void,
 *   arrange?: (ids: string[]) => void,
 *   showBox?: (box: [number, number, number, number]) => void,
 *   showSite?: (position: [number, number], name: string) => void,
 *   mark?: (position: [number, number], name: string) => void,
 *   tell?: (situation: Situation) => void,
 *   tellKinds?: (sites: {lon: number, lat: number, kinds: string[]}[]) => void,
 *   box?: () => [number, number, number, number],
 *   whenReady?: () => Promise<void>,
 * }} AnyMap
 */

export {};
