// @ts-check
// The search: places, parcels and 大字 of that name as buttons, each of which leads to the answer for it; or the typed position at once.

import { arrowKeys, byId, element } from "../shared/dom.js";
import { get } from "../shared/server.js";
import { t } from "../shared/words.js";
import { siteMark } from "./pictograms.js";
import { japanese } from "./reading.js";

/** @typedef {import("./types.js").Position} Position */

/**
 * @typedef {object} Found
 * @property {{lon: number, lat: number, in_town: boolean} | null} position
 * @property {import("../shared/types.js").Place[]} places
 * @property {{key: string, number: string, center: [number, number]}[]} parcels
 * @property {{key: string, number: string, center: [number, number]}[]} near
 * @property {import("../shared/types.js").Oaza[]} oaza
 */

/**
 * What a hit leads to.
 * @typedef {object} Led
 * @property {(place: Position, name: string | null, parcel?: string) => void} toPlace
 * @property {(oaza: import("../shared/types.js").Oaza) => void} toOaza
 * @property {(text: string) => void} say
 * @property {(error: unknown) => void} trouble
 */

/** @typedef {import("../shared/types.js").Place} Place */

/** Some 150 m: the yard and the gate of one school. */
const SAME_SPOT_DEGREES = 0.0015;

/** What tells most of a spot comes first. */
const FIRST = ["evacuation_sites", "shelters"];

/** What is kept for times without a network knows places only. @type {Found} */
const NOTHING = { position: null, places: [], parcels: [], near: [], oaza: [] };

/** @param {Led} led */
export function startSearch(led) {
  const box = /** @type {HTMLInputElement} */ (byId("search-text"));
  arrowKeys(byId("hits-list"));
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text) {
      led.say(t("type_something"));
      box.focus();
      return;
    }
    get("search", { q: text }).then((found) => tell({ ...NOTHING, ...found }, text, led), led.trouble);
  });
  byId("hits").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    byId("hits").hidden = true;
    box.focus();
  });
}

/**
 * @param {Found} found
 * @param {string} text
 * @param {Led} led
 */
function tell(found, text, led) {
  led.trouble(null);
  const hits = byId("hits");
  if (found.position) {
    hits.hidden = true;
    led.say("");
    led.toPlace(found.position, null);
    return;
  }
  const count = spots(found.places).length + found.parcels.length + found.oaza.length;
  led.say(count ? t("hits_count", { text, count }) : t("hits_none", { text }));
  byId("hits-list").replaceChildren(...groups(found, led));
  hits.hidden = count + found.near.length === 0;
  if (!hits.hidden) byId("hits-title").focus();
}

/**
 * @param {Found} found
 * @param {Led} led
 */
function groups({ parcels, near, oaza, places }, led) {
  /** @param {() => void} lead */
  const away = (lead) => () => {
    byId("hits").hidden = true;
    led.say("");
    lead();
  };
  /** @param {Found["parcels"]} some */
  const ofLand = (some) => some.map(({ key, number, center: [lon, lat] }) => hit(away(() => led.toPlace({ lon, lat }, number, key)), number));
  return [
    ...group(t("hits_parcels"), ofLand(parcels)),
    ...group(t("hits_near"), ofLand(near)),
    ...group(t("hits_oaza"), oaza.map((one) => hit(away(() => led.toOaza(one)), one.name))),
    ...group(t("hits_places"), spots(places).map(([place, ...same]) => hit(away(() => led.toPlace({ lon: place.center[0], lat: place.center[1] }, place.name)), place.name,
      [...new Set([place, ...same].map(({ title }) => title)), place.address].filter(Boolean).join("・"), siteMark(place.layer)))),
  ];
}

/** @param {Place} place */
function telling({ layer }) {
  return FIRST.includes(layer) ? FIRST.indexOf(layer) : FIRST.length;
}

/**
 * Places of one name that stand side by side are one to whoever looks for them: a school that is a site and a shelter too.
 * @param {Place[]} places
 */
function spots(places) {
  /** @type {[Place, ...Place[]][]} */
  const all = [];
  for (const place of places) {
    const same = all.find(([one]) => one.name === place.name && one.center.every((value, axis) => Math.abs(value - (place.center[axis] ?? NaN)) < SAME_SPOT_DEGREES));
    if (same) same.push(place);
    else all.push([place]);
  }
  for (const same of all) same.sort((one, other) => telling(one) - telling(other));
  return all;
}

/**
 * @param {string} title
 * @param {HTMLElement[]} rows
 */
function group(title, rows) {
  return rows.length ? [element("h3", {}, title), element("ul", { class: "hits" }, ...rows.map((row) => element("li", {}, row)))] : [];
}

/**
 * @param {() => void} lead
 * @param {string} name
 * @param {string} [about]
 * @param {Element | null} [mark]
 */
function hit(lead, name, about = "", mark = null) {
  return element("button", { type: "button", onclick: lead }, mark, element("span", {}, japanese(name), about ? element("span", { class: "about" }, japanese(about)) : null));
}
