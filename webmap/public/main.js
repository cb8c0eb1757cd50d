// @ts-check
// The public page: the answer in words for a place first, the map after it.

import { byId, element } from "../shared/dom.js";
import { address, get } from "../shared/server.js";
import { loadWords, t } from "../shared/words.js";
import { HereAnswer } from "./here.js";
import { startSearch } from "./hits.js";
import { InView } from "./in_view.js";
import { startLayers } from "./layers.js";
import { ROUGH_M, startLocate } from "./locate.js";
import { day, language } from "./reading.js";
import { startShare } from "./share.js";
import { askSituation, startSituation } from "./situation.js";
import { isStatic } from "./static.js";
import { View } from "./view.js";

/** @typedef {import("./types.js").Published} Published */
/** @typedef {import("./types.js").Position} Position */
/** @typedef {{layer: string, name: string, lon: number, lat: number}} Site */

/** Shows what went wrong, and takes it away again with null. @param {unknown} error */
function trouble(error) {
  const box = byId("trouble");
  box.hidden = error === null;
  box.textContent = error instanceof Error ? error.message : "";
}

/**
 * @param {string} text
 * @param {boolean} [isWarning]
 */
function say(text, isWarning = false) {
  const told = byId("told");
  told.textContent = text;
  told.classList.toggle("warning", isWarning);
}

/** @param {Published} published */
function tellEdition({ municipality, edition }) {
  byId("town").textContent = municipality.name;
  document.title = `${municipality.name}｜${document.title}`;
  byId("fictitious").hidden = !municipality.fictitious;
  byId("edition").textContent = edition.number ? t("edition", { number: edition.number, day: day((edition.made_at ?? "").slice(0, 10)) }) : t("edition_none");
}

class PublicPage {
  /** @param {Published} published */
  constructor(published) {
    this.published = published;
    this.view = new View(published);
    /** @type {{map: import("./types.js").AnyMap | null}} */
    this.held = { map: null };
    /** @type {import("./types.js").Situation | null} */
    this.situation = null;
    /** @type {() => void} what the map is to show as soon as it is there */
    this.waiting = () => undefined;
    this.answer = new HereAnswer(published.municipality.name, (site) => this.showSite(site));
    this.inView = new InView(published, this.view, this.held, (site) => this.showSite(site));
  }

  /** Everything that can be read and pressed before there is a map. */
  async start() {
    startLayers(this.published, this.view, this.held, say);
    startShare(this.view);
    startSearch({ toPlace: (place, name, parcel) => this.go(place, name, { parcel }), toOaza: (oaza) => this.showOaza(oaza), say, trouble });
    startLocate((place, name, accuracyM) => this.go(place, name, { accuracyM }), say);
    byId("search").hidden = this.published.layers.length === 0;
    keepLinks(this.view);
    const [parcel] = this.view.parcels;
    if (this.view.place) await this.ask(this.view.place, null);
    else if (parcel) await this.#goToParcel(parcel);
    else this.answer.invite();
  }

