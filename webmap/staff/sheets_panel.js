// @ts-check
// Sheets in 任意座標系: shown on their own, since nothing says where on earth they lie.

import { arrowKeys, element } from "../shared/dom.js";
import { address, get } from "../shared/server.js";

/** @typedef {import("../shared/types.js").Sheet} Sheet */

/**
 * @param {HTMLElement} panel
 * @param {import("./frame.js").Frame} frame
 */
export function startSheets(panel, frame) {
  const fill = async () => {
    try {
      const { sheets } = /** @type {{sheets: Sheet[]}} */ (await get("sheets"));
      panel.replaceChildren(...(sheets.length ? listing(sheets) : [none()]));
      panel.removeEventListener("opened", fill);
    } catch (error) {
      frame.trouble(error, () => void fill());
    }
  };
  panel.addEventListener("opened", fill);
}

function none() {
  return element("p", { class: "empty" }, "任意座標系の図面はありません。");
}

/** @param {Sheet[]} sheets */
function listing(sheets) {
  const note = element("p", { class: "hint" }, "任意座標系の図面は地球上の位置が決まっていないため、地図には重ねず、図面ごとに表示します。");
  const list = element("ul", { class: "hit-list" }, ...sheets.map((sheet) => element("li", {}, opener(sheet))));
  arrowKeys(list, "button.hit");
  return [note, list];
}

/** @param {Sheet} sheet */
function opener(sheet) {
  const title = element("span", { class: "hit-title" }, sheet.name);
  const facts = element("span", { class: "hit-about" }, `${sheet.parcels}筆・${sheet.file}`);
  return element("button", { type: "button", class: "hit", onclick: () => open(sheet) }, title, facts);
}

/** @param {Sheet} sheet */
function open(sheet) {
  const picture = element("img", { src: address(`sheets/${encodeURIComponent(sheet.id)}.svg`).href, alt: `${sheet.name}の図面（任意座標系）` });
  const close = element("button", { type: "button", onclick: () => dialog.close() }, "閉じる");
  const head = element("header", {}, element("h2", {}, sheet.name), close);
  const note = element("p", { class: "hint" }, "任意座標系：位置・方位は図面の中だけのものです。");
  const dialog = element("dialog", { class: "sheet", "aria-label": sheet.name }, head, note, picture);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
