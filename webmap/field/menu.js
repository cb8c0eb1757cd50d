// @ts-check
// The menu: how the page speaks and looks, the ground that is taken along, other ways to bring positions in, other surveys.

import { element } from "../shared/dom.js";
import { clock, sizeWords } from "./words.js";

/** @typedef {import("./types.js").About} About */
/** @typedef {import("./types.js").SurveyRow} SurveyRow */
/** @typedef {{state: import("./outbox.js").Outbox["now"], refused: import("./types.js").Row[], surveys: SurveyRow[], current: string}} Shown */

const RADII = [200, 500, 1000, 2000];
const BAUDS = [115200, 38400, 9600, 460800];

/**
 * @typedef {object} Acts
 * @property {(name: string, on: boolean | string) => void} set
 * @property {() => Record<string, any>} options
 * @property {boolean} canSpeak
 * @property {boolean} hasCable
 * @property {(radius: number) => Promise<{bytes: number, features: number}>} size
 * @property {(radius: number) => Promise<string>} take
 * @property {() => Promise<void>} forget
 * @property {() => string} groundWords
 * @property {(text: string) => Promise<string>} typed
 * @property {(file: File | null, text: string, use: string) => Promise<string>} sendLog
 * @property {(baud: number) => Promise<void>} plug
 * @property {(id: string) => void} open
 * @property {() => void} begin
 * @property {() => void} again
 * @property {() => Promise<void>} anew
 * @property {() => Promise<void>} leave
 * @property {() => boolean} keepsPages
 */

/**
 * @param {About | null} me
 * @param {Shown} shown
 * @param {Acts} acts
 */
export function menuView(me, shown, acts) {
  return element("div", { class: "stack" }, sending(shown, acts), ground(acts), typed(acts), looks(acts), surveys(shown, acts), person(me, acts));
}

/** A sentence about what has become of a press. */
function saying() {
  return element("p", { role: "status" });
}

/**
 * Runs work behind a button, and says how it ended.
 * @param {HTMLElement} said
 * @param {() => Promise<string | void>} work
 */
async function run(said, work) {
  said.textContent = "お待ちください…";
  try {
    said.textContent = (await work()) ?? "";
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    said.textContent = error.message;
  }
}

/** @param {Shown} shown @param {Acts} acts */
function sending({ state, refused }, acts) {
  const words = { idle: "すべて送信済みです。", sending: "送信しています。", waiting: `電波を待っています。${state.why}`, signin: state.why };
  const line = state.unsent ? `未送信 ${state.unsent}件。${state.state === "idle" ? "" : words[state.state]}` : words[state.state === "signin" ? "signin" : "idle"];
  return element("section", {},
    element("h3", {}, "送信"), element("p", {}, line),
    state.unsent > 0 && element("button", { type: "button", onclick: acts.again }, "いま送る"),
    refused.length > 0 && element("p", { class: "bad" }, `受け付けられなかった記録が${refused.length}件あります（端末に残しています）。`),
    refused.length > 0 && element("ul", { class: "items", id: "refused" }, ...refused.slice(0, 20).map((row) => element("li", {}, `${clock(String(row.record["at"] ?? row.record["started_at"]))}　${row.why ?? ""}`))),
    refused.length > 0 && element("button", { type: "button", id: "anew", onclick: () => void acts.anew() }, "受け付けられなかった記録をもう一度送る"));
}

/** @param {Acts} acts */
function ground(acts) {
  const said = saying();
  const radius = element("select", { "aria-label": "半径" }, ...RADII.map((metres) => element("option", { value: metres, selected: metres === 500 }, `半径 ${metres} m`)));
  const buttons = element("div", { class: "stack" });
  const ask = element("button", { type: "button", id: "take" }, "この周りを持ち出す");
  ask.addEventListener("click", () => run(said, async () => {
    const metres = Number(radius.value);
    const { bytes, features } = await acts.size(metres);
    const start = element("button", { type: "button", id: "take-yes", class: "main", onclick: () => run(said, async () => (buttons.replaceChildren(), acts.take(metres))) }, `持ち出す（${sizeWords(bytes)}）`);
    buttons.replaceChildren(start);
    return `大きさは ${sizeWords(bytes)}（線 ${features.toLocaleString("ja-JP")}件）です。`;
  }));
  return element("section", {}, element("h3", {}, "電波のない所で使う"), element("p", { id: "ground-words" }, acts.groundWords()),
    acts.keepsPages() ? null : element("p", { class: "hint" }, "この接続（http）では画面を端末に保存できません。電波のない所で使うには https で開いてください。"),
    radius, ask, buttons, said,
    element("button", { type: "button", onclick: () => run(said, async () => (await acts.forget(), "持ち出した地図を消しました。")) }, "持ち出した地図を消す"));
}

