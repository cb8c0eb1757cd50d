// @ts-check
// Every site in the map's frame as a list of buttons, nearest first: what can be seen on the map can be read without it.

import { arrowKeys, byId, element } from "../shared/dom.js";
import { get } from "../shared/server.js";
import { t } from "../shared/words.js";
import { HAZARD_KINDS, hazardMarks, siteMark } from "./pictograms.js";
import { japanese, metres, titleOf } from "./reading.js";
import { holdsPlaces } from "./view.js";

/** @typedef {{layer: import("./types.js").PublishedLayer, lon: number, lat: number, name: string, properties: Record<string, unknown>}} Seen */

const MOST_READ = 500;
const AT_FIRST = 8;
const METRES_PER_DEGREE = 111_320;
const SETTLE_MS = 250;

export class InView {
  /**
   * @param {import("./types.js").Published} published
   * @param {import("./view.js").View} view
   * @param {import("./layers.js").Held} held
   * @param {(site: {layer: string, name: string, lon: number, lat: number}) => void} choose
   */
  constructor(published, view, held, choose) {
    this.layers = published.layers.filter(holdsPlaces);
    this.view = view;
    this.held = held;
    this.choose = choose;
    /** @type {Map<string, Promise<Seen[]>>} */
    this.read = new Map();
    this.timer = 0;
    this.isOpen = false;
    arrowKeys(byId("view"));
    view.addEventListener("changed", () => this.later());
  }

  later() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.write(), SETTLE_MS);
  }

  async write() {
    const shown = this.layers.filter((layer) => this.view.shown.has(layer.id));
    const all = (await Promise.all(shown.map((layer) => this.#sites(layer)))).flat();
    const box = this.held.map?.box?.() ?? null;
    const from = this.view.place ?? middle(box);
    const seen = all.filter((site) => !box || (site.lon >= box[0] && site.lon <= box[2] && site.lat >= box[1] && site.lat <= box[3]));
    const near = seen.map((site) => ({ site, far: from ? distance(from, site) : 0 })).sort((one, other) => one.far - other.far);
    const rows = near.map(({ site, far }) => element("li", {}, this.#button(site, this.view.place ? far : null)));
    const head = !near.length ? t("view_none") : box ? t("view_count", { count: near.length }) : t("view_all", { count: near.length });
    byId("view").replaceChildren(...[element("p", { class: "about" }, head), element("ul", { class: "hits" }, ...rows), this.#fold(rows)].filter((node) => node !== null));
  }

  /**
   * Shows the first few; the button that shows the others hands the focus on to them.
   * @param {HTMLElement[]} rows
   */
  #fold(rows) {
    const others = rows.slice(AT_FIRST);
    if (!others.length || this.isOpen) return null;
    for (const row of others) row.hidden = true;
    const button = element("button", { type: "button", class: "more", onclick: () => {
      this.isOpen = true;
      for (const row of others) row.hidden = false;
      others[0]?.querySelector("button")?.focus();
      button.remove();
    } }, t("show_more", { count: others.length }));
    return button;
  }

  /** What each site of the layer that is meant for kinds of hazards is good for. @param {string} id */
  async kindsOf(id) {
    const layer = this.layers.find((candidate) => candidate.id === id);
    const sites = layer ? await this.#sites(layer) : [];
    return sites.map(({ lon, lat, properties }) => ({ lon, lat, kinds: HAZARD_KINDS.filter((kind) => properties[kind] === true) })).filter(({ kinds }) => kinds.length);
  }

  /**
   * @param {import("./types.js").PublishedLayer} layer
   * @returns {Promise<Seen[]>}
   */
  #sites(layer) {
    const known = this.read.get(layer.id);
    if (known) return known;
    const reading = get(`api/collections/${layer.id}/items`, { limit: String(MOST_READ), f: "json" }).then(({ features }) => features.flatMap(
      (/** @type {GeoJSON.Feature} */ { geometry, properties }) => (geometry?.type === "Point" && properties?.["name"] ? [{ layer, lon: geometry.coordinates[0] ?? 0, lat: geometry.coordinates[1] ?? 0, name: String(properties["name"]), properties }] : [])));
    this.read.set(layer.id, reading);
    return reading;
  }

  /**
   * @param {Seen} site
   * @param {number | null} far metres from the place asked for
   */
  #button(site, far) {
    const kinds = HAZARD_KINDS.filter((kind) => site.properties[kind] === true);
    const fits = kinds.length ? t("fits", { hazards: kinds.map((kind) => t(`short.${kind}`)).join(t("and")) }) : "";
    const marks = kinds.flatMap(hazardMarks);
    return element("button", { type: "button", onclick: () => this.choose({ layer: site.layer.id, name: site.name, lon: site.lon, lat: site.lat }) }, siteMark(site.layer.id),
      element("span", {}, japanese(site.name), element("span", { class: "about" }, [kindOf(site), far === null ? "" : t("straight", { metres: metres(far) })].filter(Boolean).join("・")),
        fits ? element("span", { class: "about fits" }, ...marks, fits) : null));
  }
}

/** What it is: a facility says so itself, another place by its layer. @param {Seen} site */
function kindOf({ layer, properties }) {
  const sheet = layer.fields.find((field) => field.name === "sheet")?.codes[String(properties["sheet"])];
  const kind = properties["kind"] ?? sheet?.replace(/一覧$/, "");
  return typeof kind === "string" && kind ? kind : titleOf(layer);
}

/** @param {[number, number, number, number] | null} box */
function middle(box) {
  return box && { lon: (box[0] + box[2]) / 2, lat: (box[1] + box[3]) / 2 };
}

/**
 * Metres in a straight line, good enough to sort by within a town.
 * @param {{lon: number, lat: number}} one
 * @param {{lon: number, lat: number}} other
 */
function distance(one, other) {
  const aside = (one.lon - other.lon) * Math.cos((one.lat * Math.PI) / 180);
  return Math.hypot(aside, one.lat - other.lat) * METRES_PER_DEGREE;
}
