// @ts-check
// What the map itself has at a place, layer by layer: asked of the server by number, shown as text below the answer.

import { element } from "../shared/dom.js";
import { ServerProblem, get } from "../shared/server.js";
import { t } from "../shared/words.js";
import { day, japanese, titleOf } from "./reading.js";

/** @typedef {import("./types.js").PublishedLayer} PublishedLayer */
/** @typedef {import("maplibre-gl").MapGeoJSONFeature} Feature */

const MOST = 12;

/**
 * @param {import("./types.js").Published} published
 * @param {Feature[]} features
 */
export async function detailsOf(published, features) {
  const known = features.slice(0, MOST).flatMap((feature) => {
    const layer = published.layers.find((candidate) => candidate.id === feature.sourceLayer);
    return layer ? [{ layer, feature }] : [];
  });
  if (!known.length) return element("p", { class: "about" }, t("from_map_none"));
  const sections = await Promise.all(known.map(({ layer, feature }) => section(layer, feature)));
  const more = features.length > MOST ? element("p", {}, t("and_more", { count: features.length - MOST })) : null;
  // somebody who pressed the sign of a site wants to read of it
  const isSite = known.some(({ feature }) => feature.geometry.type.includes("Point"));
  return element("details", { class: "from-map", open: isSite || document.documentElement.dataset["network"] === "none" }, element("summary", {}, t("from_map", { count: features.length })), ...sections, more);
}

/**
 * @param {PublishedLayer} layer
 * @param {Feature} feature
 */
async function section(layer, feature) {
  const properties = await propertiesOf(layer, feature);
  const rows = layer.fields.flatMap((field) => {
    const value = properties[field.name];
    return value === null || value === undefined || value === "" ? [] : [element("dt", {}, japanese(field.label)), element("dd", {}, japanese(written(field, value)))];
  });
  return element("section", {}, element("h4", {}, titleOf(layer)), element("dl", {}, ...rows),
    element("p", { class: "about" }, t("source", { source: layer.attribution }), "　", layer.data_date ? t("data_day", { day: day(layer.data_date) }) : t("no_day")));
}

/**
 * All that is public of a feature; without a network what the tile has of it, which is what its colour and its name say.
 * @param {PublishedLayer} layer
 * @param {Feature} feature
 * @returns {Promise<Record<string, unknown>>}
 */
async function propertiesOf(layer, feature) {
  if (feature.id === undefined) return feature.properties;
  try {
    return (await get(`api/collections/${layer.id}/items/${feature.id}`, { f: "json" })).properties ?? feature.properties;
  } catch (error) {
    if (error instanceof ServerProblem && (error.offline || error.status === 503)) return feature.properties;
    throw error;
  }
}

/**
 * @param {import("../shared/types.js").LayerField} field
 * @param {unknown} value
 */
function written(field, value) {
  if (typeof value === "boolean") return field.codes[String(value)] ?? t(value ? "yes" : "no");
  return field.codes[String(value)] ?? `${value}${field.unit ? ` ${field.unit}` : ""}`;
}
