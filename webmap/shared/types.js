// @ts-check
// The shapes of what the server sends, for the type checker only.

/**
 * A 筆 as the search gives it. `geometry`, `center` and `bbox` are longitude/latitude (JGD2011) and null for a parcel of a 任意座標系 sheet.
 * @typedef {object} Parcel
 * @property {number | null} fid null for a parcel of a 任意座標系 sheet
 * @property {string} key
 * @property {string} number
 * @property {number | null} area_m2
 * @property {number | null} registered_area_m2
 * @property {string | null} land_category
 * @property {string | null} accuracy_class
 * @property {boolean} undetermined
 * @property {boolean} placed
 * @property {[number, number] | null} center
 * @property {[number, number, number, number] | null} bbox
 * @property {GeoJSON.Geometry | null} geometry
 * @property {string | null} [sheet]
 */

/**
 * @typedef {object} ParcelMatches
 * @property {string} [query]
 * @property {Parcel[]} matches
 * @property {Parcel[]} [near]
 * @property {string[]} [unmatched]
 * @property {boolean} [truncated]
 */

/**
 * @typedef {object} Place
 * @property {string} layer
 * @property {string} title
 * @property {string} name
 * @property {string | null} kana
 * @property {string | null} address
 * @property {[number, number]} center
 */

/**
 * @typedef {object} Oaza
 * @property {string} name
 * @property {[number, number]} center
 * @property {[number, number, number, number]} bbox
 */

/** @typedef {{parcels: ParcelMatches, places: Place[], oaza: Oaza[]}} SearchResult */

/** @typedef {"applies" | "does_not_apply" | "near_boundary" | "no_data" | "stale"} Outcome */

/**
 * What was measured, in the units its names say; `share` is 0 to 1.
 * @typedef {object} Measure
 * @property {number | null} [overlap_m2]
 * @property {number | null} [share]
 * @property {number | null} [overlap_min_m2]
 * @property {number | null} [overlap_max_m2]
 * @property {number | null} [distance_m]
 * @property {number | null} [length_m]
 * @property {number | null} [count]
 * @property {number | null} [band_m]
 * @property {Outcome | null} [provisional] what a stale layer would have answered
 * @property {(Measure & {label?: string})[]} [groups]
 */

/**
 * @typedef {object} Finding
 * @property {string} parcel as people write it
 * @property {string} parcel_key
 * @property {string} theme
 * @property {string} theme_title
 * @property {Outcome} outcome
 * @property {string} outcome_label
 * @property {string} label
 * @property {Measure} measure
 * @property {string} basis
 * @property {string} department
 * @property {string} layer
 * @property {string} layer_title
 * @property {string | null} data_date
 * @property {number | string | null} load
 * @property {string} [source]
 * @property {string[]} [notes]
 */

/**
 * @typedef {object} AnsweredParcel
 * @property {string} key
 * @property {string} number
 * @property {number | null} area_m2
 * @property {string | null} accuracy_class
 * @property {number} [error_m]
 * @property {string[]} [notes]
 */

/**
 * @typedef {object} Answer
 * @property {string | null} [id]
 * @property {string | null} [permalink]
 * @property {string} as_of
 * @property {AnsweredParcel[]} parcels
 * @property {Finding[]} findings
 * @property {string[]} [disclaimers]
 * @property {string[]} [unresolved]
 * @property {number} [elapsed_ms]
 */

/**
 * @typedef {object} LegendRow
 * @property {string} label
 * @property {Record<string, string>} values
 * @property {string | null} fill
 * @property {string | null} line
 * @property {number} width
 * @property {string | null} pattern
 * @property {string | null} icon
 */

/** @typedef {{name: string, label: string, unit: string | null, codes: Record<string, string>}} LayerField */

/**
 * @typedef {object} Layer
 * @property {string} id
 * @property {string} title
 * @property {string} group
 * @property {string} department
 * @property {string} geometry
 * @property {number} accuracy_m
 * @property {string | null} data_date
 * @property {string | null} loaded_at
 * @property {number | null} load
 * @property {number | null} rows
 * @property {boolean} rows_estimated
 * @property {boolean} stale
 * @property {number} first_zoom from here on something of it is drawn, many in one shape below min_zoom
 * @property {number} min_zoom
 * @property {number} max_zoom
 * @property {string | null} label_field
 * @property {string} attribution
 * @property {string} description
 * @property {string} source
 * @property {LayerField[]} fields
 * @property {LegendRow[]} legend
 * @property {boolean} loaded
 * @property {RasterContent | null} raster null for a layer of shapes
 */

/**
 * What the pixels of a raster layer are, and the ways to draw them, the usual one first.
 * @typedef {object} RasterContent
 * @property {"elevation" | "depth" | "picture"} values
 * @property {string | null} unit
 * @property {{id: string, label: string}[]} renders
 */

/**
 * The value of a raster at a place.
 * @typedef {object} RasterValue
 * @property {"value" | "no_data" | "outside"} outcome
 * @property {number | null} value
 * @property {string | null} unit
 * @property {string | null} vertical_datum
 * @property {string[]} notes
 * @property {string} source
 * @property {string | null} data_date
 */

/**
 * `zone` is the 平面直角座標系 of the town.
 * @typedef {object} Municipality
 * @property {string} code
 * @property {string} name
 * @property {boolean} fictitious
 * @property {[number, number, number, number]} bbox
 * @property {number} [zone]
 */

/** @typedef {{municipality: Municipality, layers: Layer[]}} Catalogue */

/** @typedef {{id: number, name: string, parcels: number, file: string}} Sheet */

export {};
