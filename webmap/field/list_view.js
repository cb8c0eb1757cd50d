// @ts-check
// The corners and tracks of a survey with how sure they are, the rings, and the way to its boundary.

import { element } from "../shared/dom.js";
import { clock, ringName, small } from "./words.js";

/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./survey.js").Survey} Survey */

/** Few enough that a phone lists them at once; all are counted. */
const SHOWN = 100;
/** @type {Record<string, string>} */
const STATES = { unsent: "未送信", sent: "送信済み", refused: "受け付けられませんでした" };

/**
 * @param {Survey} survey
 * @param {{ring: (ring: number) => void, takeBack: (item: Item) => void}} acts
 */
export function listView(survey, acts) {
  return element("div", { class: "stack" },
    element("p", {}, `「${survey.row.settings.field_name}」　${clock(survey.row.started_at)}から`),
    rings(survey, acts),
    ...survey.ringNumbers.flatMap((ring) => items(survey, ring, acts)));
}

/**
 * @param {Survey} survey
 * @param {{ring: (ring: number) => void}} acts
 */
function rings(survey, acts) {
  const numbers = survey.ringNumbers;
  const choose = (/** @type {number} */ ring) =>
    element("button", { type: "button", "aria-pressed": String(ring === survey.row.ring), onclick: () => acts.ring(ring) }, ringName(ring));
  const next = Math.max(...numbers) + 1;
  const last = numbers.at(-1) ?? 0;
  // an inner ring without a corner is the one to begin with
  const more = last > 0 && !survey.itemsOf(last).length
    ? null
    : element("button", { type: "button", onclick: () => acts.ring(next) }, "＋内側の囲み（池・電柱など）");
  return element("div", { class: "rings", role: "group", "aria-label": "いま測る囲み" }, ...numbers.map(choose), more);
}

/**
 * @param {Survey} survey
 * @param {number} ring
 * @param {{takeBack: (item: Item) => void}} acts
 */
function items(survey, ring, acts) {
  const all = survey.itemsOf(ring);
  const shown = all.slice(-SHOWN).reverse();
  const rest = all.length - shown.length;
  if (!all.length) return [element("h3", {}, ringName(ring)), element("p", { class: "hint" }, "まだ何も記録していません。")];
  const rows = shown.map((item) => row(item, all.indexOf(item) + 1, acts));
  return [element("h3", {}, `${ringName(ring)}（${all.length}件）`), element("ol", { class: "items" }, ...rows),
    rest > 0 && element("p", { class: "hint" }, `ほかに前の${rest}件があります（記録はすべて残っています）。`)];
}

/**
 * @param {Item} item
 * @param {number} number
 * @param {{takeBack: (item: Item) => void}} acts
 */
function row(item, number, acts) {
  const name = item.kind === "corner" ? `${number}番の角` : `${number}番のふち`;
  const figures = item.kind === "corner"
    ? `±${small(item.mean.sigma_m)}（ばらつき ${small(item.mean.scatter_m)}、${item.mean.count}回）`
    : `${item.mean.count}点`;
  return element("li", {},
    element("div", {}, element("strong", {}, name), element("span", {}, figures),
      element("small", { class: item.state === "refused" ? "bad" : "" }, `　${STATES[item.state]}${item.why ? `：${item.why}` : ""}`)),
    element("button", { type: "button", "aria-label": `取消：${name}`, onclick: () => acts.takeBack(item) }, "取消"));
}
