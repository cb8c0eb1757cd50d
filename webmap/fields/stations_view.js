// @ts-check
// Base stations with their health, the fields that nothing reaches, and the checks of one station.

import { element } from "../shared/dom.js";
import { figure } from "../shared/units.js";
import { chart } from "./chart.js";
import { EPOCHS, HEALTH, KINDS, day, moment, signed } from "./words.js";

/** @typedef {import("./types.js").Station} Station */
/** @typedef {import("./types.js").Stations} Stations */
/** @typedef {import("./types.js").Checks} Checks */

/**
 * @param {Stations} shown
 * @param {{health: (station: Station) => void, checks: (station: Station) => void}} acts
 * @param {boolean} staff
 */
export function stationsView(shown, acts, staff) {
  if (!shown.stations.length) return [element("p", { class: "empty" }, "基準局がまだ登録されていません。レイヤ「RTK基準局」に局を加えてください。")];
  return shown.stations.map((station) => element("article", { class: `station ${station.health ?? ""}` },
    element("h3", {}, element("span", { class: "kind" }, KINDS[station.kind] ?? station.kind), station.name),
    element("p", { class: "health" }, element("strong", {}, station.health ? (HEALTH[station.health] ?? station.health) : "状態の記録なし"), station.health_note ? `　${station.health_note}` : "", station.health_on ? element("small", {}, `${day(station.health_on)} 確認`) : null),
    element("dl", {}, ...facts(station).flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)])),
    element("div", { class: "bar" },
      staff ? element("button", { type: "button", "aria-label": `${station.name}の既知点での点検`, onclick: () => acts.checks(station) }, "既知点での点検") : null,
      shown.may_edit ? element("button", { type: "button", "aria-label": `${station.name}の状態を書く`, onclick: () => acts.health(station) }, "状態を書く") : null)));
}

/**
 * @param {Station} station
 * @returns {[string, string][]}
 */
function facts(station) {
  const epoch = station.epoch ? EPOCHS[station.epoch] : "元期・今期の記録なし";
  /** @type {[string, string | null][]} */
  const all = [
    ["補正の届く半径", station.coverage_km === null ? "記録なし" : `${station.coverage_km} km（中の圃場 ${station.fields}）`],
    ["座標", `${station.datum ?? "測地系の記録なし"}・${epoch}`],
    ["マウントポイント", station.mount_point],
    ["所有", station.owner],
    ["連絡先", station.contact],
    ["近い電子基準点", station.nearest.map((one) => `${one.name} 約${figure(one.km, 1)} km${one.error_km ? `（±${one.error_km} km）` : ""}`).join("、") || "登録なし"],
  ];
  return /** @type {[string, string][]} */ (all.filter(([, text]) => text));
}

/**
 * @param {Stations} shown
 * @param {Map<string, string>} names of stations
 */
export function outsideView(shown, names) {
  if (!shown.fields) return [element("p", { class: "empty" }, "圃場がまだありません。")];
  const farthest = shown.served.reduce((most, one) => Math.max(most, one.growth_mm ?? 0), 0);
  const lead = element("p", {}, `圃場 ${shown.fields} のうち、補正の届く圃場 ${shown.served.length}、届かない圃場 ${shown.outside.length}。届く圃場の中で、距離による誤差の増え方（1 km で 1 mm）はいちばん大きくて ${figure(farthest, 1)} mm です。`);
  if (!shown.outside.length) return [lead];
  const row = (/** @type {import("./types.js").Reach} */ one) => element("tr", {}, element("th", { scope: "row" }, one.name, element("small", {}, one.oaza ?? "大字不明")),
    element("td", {}, one.station_id === null ? "動いている局がありません" : (names.get(one.station_id) ?? one.station_id)),
    element("td", { class: "number" }, one.km === null ? "－" : `${figure(one.km, 2)} km`), element("td", { class: "number" }, one.growth_mm === null ? "－" : `+${figure(one.growth_mm, 1)} mm`));
  return [lead, element("div", { class: "scrolling", tabindex: "0", role: "region", "aria-label": "補正の届かない圃場の表" }, element("table", {}, element("caption", { class: "visually-hidden" }, "補正の届かない圃場"), element("thead", {}, element("tr", {}, ...["圃場", "いちばん近い局", "いちばん遠い角まで", "距離による誤差"].map((text, index) => element("th", { scope: "col", class: index > 1 ? "number" : "" }, text)))), element("tbody", {}, ...shown.outside.map(row))))];
}

