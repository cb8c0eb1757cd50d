// @ts-check
// What lies at a point, layer by layer, as the popup shows it.

import { element } from "../shared/dom.js";
import { toPlane } from "../shared/plane.js";
import { figure } from "../shared/units.js";

/** @typedef {import("../shared/types.js").Catalogue} Catalogue */
/** @typedef {import("../shared/types.js").Layer} Layer */

const MOST_FEATURES = 12;
const HIDDEN = new Set(["fid", "geom", "load_id", "valid_from", "version"]);

/**
 * @param {Catalogue} catalogue
 * @param {import("maplibre-gl").MapGeoJSONFeature[]} features
 * @param {[number, number]} position
 */
export function attributesAt(catalogue, features, [longitude, latitude]) {
  const zone = catalogue.municipality.zone ?? 9;
  const { x, y } = toPlane(longitude, latitude, zone);
  const place = `X ${figure(x, 2)} Y ${figure(y, 2)}（${zone}系）`;
  const known = features.flatMap((feature) => {
    const layer = catalogue.layers.find((candidate) => candidate.id === feature.sourceLayer);
    return layer ? [describe(layer, feature.properties)] : [];
  });
  const more = known.length > MOST_FEATURES && element("p", {}, `ほか${known.length - MOST_FEATURES}件`);
  const none = known.length === 0 && element("p", {}, "表示中のレイヤには、ここに何もありません。");
  return element("div", { class: "attributes" }, element("p", { class: "place" }, place), none, ...known.slice(0, MOST_FEATURES), more);
}

/**
 * @param {Layer} layer
 * @param {Record<string, unknown>} properties
 */
function describe(layer, properties) {
  const rows = Object.entries(properties).flatMap(([name, value]) => {
    if (HIDDEN.has(name) || value === null || value === "") return [];
    const field = layer.fields.find((candidate) => candidate.name === name);
    if (!field) return [];
    return [element("dt", {}, field.label), element("dd", {}, valueText(field, value))];
  });
  return element("section", {}, element("h3", {}, layer.title), element("dl", {}, ...rows));
}

/**
 * @param {import("../shared/types.js").LayerField} field
 * @param {unknown} value
 */
function valueText(field, value) {
  if (typeof value === "boolean") return value ? "はい" : "いいえ";
  const coded = field.codes[String(value)];
  return coded ?? `${value}${field.unit ?? ""}`;
}
