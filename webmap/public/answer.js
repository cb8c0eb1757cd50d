// @ts-check
// The answer for a place, in words: what may happen, what to do, where to go. Every fact has its source and day beside it.
// It is built as the server builds it (here_fragment.html), so that nothing moves when the page takes that one over.

import { element, svg } from "../shared/dom.js";
import { t } from "../shared/words.js";
import { levels } from "./levels.js";
import { hazardMarks } from "./pictograms.js";

/** @typedef {import("./types.js").Here} Here */
/** @typedef {import("./types.js").Risk} Risk */
/** @typedef {import("./types.js").Site} Site */
/** @typedef {(site: {layer: string, name: string, lon: number, lat: number}) => void} ShowSite */

const DIGITS = 5;

/**
 * @param {Here} here
 * @param {{town: string, name: string | null}} about what is called the place, where it was found by a name
 * @param {ShowSite} showSite
 * @returns {HTMLElement}
 */
export function answerOf(here, about, showSite) {
  const isIn = here.place.in_town;
  const root = element("div", { class: "here", "data-place": `${here.place.lat},${here.place.lon}` },
    element("p", { class: "headline" }, element("strong", {}, here.headline), here.first ? element("br") : null, here.first),
    ...(isIn ? [whereItIs(here, about), ...risks(here), ...whereToGo(here), ...shelters(here), ...notes(here)] : []),
    here.edition.number ? element("p", { class: "fresh" }, t("edition", { number: here.edition.number, day: dayOf(here.edition.made_at ?? "") })) : null);
  return equipped(root, showSite);
}

/**
 * Gives an answer, be it ours or the server's, its pictograms, its buttons to the map and what the warning levels mean.
 * @param {HTMLElement} root
 * @param {ShowSite} showSite
 */
export function equipped(root, showSite) {
  for (const section of root.querySelectorAll("[data-hazard]")) {
    section.querySelector("h3, h4, h5")?.prepend(...hazardMarks(section.getAttribute("data-hazard") ?? ""));
  }
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (root.querySelectorAll("a.to-map"))) {
    const { lon = "", lat = "", layer = "", name = "" } = link.dataset;
    const show = () => showSite({ layer, name, lon: Number(lon), lat: Number(lat) });
    link.replaceWith(element("button", { type: "button", class: "to-map", onclick: show }, ...link.childNodes));
  }
  if (root.querySelector(".risk")) root.append(levels());
  return root;
}

/**
 * @param {Here} here
 * @param {{town: string, name: string | null}} about
 */
function whereItIs({ place }, { town, name }) {
  const spot = name ?? place.oaza ?? place.district ?? t("place_unnamed", { town });
  return element("p", { class: "place" }, t("place", { name: spot, ...positionOf(place) }));
}

/** @param {{lon: number, lat: number}} place */
export function positionOf({ lon, lat }) {
  return { lon: lon.toFixed(DIGITS), lat: lat.toFixed(DIGITS) };
}

/** A day as the sentences write it. @param {string} iso */
function dayOf(iso) {
  const [year = 0, month = 0, day = 0] = iso.slice(0, 10).split("-").map(Number);
  return t("date", { year, month, day });
}

/** @param {{source?: string, data_date?: string | null} | undefined} fact */
function fresh(fact) {
  if (!fact?.source) return null;
  return element("p", { class: "fresh" }, t("source", { source: fact.source }), fact.data_date ? element("span", {}, ` ${t("data_day", { day: dayOf(fact.data_date) })}`) : null);
}

/** @param {Here} here */
function risks({ risks: all }) {
  return [element("h3", {}, t("risks_title")), ...all.map(riskCard)];
}

/** @param {Risk} risk */
function riskCard(risk) {
  const rows = risk.details.map(({ label, value, colour }) => element("li", {}, colour ? chip(colour) : null, colour ? " " : null, label, element("span", { class: "colon" }, ": "), element("strong", {}, value)));
  return element("section", { class: `risk ${risk.outcome}`, "data-hazard": risk.hazard },
    element("h4", {}, risk.title),
    element("p", {}, element("span", { class: "outcome" }, risk.outcome_label)),
    element("p", {}, risk.sentence),
    risk.advice ? element("p", { class: "advice" }, element("strong", {}, t("do_title")), ` ${risk.advice}`) : null,
    rows.length ? element("ul", { class: "details", "aria-label": t("detail.caption") }, ...rows) : null,
    fresh(risk));
}

/** @param {string} colour */
function chip(colour) {
  return svg("svg", { class: "swatch", viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, svg("rect", { x: 1, y: 1, width: 14, height: 14, fill: colour, stroke: "#333" }));
}

/** @param {Here} here */
function whereToGo({ go, sources }) {
  const parts = go.map((one) => element("section", { class: "go", "data-hazard": one.hazard }, element("h4", {}, one.title), element("p", {}, one.sentence), one.sites.length ? siteList(one.sites) : null));
  return [element("h3", { id: "go" }, t("go_title")), ...parts, fresh(sources["evacuation_sites"])];
}

/** @param {Here} here */
function shelters({ shelters: sites, shelters_sentence, sources }) {
  return [element("h3", {}, t("shelters_title")), element("p", {}, shelters_sentence), sites.length ? siteList(sites) : null, fresh(sources["shelters"])];
}

/** @param {Site[]} sites */
function siteList(sites) {
  return element("ol", { class: "sites" }, ...sites.map((site) => element("li", {}, ...sentenceOf(site), stateOf(site),
    site.address ? element("span", { class: "address" }, ` ${t("address", { address: site.address })}`) : null,
    element("a", { class: "to-map", href: "#map-part", "data-lon": site.lon, "data-lat": site.lat, "data-layer": site.layer, "data-name": site.name }, t("map"), element("span", { class: "hidden" }, ` ${site.name}`)))));
}

/** @param {Site} site */
function sentenceOf({ name, sentence }) {
  return sentence.startsWith(name) ? [element("strong", { class: "site" }, name), sentence.slice(name.length)] : [sentence];
}

/** @param {Site} site */
function stateOf({ state }) {
  return state ? element("strong", { class: `state ${state.state}` }, t("state", { label: state.label, told_at: state.told_at ?? "" })) : null;
}

/** @param {Here} here */
function notes({ notes: said }) {
  return [element("h3", {}, t("notes_title")), element("ul", { class: "notes" }, ...said.map((note) => element("li", {}, note)))];
}