/**
 * @param {Station} station
 * @param {Checks} shown
 * @param {{add: () => void, withdraw: (id: number) => void}} acts
 */
export function checksView(station, shown, acts) {
  const parts = shown.series.flatMap((series) => [
    element("h3", {}, `${series.known_point}（${EPOCHS[series.epoch]}）`),
    series.alarm ? element("p", { class: "late", role: "alert" }, series.alarm) : element("p", { class: "fine" }, "最後の点検は限界（3σ）の中です。"),
    chart(series),
    element("p", { class: "keys" }, "● 実線：東西（東が＋）　■ 破線：南北（北が＋）　点線：限界（3σ）"),
    series.trend_mm_a ? element("p", {}, `傾き：東へ ${signedMm(series.trend_mm_a[0])}、北へ ${signedMm(series.trend_mm_a[1])} 毎年。${series.epoch === "current" ? "今期の座標には地殻変動が含まれます。既知点の今期の値も、測った日のものにします。" : "元期どうしの比較なので、続く傾きは局か既知点の動きを疑います。"}`) : null,
  ]);
  const row = (/** @type {import("./types.js").Check} */ one) => element("tr", { class: one.withdrawn_at ? "withdrawn" : one.beyond ? "beyond" : "" },
    element("th", { scope: "row" }, moment(one.measured_at), element("small", {}, `${one.known_point}（${EPOCHS[one.epoch]}）`)),
    ...[signed(one.dx), signed(one.dy), signed(one.dh)].map((text) => element("td", { class: "number" }, text)),
    element("td", { class: "number" }, one.limit_m.toFixed(3)),
    element("td", {}, one.withdrawn_at ? "取り消し" : one.beyond ? "限界を超える" : "限界の中", element("small", {}, `${one.fixes}回　σ ${one.sigma_m.toFixed(4)} m　${one.receiver}　${one.name}${one.note ? `　${one.note}` : ""}`)),
    element("td", {}, shown.may_edit && !one.withdrawn_at ? element("button", { type: "button", class: "small", "aria-label": `${moment(one.measured_at)}の点検を取り消す`, onclick: () => acts.withdraw(one.id) }, "取り消す") : null));
  const table = shown.checks.length
    ? element("div", { class: "scrolling", tabindex: "0", role: "region", "aria-label": "点検の表" }, element("table", {}, element("caption", { class: "visually-hidden" }, "点検"), element("thead", {}, element("tr", {}, ...["日時・既知点", "東（m）", "北（m）", "高さ（m）", "限界 3σ（m）", "判定・測り方"].map((text) => element("th", { scope: "col", class: text.endsWith("（m）") ? "number" : "" }, text)), element("td", {}))), element("tbody", {}, ...shown.checks.map(row))))
    : element("p", { class: "empty" }, `${station.name}の点検はまだありません。町の基準点など、座標の分かる点で 1 分以上測って記録してください。`);
  const rule = element("p", { class: "hint" }, "限界は 3σ。σ は、平均の標準誤差、既知点の標準誤差、RTK の約束（8 mm と距離の 1 ppm）を合わせたものです。高さの限界は水平の 2 倍です。");
  return [...parts, shown.may_edit ? element("button", { type: "button", class: "primary", onclick: acts.add }, "点検を記録する…") : null, table, rule].filter((part) => part !== null);
}

/** @param {number} value */
function signedMm(value) {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)} mm`;
}
