// @ts-check
// What lies at a place, layer by layer: asked of the server by number, shown as text.

import { element } from "../shared/dom.js";
import { get } from "../shared/server.js";

/** @typedef {import("./types.js").PublishedLayer} PublishedLayer */

const MOST = 12;

/**
 * @param {HTMLElement} panel
 * @param {import("./types.js").Published} published
 * @param {import("maplibre-gl").MapGeoJSONFeature[]} features
 */
export async function showDetails(panel, published, features) {
  const known = features.slice(0, MOST).flatMap((feature) => {
    const layer = published.layers.find((candidate) => candidate.id === feature.sourceLayer);
    return layer ? [{ layer, feature }] : [];
  });
  panel.setAttribute("aria-busy", "true");
  try {
    const sections = await Promise.all(known.map(({ layer, feature }) => section(layer, feature)));
    const none = !known.length && element("p", {}, "表示中の地図には、ここに何もありません。");
    const more = features.length > MOST && element("p", {}, `ほか${features.length - MOST}件`);
    panel.replaceChildren(...[none, ...sections, more].filter((node) => node instanceof HTMLElement));
  } finally {
    panel.removeAttribute("aria-busy");
  }
}

/**
 * @param {PublishedLayer} layer
 * @param {import("maplibre-gl").MapGeoJSONFeature} feature
 */
async function section(layer, feature) {
  const properties = feature.id === undefined ? feature.properties : (await get(`api/collections/${layer.id}/items/${feature.id}`, { f: "json" })).properties;
  const rows = layer.fields.flatMap((field) => {
    const value = properties[field.name];
    return value === null || value === undefined || value === "" ? [] : [element("dt", {}, field.label), element("dd", {}, written(field, value))];
  });
  return element("section", {}, element("h3", {}, layer.title), element("dl", {}, ...rows), element("p", { class: "about" }, `出典：${layer.attribution}`));
}

/**
 * @param {import("../shared/types.js").LayerField} field
 * @param {unknown} value
 */
function written(field, value) {
  if (typeof value === "boolean") return field.codes[String(value)] ?? (value ? "はい" : "いいえ");
  return field.codes[String(value)] ?? `${value}${field.unit ? ` ${field.unit}` : ""}`;
}
