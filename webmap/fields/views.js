// @ts-check
// The list of fields, the legend and the sums as elements.

import { element } from "../shared/dom.js";
import { figure } from "../shared/units.js";
import { swatch } from "../shared/patterns.js";
import { whole } from "./words.js";

/** @typedef {import("./types.js").Field} Field */
/** @typedef {import("./types.js").Crop} Crop */
/** @typedef {import("./types.js").Sum} Sum */

/** @param {Crop} crop */
function mark(crop) {
  return swatch({ label: crop.label, fill: crop.fill, line: crop.line, width: crop.width, pattern: crop.pattern, icon: null, values: {} }, "MultiPolygon");
}

/**
 * @param {Field[]} fields
 * @param {Map<string, Crop>} crops
 * @param {(field: Field) => void} opened
 */
export function listView(fields, crops, opened) {
  const head = element("thead", {}, element("tr", {}, ...["圃場", "作付", "面積", ""].map((text) => (text ? element("th", { scope: "col", class: text === "面積" ? "number" : "" }, text) : element("td", {})))));
  const rows = fields.map((field) => element("tr", { "data-key": `${field.layer}/${field.field_id}` },
    element("th", { scope: "row" }, field.name, element("small", {}, `${field.oaza ?? "大字不明"}　${field.field_id}`)),
    element("td", {}, field.parts.length ? element("ul", { class: "grown" }, ...field.parts.map((part) => partView(part, crops))) : element("span", { class: "none" }, "計画なし"),
      field.over ? element("p", { class: "late" }, "圃場の面積を超えています") : null),
    element("td", { class: "number" }, `${whole(field.area_m2)}㎡`, element("small", {}, `${figure(field.area_a, 2)}a　${field.basis}`)),
    element("td", { class: "act" }, element("button", { type: "button", "aria-label": `${field.name}の計画を${field.may_edit ? "直す" : "見る"}`, onclick: () => opened(field) }, field.may_edit ? "直す" : "見る"))));
  return element("table", {}, element("caption", { class: "visually-hidden" }, "圃場と作付計画"), head, element("tbody", {}, ...rows));
}

/**
 * @param {import("./types.js").Part} part
 * @param {Map<string, Crop>} crops
 */
function partView(part, crops) {
  const crop = crops.get(part.crop);
  const variety = part.variety ? `（${part.variety}）` : "";
  return element("li", {}, crop ? mark(crop) : null, element("span", {}, `${crop?.label ?? part.crop}${variety}　`, element("span", { class: "together" }, `${whole(part.resolved_m2)}㎡${part.state === "actual" ? "　実績" : ""}`), part.note ? element("small", {}, part.note) : null));
}

/**
 * @param {Field[]} fields
 * @param {Crop[]} crops
 */
export function legendView(fields, crops) {
  const grown = new Set(fields.flatMap((field) => field.parts.map((part) => part.crop)));
  const rows = crops.filter((crop) => grown.has(crop.id)).map((crop) => element("li", {}, mark(crop), element("span", {}, `${crop.short}　${crop.label}`)));
  const bare = fields.some((field) => !field.parts.length);
  if (bare) rows.push(element("li", {}, swatch({ label: "計画なし", fill: null, line: "#555555", width: 1.5, pattern: "dash", icon: null, values: {} }, "MultiPolygon"), element("span", {}, "計画なし")));
  return rows;
}

/**
 * @param {Sum[]} sums
 * @param {Map<string, Crop>} crops
 * @param {boolean} byOaza
 */
export function sumsView(sums, crops, byOaza) {
  if (!sums.length) return element("p", { class: "empty" }, "この条件では、作付計画のある圃場がありません。");
  const titles = [...(byOaza ? ["大字"] : []), "作物", "圃場数", "㎡", "a", "反", "うちRTK測位（㎡）", "うち固定解以外（㎡）", "うち筆ポリゴン（㎡）"];
  const cells = (/** @type {Sum} */ row) => [whole(row.m2), figure(row.a, 2), figure(row.tan, 2), whole(row.rtk_m2), whole(row.rough_m2), whole(row.polygon_m2)].map((text) => element("td", { class: "number" }, text));
  const rows = sums.map((row) => {
    const crop = crops.get(row.crop);
    const name = element("span", { class: "named" }, crop ? mark(crop) : null, crop?.label ?? row.crop);
    return element("tr", {}, byOaza ? element("th", { scope: "row" }, row.oaza ?? "") : null, byOaza ? element("td", {}, name) : element("th", { scope: "row" }, name), element("td", { class: "number" }, String(row.fields)), ...cells(row));
  });
  const total = sums.reduce((all, row) => ({ ...all, m2: all.m2 + row.m2, a: all.a + row.a, tan: all.tan + row.tan, rtk_m2: all.rtk_m2 + row.rtk_m2, rough_m2: all.rough_m2 + row.rough_m2, polygon_m2: all.polygon_m2 + row.polygon_m2 }), /** @type {Sum} */ ({ crop: "", oaza: null, fields: 0, m2: 0, a: 0, tan: 0, rtk_m2: 0, rough_m2: 0, polygon_m2: 0, actual_m2: 0 }));
  const foot = element("tfoot", {}, element("tr", {}, element("th", { scope: "row", colspan: byOaza ? 2 : 1 }, "合計"), element("td", {}), ...cells(total)));
  return element("div", { class: "scrolling", tabindex: "0", role: "region", "aria-label": byOaza ? "大字ごとの面積の表" : "作物別の面積の表" },
    element("table", {}, element("caption", { class: "visually-hidden" }, byOaza ? "大字と作物ごとの面積" : "作物ごとの面積"), element("thead", {}, element("tr", {}, ...titles.map((text) => element("th", { scope: "col", class: text === "大字" || text === "作物" ? "" : "number" }, text)))), element("tbody", {}, ...rows), foot));
}

/** @param {import("./types.js").Preview} shown */
export function previewView(shown) {
  /** @type {HTMLElement[]} */
  const parts = [element("p", {}, `${shown.year}年産　変わる圃場 ${shown.differences.length}　変わらない圃場 ${shown.unchanged}`)];
  if (shown.refused.length) parts.push(
    element("p", { class: "late" }, `取り込めない行が ${shown.refused.length} あります。直してから、もう一度選んでください。`),
    element("ul", { class: "plain" }, ...shown.refused.map((one) => element("li", {}, `${one.line}行目：${one.why}`))));
  if (shown.differences.length) parts.push(element("table", {}, element("thead", {}, element("tr", {}, ...["圃場", "いま", "取り込んだあと"].map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...shown.differences.map((one) => element("tr", {}, element("th", { scope: "row" }, one.name), element("td", {}, one.before), element("td", {}, one.after))))));
  return parts;
}
