// @ts-check
// Shapes of what the field page works with, for the type checker only. Degrees are JGD2011; metres are of the town's plane.

/** @typedef {"geolocation" | "nmea" | "typed"} Source */

/**
 * One position of the antenna, as it is sent.
 * @typedef {object} Fix
 * @property {string} at
 * @property {number} lon
 * @property {number} lat
 * @property {number} [height_m]
 * @property {number} [geoid_separation_m]
 * @property {number} [quality] GGA field 6; a browser does not say
 * @property {number} [accuracy_m]
 * @property {number} [hdop]
 * @property {number} [satellites]
 */

/**
 * @typedef {object} Spot
 * @property {number} east metres
 * @property {number} north metres
 */

/**
 * The mean of fixes, with how sure it is.
 * @typedef {object} Mean
 * @property {number} count
 * @property {number} lon
 * @property {number} lat
 * @property {number} east
 * @property {number} north
 * @property {number} scatter_m of one axis
 * @property {number} sigma_m the larger of the scatter and of what the source says of itself
 */

/**
 * @typedef {object} Settings
 * @property {string} field_name
 * @property {string} field_id of a field that is measured again, empty for a new one
 * @property {string} base_station
 * @property {string} mount_point
 * @property {"reference" | "current"} epoch
 * @property {string} receiver
 * @property {number} antenna_height_m
 * @property {boolean} claimed_fix
 */

/**
 * A survey as this phone knows it; its record is made together with the first corner.
 * @typedef {object} SurveyRow
 * @property {string} id
 * @property {string} account
 * @property {string} started_at
 * @property {Settings} settings
 * @property {boolean} begun its record is there
 * @property {number} ring that is being measured: 0 is the outer one
 * @property {Record<string, number>} next order by ring
 * @property {boolean} finished
 * @property {string} [kept] id of the field that it has become
 */

/** @typedef {{id: string, kind: "session" | "corner" | "track" | "undo", [more: string]: any}} FieldRecord */

/**
 * A record with what has become of it.
 * @typedef {object} Row
 * @property {number} [seq] given by the database, in the order of recording
 * @property {string} id
 * @property {string} account
 * @property {string} session
 * @property {"unsent" | "sent" | "refused"} state
 * @property {string} [why]
 * @property {FieldRecord} record
 */

/** @typedef {{id: string, kind: "corner" | "track", ring: number, order: number, at: string, source: Source, mean: Mean, path: Mean[], state: Row["state"], why: string}} Item */

/**
 * @typedef {object} GroundFeature
 * @property {number} id
 * @property {{layer: string, label: string, accuracy_m: number, field_id?: string}} properties
 * @property {GeoJSON.MultiPolygon} geometry
 * @property {[number, number][][][]} plane x east, y north
 */

/**
 * @typedef {object} Ground
 * @property {[number, number]} center
 * @property {number} radius_m
 * @property {number} epsg
 * @property {number} zone
 * @property {{id: string, title: string, attribution: string, data_date: string | null}[]} layers
 * @property {GroundFeature[]} features
 */

/** @typedef {{account: string, kept_at: string, bytes: number, ground: Ground}} KeptGround */

/**
 * @typedef {object} About
 * @property {string} account
 * @property {string} name
 * @property {boolean} surveys whether they may record and keep surveys
 * @property {string | null} token
 * @property {{name: string, zone: number, bbox: [number, number, number, number], fictitious: boolean}} town
 */

/** @typedef {{outer: Spot[], inners: Spot[][], area_m2: number, from: "phone" | "server"}} Outline */

export {};
