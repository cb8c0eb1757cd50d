// @ts-check
// What the town says of the moment: its phase, notices, open shelters and closed roads, above everything else while it is not normal.

import { byId, element } from "../shared/dom.js";
import { get, ServerProblem } from "../shared/server.js";
import { t } from "../shared/words.js";
import { levelMark } from "./levels.js";
import { day, japanese, language } from "./reading.js";

/** @typedef {import("./types.js").Situation} Situation */

const NOT_THERE = 404;
const EVERY_MS = 60_000;
const MOST_SHELTERS = 30;

/**
 * What the town tells now, null where this server is not told anything.
 * @returns {Promise<Situation | null>}
 */
export async function askSituation() {
  try {
    return await get("situation", { lang: language });
  } catch (error) {
    if (error instanceof ServerProblem && error.status === NOT_THERE) return null;
    throw error;
  }
}

/**
 * Shows the situation now and whenever another one is told.
 * @param {Situation | null} first
 * @param {(site: import("./types.js").ToldShelter) => void} find shows a shelter on the map
 * @param {(situation: Situation) => void} told
 */
export function startSituation(first, find, told) {
  if (!first) return;
  let number = first.number;
  show(first, find);
  told(first);
  setInterval(() => {
    if (document.hidden) return;
    askSituation().then((next) => {
      if (!next || next.number === number) return;
      number = next.number;
      show(next, find);
      told(next);
    }, () => undefined); // the page goes on with what it knows; the next minute asks again
  }, EVERY_MS);
}

/**
 * @param {Situation} situation
 * @param {(site: import("./types.js").ToldShelter) => void} find
 */
function show(situation, find) {
  const banner = byId("situation");
  banner.hidden = situation.phase === "normal" && !situation.notices.length;
  banner.className = `phase-${situation.phase}`;
  document.documentElement.dataset["phase"] = situation.phase;
  banner.replaceChildren(
    element("h2", { id: "situation-title" }, t("situation_title"), " ", element("strong", { class: "phase" }, situation.phase_label)),
    ...[situation.exercise_label ? element("p", { class: "headline" }, situation.exercise_label) : null, situation.headline ? element("p", { class: "headline" }, japanese(situation.headline)) : null,
      element("p", { class: "about" }, t("situation_told", { day: day(situation.made_at) }), " ", element("a", { href: "./light" }, t("light_link"))),
      element("p", {}, element("a", { class: "big", href: "#search-text" }, t("situation_ask"))),
      ...notices(situation), ...(situation.phase === "normal" ? [] : [...shelters(situation, find), ...closures(situation)])].filter((node) => node !== null));
}

/** @param {Situation} situation */
function notices({ notices: told }) {
  if (!told.length) return [];
  return [element("h3", {}, t("situation_notices")), element("ul", { class: "notices" }, ...told.map(({ level, level_label, title, text, issued_at }) => element("li", {},
    isLevel(level) ? element("p", {}, levelMark(Number(level)), level_label) : null, element("strong", {}, japanese(title)), text ? element("p", {}, japanese(text)) : null, issued_at ? element("p", { class: "about" }, t("situation_told", { day: day(issued_at) })) : null)))];
}

/** @param {unknown} level */
function isLevel(level) {
  return Number(level) >= 1 && Number(level) <= 5;
}

/**
 * @param {Situation} situation
 * @param {(site: import("./types.js").ToldShelter) => void} find
 */
function shelters({ shelters: told }, find) {
  if (!told.length) return [];
  const order = ["open", "preparing", "full", "unknown", "closed"];
  const rows = [...told].sort((one, other) => order.indexOf(one.state) - order.indexOf(other.state)).slice(0, MOST_SHELTERS).map((shelter) => element("li", {},
    element("span", { class: `state ${shelter.state}` }, shelter.label), element("strong", {}, japanese(shelter.name)),
    element("span", { class: "about" }, ...[yesOrNo("pets", shelter.pets), yesOrNo("barrier_free", shelter.barrier_free), shelter.note, shelter.told_at && t("state_told", { day: day(shelter.told_at) })].filter(Boolean).map((text, index) => (index ? `・${text}` : String(text)))),
    element("button", { type: "button", class: "to-map", onclick: () => find(shelter) }, t("show_on_map"), element("span", { class: "hidden" }, `：${shelter.name}`))));
  return [element("h3", {}, t("situation_shelters")), element("ul", { class: "told" }, ...rows)];
}

/**
 * @param {string} key
 * @param {boolean | null} value
 */
function yesOrNo(key, value) {
  return value === null || value === undefined ? "" : t(`${key}_${value ? "yes" : "no"}`);
}

/** @param {Situation} situation */
function closures({ closures: told }) {
  if (!told.length) return [];
  return [element("h3", {}, t("situation_closures")), element("ul", { class: "told" }, ...told.map(({ name, reason, since }) => element("li", {},
    element("strong", {}, japanese(name)), element("span", {}, japanese(reason)), since ? element("span", { class: "about" }, t("situation_told", { day: day(since) })) : null)))];
}
