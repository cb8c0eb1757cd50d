// @ts-check
// The three steps of one layer: draft and check, the second person's approval, publish.

import { element } from "../shared/dom.js";

/**
 * @typedef {{check: string, level: "stop" | "look" | "good", sentence: string}} Finding
 * @typedef {{id: number, state: string, state_label: string, rows: number | null, requested_name: string, requested_at: string,
 *   approved_name: string | null, approved_at: string | null, edition: number | null, findings: Finding[],
 *   difference: {sentences: string[]} | null, may: string[]}} Publication
 * @typedef {{id: string, title: string, department: string, published: boolean, publication: Publication | null,
 *   may_draft: boolean, may_withdraw: boolean}} Layer
 * @typedef {{draft: () => void, approve: () => void, cancel: () => void, publish: () => void, withdraw: () => void}} Actions
 */

const LEVELS = { stop: "✕ 直す", look: "△ 確かめる", good: "○ よい" };

/**
 * @param {Layer} layer
 * @param {Actions} actions
 */
export function stepsOf(layer, actions) {
  const found = layer.publication;
  const state = found?.state ?? "none";
  const open = ["draft", "checked", "refused", "approved"].includes(state);
  return element(
    "ol",
    { class: "steps" },
    draftStep(layer, open ? found : null, actions),
    approvalStep(layer, open ? found : null, actions),
    publishStep(layer, open ? found : null, actions),
  );
}

/**
 * @param {Layer} layer
 * @param {Publication | null} found
 * @param {Actions} actions
 */
function draftStep(layer, found, actions) {
  const done = found !== null && ["checked", "approved"].includes(found.state);
  const again = found === null ? "いまの内容で下書きを作る" : "下書きを作り直す";
  return step("下書きと自動の確認", done, !done, [
    found === null
      ? element("p", { class: "hint" }, "いまの内容を公開してよいか、個人情報・形・前の版との違いを自動で確かめます。")
      : element("p", {}, `${found.requested_name} が ${day(found.requested_at)} に作成（${(found.rows ?? 0).toLocaleString("ja-JP")} 件）`),
    ...(found ? [findingsOf(found.findings), differenceOf(found)] : []),
    actionsOf(
      layer.may_draft && button(again, actions.draft, found === null),
      found?.may.includes("cancel") && button("取り下げる", actions.cancel),
      !layer.may_draft && element("p", { class: "hint" }, `${layer.department}の更新の担当者が作ります。`),
    ),
  ]);
}

/**
 * @param {Layer} layer
 * @param {Publication | null} found
 * @param {Actions} actions
 */
function approvalStep(layer, found, actions) {
  const done = found?.state === "approved";
  const now = found?.state === "checked";
  return step("もう一人の承認", done, now, [
    done && found
      ? element("p", {}, `${found.approved_name} が ${day(found.approved_at ?? "")} に承認`)
      : element("p", { class: "hint" }, `下書きを作った人とは別の、${layer.department}の承認者が内容を見て承認します。`),
    actionsOf(now && found?.may.includes("approve") && button("この内容の公開を承認する", actions.approve, true)),
  ]);
}

/**
 * @param {Layer} layer
 * @param {Publication | null} found
 * @param {Actions} actions
 */
function publishStep(layer, found, actions) {
  const now = found?.state === "approved";
  const note = layer.published ? "このレイヤは公開中です。" : "このレイヤはまだ公開されていません。";
  return step("公開", false, now, [
    element("p", { class: "hint" }, now ? "署名した束にして公開側へ移し、試験してから切り替えます。" : note),
    actionsOf(
      now && found?.may.includes("publish") && button("公開する", actions.publish, true),
      !now && layer.may_withdraw && button("このレイヤの公開を終える", actions.withdraw),
    ),
  ]);
}

/** @param {Finding[]} findings */
function findingsOf(findings) {
  const items = findings.map((one) =>
    element("li", { class: one.level }, element("span", { class: "level" }, LEVELS[one.level]), element("span", {}, one.sentence)),
  );
  return element("ul", { class: "gate-findings", "aria-label": "自動の確認の結果" }, ...items);
}

/** @param {Publication} found */
function differenceOf(found) {
  if (!found.difference) return null;
  const sentences = found.difference.sentences;
  return element(
    "div",
    { class: "difference" },
    element("h4", {}, "前の版との違い"),
    ...sentences.map((one) => element("p", {}, one)),
    element("img", { src: `./publications/${found.id}/difference.svg`, alt: `違いの図。${sentences.join("")}`, width: 720, height: 480 }),
  );
}

/**
 * @param {string} title
 * @param {boolean} done
 * @param {boolean} now
 * @param {(Node | null | false)[]} content
 */
function step(title, done, now, content) {
  const kind = done ? "step done" : now ? "step now" : "step";
  return element("li", { class: kind }, element("h3", {}, title), ...content);
}

/** @param {...(Node | null | undefined | false)} buttons */
function actionsOf(...buttons) {
  return element("div", { class: "actions" }, ...buttons);
}

/**
 * @param {string} label
 * @param {() => void} act
 * @param {boolean} [primary]
 */
export function button(label, act, primary = false) {
  return element("button", { type: "button", class: primary ? "primary" : null, onclick: act }, label);
}

/** @param {string} moment */
export function day(moment) {
  return new Date(moment).toLocaleString("ja-JP", { dateStyle: "medium", timeStyle: "short" });
}
