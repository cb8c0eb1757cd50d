// @ts-check
// The layers by group, each row with its switch, legend, opacity, owner and freshness.

import { element } from "../shared/dom.js";
import { swatch } from "../shared/patterns.js";
import { figure, japaneseDay } from "../shared/units.js";

/** @typedef {import("../shared/types.js").Layer} Layer */
/** @typedef {import("./state.js").State} State */

/**
 * @param {HTMLElement} panel
 * @param {State} state
 */
export function startLayers(panel, state) {
  const groups = Map.groupBy(state.catalogue.layers, (layer) => layer.group);
  if (!state.catalogue.layers.some((layer) => layer.loaded)) {
    panel.append(element("p", { class: "empty" }, "レイヤがまだ登録されていません。onomap load で登録してください。"));
  }
  for (const [group, layers] of groups) {
    panel.append(element("section", { class: "layer-group" }, element("h3", {}, group), element("ul", {}, ...layers.map((layer) => row(layer, state)))));
  }
}

/**
 * @param {Layer} layer
 * @param {State} state
 */
function row(layer, state) {
  const drawable = layer.geometry !== "None";
  const box = element("input", { type: "checkbox", id: `layer-${layer.id}`, disabled: !layer.loaded || !drawable });
  box.checked = state.shown.has(layer.id);
  const more = element("div", { class: "layer-more" }, legend(layer), opacity(layer, state));
  more.hidden = !box.checked;
  box.addEventListener("change", () => {
    more.hidden = !box.checked;
    state.show(layer.id, box.checked);
  });
  const title = element("label", { for: box.id }, element("span", { class: "layer-title" }, layer.title));
  return element("li", { class: "layer" }, element("div", { class: "layer-head" }, box, title, ...badges(layer, drawable)), about(layer), more);
}

/**
 * @param {Layer} layer
 * @param {boolean} drawable
 */
function badges(layer, drawable) {
  if (!layer.loaded) return [element("span", { class: "badge" }, "未登録")];
  return [
    layer.stale && element("span", { class: "badge stale", title: "更新周期を過ぎています" }, "要更新"),
    !drawable && element("span", { class: "badge" }, "一覧のみ"),
    layer.raster && element("span", { class: "badge" }, layer.raster.renders[0]?.label ?? ""),
  ].filter((badge) => badge instanceof HTMLElement);
}

/** @param {Layer} layer */
function about(layer) {
  const when = layer.loaded ? `${japaneseDay(layer.data_date)}時点` : null;
  return element("p", { class: "layer-about", title: layer.description }, [layer.department, when].filter(Boolean).join("・"));
}

/** @param {Layer} layer */
function legend(layer) {
  const rows = layer.legend.map((entry) => element("li", {}, swatch(entry, layer.geometry), element("span", {}, entry.label)));
  const facts = [`位置の精度 ±${figure(layer.accuracy_m, 1)} m`, layer.rows !== null && !layer.raster && `${layer.rows_estimated ? "約" : ""}${figure(layer.rows, 0)}件`, layer.load !== null && `取込 No.${layer.load}`];
  return element("div", {}, element("ul", { class: "legend" }, ...rows), element("p", { class: "layer-facts" }, ...unbroken(facts.filter((fact) => typeof fact === "string"))),
    layer.attribution && element("p", { class: "layer-facts" }, `出典：${layer.attribution}`));
}

/** @param {string[]} facts one line or several, each fact whole */
function unbroken(facts) {
  return facts.map((fact, index) => element("span", { class: "fact" }, index ? `・${fact}` : fact));
}

/**
 * @param {Layer} layer
 * @param {State} state
 */
function opacity(layer, state) {
  const start = Math.round((state.opacities[layer.id] ?? 1) * 100);
  const value = element("output", {}, `${start} %`);
  const slider = element("input", { type: "range", min: 10, max: 100, step: 10, value: start, "aria-label": `${layer.title}の濃さ` });
  slider.addEventListener("input", () => {
    value.textContent = `${slider.value} %`;
    state.fade(layer.id, Number(slider.value) / 100);
  });
  return element("div", { class: "opacity" }, element("span", { "aria-hidden": "true" }, "濃さ"), slider, value);
}
