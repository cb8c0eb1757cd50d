// @ts-check
// Asks what is to be said of a place and puts the answer into the page; what the server wrote into it stays until then.

import { byId, element } from "../shared/dom.js";
import { get, ServerProblem } from "../shared/server.js";
import { t } from "../shared/words.js";
import { answerOf, equipped, positionOf } from "./answer.js";
import { language } from "./reading.js";

/** @typedef {import("./types.js").Position} Position */

const NOT_THERE = 404;
/** About a decimetre. */
const SAME_DEGREES = 1e-6;

export class HereAnswer {
  /**
   * @param {string} town its name
   * @param {import("./answer.js").ShowSite} showSite
   */
  constructor(town, showSite) {
    this.town = town;
    this.showSite = showSite;
    this.found = byId("found");
    /** @type {AbortController | null} */
    this.under = null;
    this.isTaken = false;
    /** What the map has at the place, below the answer. @type {HTMLElement[]} */
    this.extra = [];
  }

  /** Where nothing was asked for yet. */
  invite() {
    this.found.replaceChildren(element("p", { class: "intro" }, t("intro")), element("p", { class: "about" }, t("privacy")));
  }

  /**
   * @param {Position} place
   * @param {string | null} name
   */
  async ask(place, name) {
    if (this.#takesOver(place)) return;
    this.under?.abort();
    const asking = new AbortController();
    this.under = asking;
    this.extra = [];
    if (!this.found.childElementCount) this.found.replaceChildren(element("p", {}, t("asking")));
    this.found.setAttribute("aria-busy", "true");
    try {
      const here = await get("here", { lon: String(place.lon), lat: String(place.lat), lang: language, f: "json" }, asking.signal);
      this.#put(answerOf(here, { town: this.town, name }, this.showSite));
    } catch (error) {
      if (!(error instanceof ServerProblem)) {
        if (error instanceof DOMException && error.name === "AbortError") return;
        throw error;
      }
      this.#put(element("p", { class: "place" }, t("place_here", { place: name ?? t("place_position", positionOf(place)) })),
        element("p", { class: "no-answer" }, t("no_answer", { reason: error.status === NOT_THERE ? t("answer_missing") : error.message })));
    } finally {
      if (this.under === asking) this.found.removeAttribute("aria-busy");
    }
  }

  /**
   * Whether the server's answer for this very place stands there already: it then only gets its buttons.
   * @param {Position} place
   */
  #takesOver({ lon, lat }) {
    const served = /** @type {HTMLElement | null} */ (this.isTaken ? null : this.found.querySelector(".here"));
    this.isTaken = true;
    const [servedLat = NaN, servedLon = NaN] = (served?.dataset["place"] ?? "").split(",").map(Number);
    if (!served || Math.abs(servedLat - lat) > SAME_DEGREES || Math.abs(servedLon - lon) > SAME_DEGREES) return false;
    equipped(served, this.showSite);
    return true;
  }

  /** @param {...HTMLElement} parts */
  #put(...parts) {
    this.found.replaceChildren(...parts, ...this.extra);
  }

  /** Brings the beginning of the answer, which stands above the map, to somebody who pressed the map and cannot see it. */
  show() {
    const { top } = this.found.getBoundingClientRect();
    if (top < 0 || top > innerHeight / 2) this.found.scrollIntoView({ block: "start" });
  }

  /** @param {HTMLElement} part what the map has at the place */
  add(part) {
    this.extra = [part];
    this.found.append(part);
  }
}
