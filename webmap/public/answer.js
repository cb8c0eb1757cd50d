// @ts-check
// The answer for a place, in words: what may happen, what to do, where to go. Every fact has its source and day beside it.

import { element } from "../shared/dom.js";
import { t } from "../shared/words.js";
import { levels } from "./levels.js";
import { hazardMarks, siteMark } from "./pictograms.js";
import { day, japanese } from "./reading.js";

/** @typedef {import("./types.js").Here} Here */
/** @typedef {import("./types.js").Risk} Risk */
/** @typedef {import("./types.js").Site} Site */
/** @typedef {(site: {layer: string, name: string, lon: number, lat: number}) => void} ShowSite */

/** What weighs most stands first. @type {import("./types.js").Outcome[]} */
const OUTCOMES = ["applies", "near_boundary", "stale", "no_data", "does_not_apply"];
/** Marks beside the words, so that no outcome is told by colour alone. */
const MARKS = { applies: "⚠", near_boundary: "≈", stale: "!", no_data: "?", does_not_apply: "○" };
const DANGERS = ["applies", "near_boundary", "stale"];
const DIGITS = 5;

/**
 * @param {Here} here
 * @param {{town: string, name: string | null}} about what is called the place, where it was found by a name
 * @param {ShowSite} showSite
 * @returns {HTMLElement[]}
 */
export function answerOf(here, about, showSite) {
  const place = whereItIs(here, about);
  if (!here.place.in_town) return [place, element("p", { class: "outside" }, t("outside_town", { town: about.town }))];
  const risks = [...here.risks].sort((one, other) => OUTCOMES.indexOf(one.outcome) - OUTCOMES.indexOf(other.outcome));
  return [place, summary(risks), whatToDo(risks), whereToGo(here, showSite), whatMayHappen(risks), shelters(here, showSite), notes(here)].filter((part) => part !== null);
}

/**
 * @param {Here} here
 * @param {{town: string, name: string | null}} about
 */
function whereItIs({ place, edition }, { town, name }) {
  const spot = name ?? (place.oaza ? t("place_in", { town, oaza: place.oaza }) : t("place_position", positionOf(place)));
  const made = edition.number ? element("span", { class: "about" }, t("edition", { number: edition.number, day: day((edition.made_at ?? "").slice(0, 10)) })) : null;
  return element("p", { class: "place" }, element("strong", {}, t("place_here", { place: spot })), made && " ", made);
}

/** @param {{lon: number, lat: number}} place */
export function positionOf({ lon, lat }) {
  return { lon: lon.toFixed(DIGITS), lat: lat.toFixed(DIGITS) };
}

/**
 * The answer in a breath: for each outcome its hazards.
 * @param {Risk[]} risks
 */
function summary(risks) {
  const rows = OUTCOMES.flatMap((outcome) => {
    const hazards = [...new Set(risks.filter((risk) => risk.outcome === outcome).map((risk) => hazardName(risk)))];
    if (!hazards.length) return [];
    const key = outcome === "near_boundary" ? "summary_near" : `summary_${outcome}`;
    return [element("div", { class: `sum ${outcome}` }, element("dt", {}, badgeMark(outcome), t(key)), element("dd", {}, hazards.join(t("and"))))];
  });
  return rows.length ? element("dl", { class: "summary" }, ...rows) : null;
}

/** @param {import("./types.js").Outcome} outcome */
function badgeMark(outcome) {
  return element("span", { class: "mark", "aria-hidden": "true" }, MARKS[outcome]);
}

/** @param {{hazard: string, title: string}} risk */
function hazardName({ hazard, title }) {
  const key = `hazard_${hazard}`;
  return t(key) === key ? title : t(key);
}

/** @param {Risk[]} risks */
function whatMayHappen(risks) {
  return element("section", { "aria-labelledby": "may-happen" }, element("h3", { id: "may-happen" }, t("what_may_happen")), ...risks.map(riskCard));
}

/** @param {Risk} risk */
function riskCard(risk) {
  const rows = risk.details.map(({ label, value, colour }) => element("div", {}, element("dt", {}, label), element("dd", {}, colour ? chip(colour) : null, value)));
  return element("article", { class: `risk ${risk.outcome}` },
    element("h4", {}, ...hazardMarks(risk.hazard), risk.title, " ", element("span", { class: "outcome" }, badgeMark(risk.outcome), t(`outcome_${risk.outcome}`))),
    element("p", {}, risk.sentence),
    rows.length ? element("dl", { class: "details" }, ...rows) : null,
    element("p", { class: "about" }, ...sourceOf(risk)));
}

/** @param {{source: string, data_date: string | null}} fact */
function sourceOf({ source, data_date }) {
  const said = [source && t("source", { source }), data_date ? t("data_day", { day: day(data_date) }) : t("no_day")];
  return said.filter(Boolean).map((text, index) => (index ? `　${text}` : text));
}

/** @param {string} colour */
function chip(colour) {
  const node = element("span", { class: "chip", "aria-hidden": "true" });
  if (/^#[0-9a-f]{6}$/i.test(colour)) node.style.backgroundColor = colour;
  return node;
}

/** @param {Risk[]} risks */
function whatToDo(risks) {
  const advised = risks.filter((risk) => DANGERS.includes(risk.outcome) && risk.advice);
  const said = [...new Set(advised.map((risk) => risk.advice ?? ""))];
  return element("section", { "aria-labelledby": "to-do" }, element("h3", { id: "to-do" }, t("what_to_do")),
    element("ul", { class: "advice" }, ...said.map((advice) => element("li", {}, advice))), levels());
}

/**
 * @param {Here} here
 * @param {ShowSite} showSite
 */
function whereToGo({ go }, showSite) {
  if (!go.length) return null;
  const parts = go.map((one) => element("div", { class: "go" }, element("h4", {}, ...hazardMarks(one.hazard), one.title), one.sentence ? element("p", {}, one.sentence) : null, siteList(one.sites, showSite)));
  return element("section", { "aria-labelledby": "to-go" }, element("h3", { id: "to-go" }, t("where_to_go")), ...parts);
}

/**
 * @param {Here} here
 * @param {ShowSite} showSite
 */
function shelters({ shelters: sites }, showSite) {
  if (!sites.length) return null;
  return element("section", { "aria-labelledby": "to-stay" }, element("h3", { id: "to-stay" }, t("shelters_title")), siteList(sites, showSite));
}

/**
 * @param {Site[]} sites
 * @param {ShowSite} showSite
 */
function siteList(sites, showSite) {
  return element("ol", { class: "sites" }, ...sites.map((site) => element("li", {},
    element("div", { class: "site-name" }, siteMark(site.layer), element("strong", {}, japanese(site.name)), site.name_kana ? element("span", { class: "about" }, japanese(site.name_kana)) : null, stateOf(site)),
    element("p", {}, site.sentence),
    element("button", { type: "button", class: "to-map", onclick: () => showSite(site) }, t("show_on_map"), element("span", { class: "hidden" }, `：${site.name}`)))));
}

/** @param {Site} site */
function stateOf({ state }) {
  if (!state) return null;
  const told = state.told_at ? t("state_told", { day: day(state.told_at) }) : "";
  return element("span", { class: `state ${state.state}` }, state.label, told && element("span", { class: "about" }, ` ${told}`));
}

/** @param {Here} here */
function notes({ notes: said }) {
  if (!said.length) return null;
  return element("section", { "aria-labelledby": "to-note" }, element("h3", { id: "to-note" }, t("notes_title")), element("ul", { class: "notes" }, ...said.map((note) => element("li", {}, note))));
}
