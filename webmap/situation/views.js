// @ts-check
// The lists of the switch: sites with a button for each state, closed roads, notices, and what the public sees.

import { element } from "../shared/dom.js";
import { LAYERS, LEVELS, PHASES, STATES, moment } from "./words.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Site} Site */
/** @typedef {import("./types.js").SiteState} SiteState */

/**
 * A table for each layer; a row has the site's name and its states as buttons, the present one pressed.
 * @param {State} state
 * @param {string} filter
 * @param {{set: (site: Site, to: SiteState) => void, more: (site: Site) => void}} actions
 */
export function sitesView(state, filter, actions) {
  return Object.entries(LAYERS).map(([layer, title]) => {
    const rows = state.sites.filter((site) => site.layer === layer && `${site.name}${site.address ?? ""}`.includes(filter.trim()));
    if (!rows.length) return element("p", { class: "hint" }, `${title}：${filter ? "この名前のものはありません。" : "台帳に登録がありません。"}`);
    return element(
      "table",
      {},
      element("caption", {}, `${title}（${rows.length}か所）`),
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "名前"), element("th", { scope: "col" }, "状態"))),
      element("tbody", {}, ...rows.map((site) => siteRow(state, site, actions))),
    );
  });
}

/**
 * @param {State} state
 * @param {Site} site
 * @param {{set: (site: Site, to: SiteState) => void, more: (site: Site) => void}} actions
 */
function siteRow(state, site, actions) {
  const told = state.content.shelters.find((one) => one.layer === site.layer && one.id === site.id);
  const key = `${site.layer}-${site.id}`;
  const buttons = /** @type {SiteState[]} */ (Object.keys(STATES)).map((one) =>
    element("button", { type: "button", class: `state ${one}`, "data-key": `${key}-${one}`, "aria-pressed": String(told?.state === one), disabled: !state.may_switch, onclick: () => actions.set(site, one) }, STATES[one]),
  );
  const about = told
    ? [told.people === null ? "" : `${told.people}人`, flag(told.pets, "ペット可", "ペット不可"), flag(told.barrier_free, "バリアフリー", "バリアフリーでない"), told.note, `${moment(told.told_at)}に入力`]
    : ["まだ何も知らせていません"];
  const more = element("button", { type: "button", class: "small", "data-key": `${key}-more`, disabled: !state.may_switch, "aria-label": `${site.name}の人数など`, onclick: () => actions.more(site) }, "人数など");
  return element(
    "tr",
    { class: told ? `told ${told.state}` : "" },
    element("th", { scope: "row" }, site.name, element("small", {}, about.filter(Boolean).join("・"))),
    element("td", {}, element("div", { class: "states", role: "group", "aria-label": `${site.name}の状態` }, ...buttons, more)),
  );
}

/**
 * @param {boolean | null} value
 * @param {string} yes
 * @param {string} no
 */
function flag(value, yes, no) {
  return value === null ? "" : value ? yes : no;
}

/**
 * @param {State} state
 * @param {(id: number, name: string) => void} open
 */
export function closuresView(state, open) {
  const closures = state.content.closures;
  if (!closures.length) return [element("li", { class: "hint" }, "通行止めにしている道路はありません。")];
  return closures.map((one) =>
    element(
      "li",
      {},
      element("span", {}, element("strong", {}, one.name), element("small", {}, `${one.reason} ${moment(one.since)}から`)),
      element("button", { type: "button", "data-key": `closure-${one.id}`, disabled: !state.may_switch, "aria-label": `${one.name}の通行止めを解く`, onclick: () => open(one.id, one.name) }, "解除"),
    ),
  );
}

/**
 * @param {State} state
 * @param {(id: number, title: string) => void} withdraw
 */
export function noticesView(state, withdraw) {
  const notices = [...state.content.notices].sort((one, other) => other.level - one.level || other.id - one.id);
  if (!notices.length) return [element("li", { class: "hint" }, "出しているお知らせはありません。")];
  return notices.map((one) => {
    const over = one.expires_at !== null && new Date(one.expires_at) < new Date();
    return element(
      "li",
      {},
      element(
        "span",
        {},
        element("span", { class: `level l${one.level}` }, `レベル${one.level}　${LEVELS[one.level] ?? ""}`),
        element("strong", {}, one.title),
        element("small", {}, `${moment(one.issued_at)}発表${one.expires_at ? `、${moment(one.expires_at)}まで${over ? "（終わりました。住民には出ていません）" : ""}` : ""}`),
      ),
      element("button", { type: "button", "data-key": `notice-${one.id}`, disabled: !state.may_switch, "aria-label": `「${one.title}」を取り下げる`, onclick: () => withdraw(one.id, one.title) }, "取り下げ"),
    );
  });
}

/**
 * What the public sees: the number and the time when it was sent; and, where it is not what stands here, that it is not.
 * @param {State} state
 */
export function outsideView(state) {
  const { outside, content, number } = state;
  const same = outside.number === number || (number === 0 && outside.number === null);
  const open = content.shelters.filter((one) => one.state === "open").length;
  const what = `${PHASES[content.phase]}、開設 ${open}、通行止め ${content.closures.length}、お知らせ ${content.notices.length}`;
  const rows = [
    element("p", { class: `phase ${content.phase}` }, element("strong", {}, PHASES[content.phase]), content.headline),
    element("p", {}, `庁内の内容：${number}番（${what}）`),
  ];
  if (outside.trouble) rows.push(element("p", { class: "late" }, `公開側に届いているか確かめられません（${outside.trouble}）。内容は庁内に保存してあります。つながってから「送り直す」を押すか、「ファイルに書き出す」で運んでください。`));
  else if (outside.way === "file") rows.push(element("p", { class: same ? "" : "late" }, outside.number === null ? "公開側は別の場所にあります。ファイルに書き出して運んでください。" : `${outside.number}番までファイルに書き出しました（${moment(state.last_file)}）。${same ? "" : "そのあとの変更は、まだ運ばれていません。"}`));
  else if (number === 0 && outside.number === null) rows.push(element("p", {}, "まだ何も切り替えていません。"));
  else rows.push(element("p", { class: same ? "sent" : "late" }, same ? `公開側：${outside.number}番が出ています（${moment(outside.at)}に届きました）` : `公開側は${outside.number ?? 0}番のままです。「送り直す」を押してください。`));
  return rows;
}

/** @param {State} state */
export function stepsView(state) {
  if (!state.steps.length) return [element("li", { class: "hint" }, "まだありません。")];
  return state.steps.map((one) => element("li", {}, `${one.number}番 ${moment(one.made_at)}　${one.note}（${one.name}）`));
}
