// @ts-check
// The chosen parcels: their facts, a chip each, and the way back.

import { element } from "../shared/dom.js";
import { areaInUnits, squareMetres } from "../shared/units.js";
import { isTyping } from "./frame.js";

/** @typedef {import("../shared/types.js").Parcel} Parcel */
/** @typedef {import("./state.js").State} State */

const SHOWN_CHIPS = 12;

/**
 * @param {HTMLElement} panel
 * @param {State} state
 * @param {import("./frame.js").Frame} frame
 */
export function startSelection(panel, state, frame) {
  const draw = () => panel.replaceChildren(...(state.selection.length ? chosen(state) : nothingChosen(state)));
  state.addEventListener("selection", () => {
    draw();
    frame.say(`${state.selection.length}筆を選択しています。`);
  });
  document.addEventListener("keydown", (event) => {
    const back = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    if (!back || isTyping(event.target)) return;
    event.preventDefault();
    state.undo();
  });
  draw();
}

/** @param {State} state */
function nothingChosen(state) {
  return [
    element("div", { class: "selection-head" }, element("h2", {}, "選択中の筆"), undoButton(state)),
    element("div", { class: "empty" },
      element("p", {}, "筆が選ばれていません。"),
      element("p", {}, "地番を検索するか、地図で筆をクリックすると、ここに判定が出ます。")),
  ];
}

/** @param {State} state */
function chosen(state) {
  const { selection } = state;
  const [only] = selection;
  const clear = element("button", { type: "button", class: "small", onclick: () => state.clear() }, "すべて解除");
  const head = element("div", { class: "selection-head" }, element("h2", {}, `選択中の筆 ${selection.length}筆`), undoButton(state), clear);
  const facts = only && selection.length === 1 ? oneParcel(only) : severalParcels(selection);
  return [head, chips(state), facts];
}

/** @param {State} state */
function undoButton(state) {
  return element("button", { type: "button", class: "small", disabled: state.past.length === 0, title: "Ctrl+Z", onclick: () => state.undo() }, "元に戻す");
}

/** @param {State} state */
function chips(state) {
  const shown = state.selection.slice(0, SHOWN_CHIPS).map((parcel) => chip(parcel, state));
  const rest = state.selection.slice(SHOWN_CHIPS);
  const list = element("ul", { class: "chips" }, ...shown);
  if (rest.length) {
    const more = element("button", { type: "button", class: "small" }, `ほか${rest.length}筆を表示`);
    more.addEventListener("click", () => {
      more.parentElement?.remove();
      list.append(...rest.map((parcel) => chip(parcel, state)));
    });
    list.append(element("li", {}, more));
  }
  return list;
}

/**
 * @param {Parcel} parcel
 * @param {State} state
 */
function chip(parcel, state) {
  const remove = element("button", { type: "button", "aria-label": `${parcel.number}を選択から外す`, onclick: () => state.remove(parcel) }, "×");
  return element("li", { class: "chip" }, element("span", {}, parcel.number), remove);
}

/** @param {Parcel} parcel */
function oneParcel(parcel) {
  const registered = parcel.registered_area_m2 === null ? "不明" : squareMetres(parcel.registered_area_m2);
  const rows = [
    ...(parcel.area_m2 === null ? fact("図上面積", "不明") : fact("図上面積", null, areaLines(parcel.area_m2))),
    ...fact("登記地積", `${registered}　地目 ${parcel.land_category ?? "不明"}　精度区分 ${parcel.accuracy_class ?? "不明"}`),
  ];
  return element("div", {}, element("dl", { class: "facts" }, ...rows), ...warnings(parcel));
}

/** @param {Parcel[]} parcels */
function severalParcels(parcels) {
  const total = parcels.reduce((sum, parcel) => sum + (parcel.area_m2 ?? 0), 0);
  const unknown = parcels.filter((parcel) => parcel.area_m2 === null).length;
  const note = unknown > 0 && element("p", { class: "caution" }, `面積の分からない${unknown}筆を除いた合計です。`);
  const unplaced = parcels.filter((parcel) => !parcel.placed).length;
  const where = unplaced > 0 && element("p", { class: "caution" }, `${unplaced}筆は任意座標系のため地図に表示できません。`);
  return element("div", {}, element("dl", { class: "facts" }, ...fact("図上面積の合計", null, areaLines(total))), note, where);
}

/**
 * @param {string} name
 * @param {string | null} text
 * @param {HTMLElement | null} [content]
 */
function fact(name, text, content = null) {
  return [element("dt", {}, name), element("dd", {}, text, content)];
}

/** @param {number} area square metres */
function areaLines(area) {
  const units = areaInUnits(area);
  return element("span", { class: "areas" },
    element("strong", {}, units.squareMetres),
    element("span", { class: "other-units" }, `${units.ares}・${units.tan}・${units.se}・${units.tsubo}（${units.traditional}）`));
}

/** @param {Parcel} parcel */
function warnings(parcel) {
  const texts = [
    !parcel.placed && `任意座標系の図面（${parcel.sheet ?? "名称不明"}）の筆です。地図に表示できず、区域との重なりは判定できません。`,
    parcel.undetermined && "筆界未定地です。外周は構成する筆全体のもので、各筆の範囲を示しません。",
  ];
  return texts.filter((text) => text !== false).map((text) => element("p", { class: "caution" }, text));
}
