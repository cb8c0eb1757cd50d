// @ts-check
// The five outcomes in the order, the marks and the words of the answer sheet.

import { element } from "../shared/dom.js";

/** @typedef {import("../shared/types.js").Outcome} Outcome */

/** @type {{outcome: Outcome, mark: string, label: string, short: string, meaning: string}[]} */
export const OUTCOMES = [
  { outcome: "applies", mark: "●", label: "該当", short: "該当", meaning: "照会地の全部又は一部が該当します。" },
  { outcome: "near_boundary", mark: "▲", label: "境界付近・要確認", short: "要確認", meaning: "図の精度では該当・非該当を言い切れません。担当課で確認が必要です。" },
  { outcome: "does_not_apply", mark: "－", label: "非該当", short: "非該当", meaning: "図の精度を考慮しても該当しません。" },
  { outcome: "no_data", mark: "？", label: "データなし", short: "データなし", meaning: "判定できるデータがありません。非該当という意味ではありません。" },
  { outcome: "stale", mark: "◆", label: "要更新確認", short: "要更新", meaning: "データが更新時期を過ぎています。最新の状況を担当課で確認してください。" },
];

/**
 * The outcome as text, mark and colour.
 * @param {Outcome} outcome
 * @param {string} [text] instead of its usual words
 */
export function outcomeBadge(outcome, text) {
  const known = OUTCOMES.find((one) => one.outcome === outcome);
  const mark = element("span", { class: "mark", "aria-hidden": "true" }, known?.mark ?? "");
  return element("span", { class: `outcome ${outcome}` }, mark, text ?? known?.label ?? outcome);
}

/** @param {Outcome} outcome */
export function gravity(outcome) {
  return OUTCOMES.findIndex((one) => one.outcome === outcome);
}

/**
 * Whether an outcome calls for somebody's attention: anything but a plain no.
 * @param {Outcome} outcome
 */
export function needsCare(outcome) {
  return outcome !== "does_not_apply";
}
