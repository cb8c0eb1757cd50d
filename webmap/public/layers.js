// @ts-check
// The published layers in drawing order, each with its switch, legend, opacity, source, licence and date in its row.

import { byId, element } from "../shared/dom.js";
import { swatch } from "../shared/patterns.js";
import { t } from "../shared/words.js";
import { siteMark } from "./pictograms.js";
import { day, japanese, number, titleOf } from "./reading.js";

/** @typedef {import("./types.js").PublishedLayer} PublishedLayer */
/** @typedef {{map: import("./types.js").AnyMap | null}} Held the map, when it is there */

const SIGNED = ["指定緊急避難場所", "指定避難所"];

/**
 * @param {import("./types.js").Published} published
 * @param {import("./view.js").View} view
 * @param {Held} held
 * @param {(text: string) => void} say
 */
export function startLayers(published, view, held, say) {
  const panel = byId("layers");
  if (!published.layers.length) {
    panel.replaceChildren(element("p", {}, t("layers_none")));
    return;
  }
  const rows = new Map(published.layers.map((layer) => [layer.id, row(layer, view, held)]));
  const list = element("ol", { class: "layer-list" });
  const arrange = () => list.replaceChildren(...view.order.map((id) => rows.get(id)).filter((node) => node !== undefined));
  for (const layer of published.layers) {
    rows.get(layer.id)?.addEventListener("move", (event) => {
      const by = /** @type {CustomEvent<1 | -1>} */ (event).detail;
      const place = view.move(layer.id, by);
      held.map?.arrange?.(view.order);
      const focus = /** @type {HTMLElement} */ (document.activeElement);
      arrange();
      focus.focus();
      say(t("moved", { layer: titleOf(layer), place: place + 1 }));
    });
  }
  arrange();
  panel.replaceChildren(element("p", { class: "about" }, t("layers_order")), list);
}

/**
 * @param {PublishedLayer} layer
 * @param {import("./view.js").View} view
 * @param {Held} held
 */
function row(layer, view, held) {
  const title = titleOf(layer);
  const box = element("input", { type: "checkbox", id: `layer-${layer.id}` });
  box.checked = view.shown.has(layer.id);
  const more = element("div", { class: "layer-more" }, legend(layer), opacity(layer, view, held));
  more.hidden = !box.checked;
  box.addEventListener("change", () => {
    view.show(layer.id, box.checked);
    more.hidden = !box.checked;
    held.map?.show(layer.id, box.checked);
  });
  /** @type {HTMLLIElement} */
  const node = element("li", { class: "layer" },
    element("div", { class: "layer-head" }, element("label", { for: box.id }, box, element("span", {}, title)),
      mover("↑", t("move_up", { layer: title }), () => node.dispatchEvent(new CustomEvent("move", { detail: -1 }))),
      mover("↓", t("move_down", { layer: title }), () => node.dispatchEvent(new CustomEvent("move", { detail: 1 })))),
    more, about(layer));
  return node;
}

/**
 * @param {string} arrow
 * @param {string} label
 * @param {() => void} move
 */
function mover(arrow, label, move) {
  return element("button", { type: "button", class: "mover", "aria-label": label, onclick: move }, arrow);
}

/** @param {PublishedLayer} layer */
function legend(layer) {
  const rows = layer.legend.map((entry) => element("li", {}, (SIGNED.includes(entry.label) && siteMark(layer.id)) || swatch(entry, layer.geometry), japanese(entry.label)));
  return element("ul", { class: "legend", "aria-label": t("legend_of", { layer: titleOf(layer) }) }, ...rows);
}

/**
 * @param {PublishedLayer} layer
 * @param {import("./view.js").View} view
 * @param {Held} held
 */
function opacity(layer, view, held) {
  const percent = Math.round((view.opacities[layer.id] ?? 1) * 100);
  const slider = element("input", { type: "range", min: 10, max: 100, step: 10, value: percent, "aria-label": t("opacity_of", { layer: titleOf(layer) }) });
  const value = element("output", {}, `${percent} %`);
  slider.addEventListener("input", () => {
    value.textContent = `${slider.value} %`;
    view.fade(layer.id, Number(slider.value) / 100);
    held.map?.fade?.(layer.id, Number(slider.value) / 100);
  });
  return element("div", { class: "opacity" }, element("span", { "aria-hidden": "true" }, t("opacity")), slider, value);
}

/** @param {PublishedLayer} layer */
function about(layer) {
  const facts = [
    japanese(layer.description),
    [layer.data_date ? t("data_day", { day: day(layer.data_date) }) : t("no_day"), layer.rows === null ? "" : t("rows_count", { count: number(layer.rows) })].filter(Boolean).join("・"),
    t("accuracy", { metres: number(layer.accuracy_m, 1) }),
    t("department", { name: layer.department }),
    t("source", { source: layer.attribution }),
    t("licence", { licence: layer.licence }),
  ];
  return element("details", {}, element("summary", {}, t("about_layer"), element("span", { class: "hidden" }, `（${titleOf(layer)}）`)), ...facts.map((fact) => element("p", { class: "about" }, fact)));
}