  /** @param {string} key of a linked parcel */
  async #goToParcel(key) {
    this.answer.invite();
    const [found] = (await get("search", { q: key })).parcels;
    if (found) this.go({ lon: found.center[0], lat: found.center[1] }, found.number, { parcel: key });
  }

  /**
   * To a place that was searched for or located: its answer, the map, and the reader with it.
   * @param {Position} place
   * @param {string | null} name
   * @param {{accuracyM?: number, parcel?: string | undefined}} [more]
   */
  go(place, name, { accuracyM = 0, parcel } = {}) {
    this.view.parcels = parcel ? [parcel] : [];
    this.view.choose(place);
    this.#onMap((map) => map.showPlace([place.lon, place.lat], name ?? t("mark"), accuracyM));
    this.ask(place, name).then(() => {
      if (parcel && name) this.answer.add(element("p", {}, element("a", { class: "big", href: address("land", { number: name, lang: language }).href }, t("land_of", { number: name }))));
      byId("found").focus({ preventScroll: true });
      // how far a rough position may be wrong must be read first
      byId(accuracyM > ROUGH_M ? "told" : "found").scrollIntoView({ block: "start" });
    }, trouble);
  }

  /**
   * @param {Position} place
   * @param {string | null} name
   */
  async ask(place, name) {
    trouble(null);
    document.documentElement.classList.add("asked");
    await this.answer.ask(place, name);
  }

  /** @param {Site} site */
  showSite({ name, lon, lat }) {
    this.#onMap((map) => (map.showSite ?? map.showPlace).call(map, [lon, lat], name));
    say(t("shown_on_map", { name }));
    byId("map-part").scrollIntoView({ block: "nearest" });
  }

  /** @param {import("../shared/types.js").Oaza} oaza */
  showOaza({ name, bbox }) {
    this.#onMap((map) => map.showBox?.(bbox));
    say(t("oaza_shown", { name }));
    byId("map-part").scrollIntoView({ block: "nearest" });
  }

  /** @param {(map: import("./types.js").AnyMap) => void} act now, or as soon as there is a map */
  #onMap(act) {
    if (this.held.map) act(this.held.map);
    else this.waiting = () => this.held.map && act(this.held.map);
  }

  async startMap() {
    const map = await openMap(this.published, this.view);
    this.held.map = map;
    map.addEventListener("pick", (event) => this.#pick(/** @type {CustomEvent} */ (event).detail));
    map.addEventListener("moved", (event) => this.view.look(/** @type {CustomEvent} */ (event).detail));
    if (this.view.place) this.#markLinked(map, this.view.place);
    this.waiting();
    await map.whenReady?.();
    if (this.situation) map.tell?.(this.situation);
    await this.#showListed(map);
    map.tellKinds?.(await this.inView.kindsOf("evacuation_sites"));
    await this.inView.write();
  }

  /**
   * What the list of facilities shows, where the address carries the list's own filter.
   * @param {import("./types.js").AnyMap} map
   */
  async #showListed(map) {
    if (!new URLSearchParams(location.search).has("facilities")) return;
    const { drawListed, extentOf, listed, listedFilter } = await import("../lists/facilities_on_map.js");
    const found = await listed(listedFilter() ?? "", language);
    if ("gl" in map) drawListed(/** @type {any} */ (map).gl, found);
    const box = extentOf(found);
    if (box) map.showBox?.(box);
    say(t("listed_on_map", { count: found.features.length }));
  }

  /**
   * The place of the link, without moving a map that the link itself had placed.
   * @param {import("./types.js").AnyMap} map
   * @param {Position} place
   */
  #markLinked(map, { lon, lat }) {
    if (this.view.map && map.mark) map.mark([lon, lat], t("mark"));
    else map.showPlace([lon, lat], t("mark"));
  }

  /** @param {import("./types.js").Situation} situation */
  told(situation) {
    this.situation = situation;
    this.held.map?.tell?.(situation);
  }

  /** @param {{lon: number, lat: number, features?: import("maplibre-gl").MapGeoJSONFeature[]}} picked */
  #pick({ lon, lat, features = [] }) {
    const site = features.find((feature) => feature.geometry.type === "Point" && feature.properties["name"]);
    const name = site ? String(site.properties["name"]) : null;
    this.view.parcels = [];
    this.view.choose({ lon, lat });
    this.held.map?.mark?.([lon, lat], name ?? t("mark"));
    this.ask({ lon, lat }, name).then(async () => {
      this.answer.show();
      const { detailsOf } = await import("./details.js");
      this.answer.add(await detailsOf(this.published, features));
    }).catch(trouble);
  }
}

/**
 * The map of WebGL, else the one of pictures that the server draws.
 * @param {Published} published
 * @param {View} view
 * @returns {Promise<import("./types.js").AnyMap>}
 */
async function openMap(published, view) {
  if (element("canvas").getContext("webgl2")) {
    document.head.append(element("link", { rel: "stylesheet", href: "./vendor/maplibre-gl/6.17.0/dist/maplibre-gl.css" }));
    if (isStatic()) await (await import("./static_edition.js")).readTilesFromFiles();
    const [style, { PublicMap }] = await Promise.all([get("styles/public.json"), import("./map.js")]);
    const map = new PublicMap(byId("map"), style, published, view);
    const { startPrint } = await import("./print.js");
    startPrint(map);
    return map;
  }
  const { startDrawnMap } = await import("./drawn_map.js");
  return startDrawnMap(byId("map"), published, view);
}

/** A language, and the whole page of an embedded one, are other pages that open on the same view. @param {View} view */
function keepLinks(view) {
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("#language a, #whole"))) {
    const asked = new URL(link.href).searchParams.get("lang");
    link.addEventListener("click", () => {
      const url = view.address();
      if (isStatic() && link.id !== "whole") url.pathname = new URL(link.href).pathname;
      else if (asked) url.searchParams.set("lang", asked);
      else url.searchParams.delete("embed");
      link.href = url.href;
    });
  }
}

async function start() {
  if (isStatic()) (await import("./static_edition.js")).startStatic();
  const situationAsked = askSituation().catch((error) => {
    trouble(error);
    return null;
  });
  const [published, situation] = await Promise.all([get("layers"), situationAsked, loadWords(language, ["here", "page"])]);
  tellEdition(published);
  const page = new PublicPage(published);
  startSituation(situation, (site) => page.showSite(site), (one) => page.told(one));
  const ready = () => { document.documentElement.dataset["ready"] = "1"; };
  await page.start().catch(trouble);
  document.documentElement.dataset["answered"] = "1";
  await page.startMap().catch((error) => {
    byId("map").replaceChildren(element("p", {}, t("map_missing")));
    trouble(error);
  });
  ready();
  if (isStatic()) return;
  document.head.append(element("link", { rel: "stylesheet", href: "./offline/keep.css" }));
  const { startKeep } = await import("../offline/keep.js");
  await startKeep(byId("keep"));
}

start().catch(trouble);
