// @ts-check
// The published layers by group, each with its switch, legend, source, licence and date.

import { element } from "../shared/dom.js";
import { swatch } from "../shared/patterns.js";
import { figure, japaneseDay } from "../shared/units.js";

/** @typedef {import("./types.js").PublishedLayer} PublishedLayer */

/**
 * @param {HTMLElement} panel
 * @param {import("./types.js").Published} published
 * @param {Set<string>} shown
 * @param {(id: string, isShown: boolean) => void} show
 */
export function startLayers(panel, published, shown, show) {
  if (!published.layers.length) panel.append(element("p", {}, "公開されている地図はまだありません。"));
  for (const [group, layers] of Map.groupBy(published.layers, (layer) => layer.group)) {
    const rows = layers.map((layer) => row(layer, shown.has(layer.id), show));
    panel.append(element("h3", {}, group), element("ul", {}, ...rows));
  }
}

/**
 * @param {PublishedLayer} layer
 * @param {boolean} isShown
 * @param {(id: string, isShown: boolean) => void} show
 */
function row(layer, isShown, show) {
  const box = element("input", { type: "checkbox", id: `layer-${layer.id}` });
  box.checked = isShown;
  box.addEventListener("change", () => show(layer.id, box.checked));
  return element("li", { class: "layer" }, element("label", { for: box.id }, box, layer.title), about(layer));
}

/** @param {PublishedLayer} layer */
function about(layer) {
  const rows = layer.legend.map((entry) => element("li", {}, swatch(entry, layer.geometry), entry.label));
  const facts = [
    layer.description,
    `${layer.data_date ? `${japaneseDay(layer.data_date)}時点` : "時点の記載なし"}・担当 ${layer.department}`,
    `位置の精度 ±${figure(layer.accuracy_m, 1)} m${layer.rows === null ? "" : `・${figure(layer.rows, 0)}件`}`,
    `出典：${layer.attribution}`,
    `利用条件：${layer.licence}`,
  ];
  return element("details", {}, element("summary", {}, "凡例と出典", element("span", { class: "hidden" }, `（${layer.title}）`)),
    element("ul", { class: "legend" }, ...rows), ...facts.map((fact) => element("p", { class: "about" }, fact)));
}
