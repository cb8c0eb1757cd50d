// @ts-check
// The findings on screen: for one parcel grouped by outcome as on the sheet, for several a row a theme that opens.

import { element } from "../shared/dom.js";
import { japaneseDay, measureLines } from "../shared/units.js";
import { OUTCOMES, gravity, needsCare, outcomeBadge } from "./outcomes.js";

/** @typedef {import("../shared/types.js").Answer} Answer */
/** @typedef {import("../shared/types.js").Finding} Finding */

const LISTED_PARCELS = 200;

/**
 * @param {Answer} answer
 * @param {{careOnly: boolean, byParcel: boolean}} how
 */
export function findingsView(answer, { careOnly, byParcel }) {
  const findings = careOnly ? answer.findings.filter((finding) => needsCare(finding.outcome)) : answer.findings;
  if (!findings.length) return element("p", { class: "empty" }, "該当・要確認の項目はありません。すべて表示するには絞り込みを外してください。");
  if (answer.parcels.length === 1) return element("div", { class: "findings-list" }, ...byOutcome(findings));
  return byParcel ? parcelRows(answer, findings) : themeRows(answer, findings);
}

/**
 * @param {Finding[]} findings
 * @param {{short?: boolean}} [how] short words where a row has to stay one line
 */
export function outcomeCounts(findings, { short = false } = {}) {
  const counted = OUTCOMES.map((one) => ({ outcome: one.outcome, label: short ? one.short : one.label, count: findings.filter((finding) => finding.outcome === one.outcome).length }));
  const items = counted.filter(({ count }) => count).map(({ outcome, label, count }) => element("li", {}, outcomeBadge(outcome, `${label} ${count}`)));
  return element("ul", { class: "counts", "aria-label": "判定の内訳" }, ...items);
}

/** @param {Finding[]} findings of one parcel */
function byOutcome(findings) {
  return OUTCOMES.flatMap(({ outcome, meaning }) => {
    const here = findings.filter((finding) => finding.outcome === outcome);
    if (!here.length) return [];
    const head = element("h3", {}, outcomeBadge(outcome), element("span", { class: "count" }, `${here.length}項目`));
    return [element("section", { class: `outcome-group ${outcome}` }, head, element("p", { class: "meaning" }, meaning), ...here.map(card))];
  });
}

/** @param {Finding} finding */
function card(finding) {
  const measures = measureLines(finding.measure);
  return element("article", { class: `finding ${finding.outcome}`, "data-theme": finding.theme },
    element("h4", {}, finding.theme_title),
    element("p", { class: "finding-label" }, finding.label),
    ...measures.map((line) => element("p", { class: "finding-measure" }, line)),
    ...(finding.notes ?? []).map((note) => element("p", { class: "finding-note" }, note)),
    element("p", { class: "finding-source" }, `${finding.department}・${when(finding)}`),
    grounds(finding));
}

/** @param {Finding} finding */
function when({ data_date: day, layer_title: layer }) {
  return day ? `${layer} ${japaneseDay(day)}時点` : `${layer}（時点不明）`;
}

/** @param {Finding} finding */
function grounds(finding) {
  const rows = [
    ["根拠", finding.basis],
    ["出典", finding.source],
    ["取込", finding.load === null ? "なし" : `No.${finding.load}`],
  ].filter(([, text]) => text);
  const list = rows.flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)]);
  return element("details", { class: "grounds" }, element("summary", {}, "根拠・出典"), element("dl", {}, ...list));
}

/**
 * @param {Answer} answer
 * @param {Finding[]} findings
 */
function themeRows(answer, findings) {
  const numbers = new Map(answer.parcels.map((parcel) => [parcel.key, parcel.number]));
  const themes = Map.groupBy(findings, (finding) => finding.theme);
  const rows = [...themes.values()].map((ofTheme) => opening(ofTheme[0]?.theme_title ?? "", ofTheme, (finding) => numbers.get(finding.parcel_key) ?? finding.parcel_key));
  return element("div", { class: "matrix" }, ...rows);
}

/**
 * @param {Answer} answer
 * @param {Finding[]} findings
 */
function parcelRows(answer, findings) {
  const themes = Map.groupBy(findings, (finding) => finding.parcel_key);
  const rows = answer.parcels.flatMap((parcel) => {
    const ofParcel = themes.get(parcel.key);
    return ofParcel ? [opening(parcel.number, ofParcel, (finding) => finding.theme_title)] : [];
  });
  return element("div", { class: "matrix" }, ...rows.slice(0, LISTED_PARCELS), tooMany(rows.length));
}

/**
 * A row with its counts that opens to the findings it sums up; they are made when it is first opened.
 * @param {string} title
 * @param {Finding[]} findings
 * @param {(finding: Finding) => string} name
 */
function opening(title, findings, name) {
  const row = element("details", { class: "matrix-row" }, element("summary", {}, element("h3", { class: "matrix-title" }, title), outcomeCounts(findings, { short: true })));
  row.addEventListener("toggle", () => {
    const sorted = [...findings].sort((one, other) => gravity(one.outcome) - gravity(other.outcome));
    row.append(element("div", { class: "matrix-body" }, ...sorted.slice(0, LISTED_PARCELS).map((finding) => named(finding, name(finding))), tooMany(sorted.length)));
  }, { once: true });
  return row;
}

/**
 * @param {Finding} finding
 * @param {string} name
 */
function named(finding, name) {
  const shown = card(finding);
  shown.querySelector("h4")?.replaceChildren(outcomeBadge(finding.outcome), " ", name);
  return shown;
}

/** @param {number} count */
function tooMany(count) {
  return count > LISTED_PARCELS && element("p", { class: "hint" }, `ほか${count - LISTED_PARCELS}件は、XLSXの回答書で確認してください。`);
}