/** @param {Acts} acts */
function typed(acts) {
  const said = saying();
  const text = element("input", { type: "text", id: "typed", autocomplete: "off", placeholder: "37.28612, 140.62534" });
  const add = element("button", { type: "button", id: "typed-add", onclick: () => run(said, async () => acts.typed(text.value)) }, "この位置を角として記録");
  const file = element("input", { type: "file", id: "nmea", accept: ".nmea,.txt,.log,.ubx" });
  const log = element("textarea", { id: "nmea-text", rows: 3, spellcheck: "false", placeholder: "$GNGGA,…" });
  const send = element("button", { type: "button", id: "nmea-send", onclick: () => run(said, () => acts.sendLog(file.files?.[0] ?? null, log.value, use.value)) }, "測位の記録を送る");
  const use = element("select", { "aria-label": "記録の使い方", id: "nmea-use" }, element("option", { value: "track" }, "歩いた・走ったふちとして"), element("option", { value: "corner" }, "立ち止まった角一つとして"));
  const baud = element("select", { "aria-label": "通信速度" }, ...BAUDS.map((rate) => element("option", { value: rate }, `${rate} bps`)));
  return element("section", {}, element("h3", {}, "ほかの方法で位置を入れる"),
    element("label", {}, "緯度と経度、または平面直角座標のXとY", text), add,
    element("label", {}, "受信機の記録（NMEA）のファイル", file), element("label", {}, "または記録を貼り付ける", log), use, send, said,
    acts.hasCable && baud, acts.hasCable && element("button", { type: "button", id: "plug", onclick: () => run(said, () => acts.plug(Number(baud.value))) }, "受信機をケーブルでつなぐ"));
}

/** @param {Acts} acts */
function looks(acts) {
  const options = acts.options();
  const check = (/** @type {string} */ name, /** @type {string} */ words) => {
    const box = element("input", { type: "checkbox", checked: Boolean(options[name]) });
    box.addEventListener("change", () => acts.set(name, box.checked));
    return element("label", { class: "check" }, box, words);
  };
  const theme = element("select", {}, ...Object.entries({ "": "端末に合わせる", light: "明るい（日なた）", dark: "暗い（夜）" }).map(([value, words]) => element("option", { value, selected: options["theme"] === value }, words)));
  theme.addEventListener("change", () => acts.set("theme", theme.value));
  return element("section", {}, element("h3", {}, "案内と見た目"),
    acts.canSpeak ? check("voice", "声で案内") : element("p", { class: "hint" }, "この端末には日本語の声がないため、声の案内は使えません。"),
    check("shakes", "記録したとき振動で知らせる"),
    check("cadastral", "地番図の線までの距離を出す"), check("farmland", "農地の線までの距離を出す"), check("rtk_fields", "前に測った圃場までの距離を出す"),
    element("label", {}, "画面の色", theme));
}

/** @param {Shown} shown @param {Acts} acts */
function surveys({ surveys: rows, current }, acts) {
  const listed = rows.filter((row) => row.id !== current).slice(0, 20);
  return element("section", {}, element("h3", {}, "測量"),
    element("button", { type: "button", id: "new-survey", onclick: acts.begin }, current ? "別の圃場を測り始める" : "測り始める"),
    element("ul", { class: "items" }, ...listed.map((row) => element("li", {}, element("span", {}, `${row.settings.field_name}（${clock(row.started_at)}${row.finished ? "、保存済み" : ""}）`),
      element("button", { type: "button", onclick: () => acts.open(row.id) }, "開く")))));
}

/** @param {About | null} me @param {Acts} acts */
function person(me, acts) {
  const leave = me?.token ? element("button", { type: "button", id: "leave", onclick: () => void acts.leave() }, "ログアウト（持ち出した地図を消します）") : null;
  return element("section", {}, element("h3", {}, "利用者"), element("p", {}, me ? `${me.name}（${me.town.name}）` : "ログインしていません。"),
    me ? null : element("a", { class: "button", href: "./login?next=%2Ffield" }, "ログインする"), leave);
}
