// @ts-check
// The search box and what it found: parcels, 大字, places, or a position.

import { arrowKeys, byId, element } from "../shared/dom.js";
import { readPosition } from "../shared/coordinates.js";
import { get, post } from "../shared/server.js";
import { squareMetres } from "../shared/units.js";

/** @typedef {import("../shared/types.js").Parcel} Parcel */
/** @typedef {import("../shared/types.js").ParcelMatches} ParcelMatches */
/** @typedef {import("../shared/types.js").SearchResult} SearchResult */
/** @typedef {import("./state.js").State} State */
/** @typedef {import("./map_pane.js").MapPane} MapPane */
/** @typedef {import("./frame.js").Frame} Frame */

const PAUSE_MS = 300;
const LEAST_TO_SUGGEST = 2;
/** A longer text is a pasted column: parcels only, sent as a body. */
const LONG_TEXT = 400;
const LISTED = 200;

/**
 * @param {State} state
 * @param {MapPane} map
 * @param {Frame} frame
 */
export function startHits(state, map, frame) {
  new Hits(state, map, frame);
}

class Hits {
  /**
   * @param {State} state
   * @param {MapPane} map
   * @param {Frame} frame
   */
  constructor(state, map, frame) {
    this.state = state;
    this.map = map;
    this.frame = frame;
    this.zone = state.catalogue.municipality.zone ?? 9;
    this.list = byId("hits");
    this.box = /** @type {HTMLTextAreaElement} */ (byId("search-text"));
    this.asking = new AbortController();
    this.waiting = 0;
    this.#listen();
    this.#empty();
    arrowKeys(this.list, "button.hit");
  }

  #listen() {
    byId("search").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#search(true);
    });
    this.box.addEventListener("keydown", (event) => this.#key(event));
    this.box.addEventListener("input", () => {
      this.#grow();
      clearTimeout(this.waiting);
      if (this.box.value.trim().length >= LEAST_TO_SUGGEST) this.waiting = window.setTimeout(() => void this.#search(false), PAUSE_MS);
    });
    this.state.addEventListener("selection", () => this.#markChosen());
  }

  /** Enter searches, unless it ends a conversion of kana to kanji. @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void this.#search(true);
    } else if (event.key === "Escape") {
      this.box.value = "";
      this.#grow();
      this.#empty();
    } else if (event.key === "ArrowDown" && !this.box.value.includes("\n")) {
      const first = this.list.querySelector("button.hit");
      if (!(first instanceof HTMLElement)) return;
      event.preventDefault();
      first.focus();
    }
  }

  #grow() {
    this.box.rows = Math.min(this.box.value.split("\n").length, 5);
  }

  #empty() {
    this.list.replaceChildren(element("div", { class: "empty" },
      element("p", {}, "地番、大字、施設名、かな、座標で探せます。"),
      element("ul", {},
        element("li", {}, "例：小野新町字舘廻92-1"),
        element("li", {}, "例：飯豊 120〜125、130（複数・範囲）"),
        element("li", {}, "例：表計算から地番の列をそのまま貼り付け"),
        element("li", {}, "例：X=142345.12 Y=67890.34"))));
  }

  /** @param {boolean} decided the clerk pressed Enter, so a single hit is chosen at once */
  async #search(decided) {
    clearTimeout(this.waiting);
    const text = this.box.value.trim();
    if (!text) return;
    const position = readPosition(text, this.zone);
    this.frame.open("hits");
    if (position) {
      this.#showPosition(position, decided);
      return;
    }
    this.asking.abort();
    this.asking = new AbortController();
    this.list.setAttribute("aria-busy", "true");
    try {
      const found = await this.#ask(text, this.asking.signal);
      this.#show(found);
      if (decided) this.#decide(found);
    } catch (error) {
      this.frame.trouble(error, () => void this.#search(decided));
    } finally {
      this.list.removeAttribute("aria-busy");
    }
  }

  /**
   * @param {string} text
   * @param {AbortSignal} signal
   * @returns {Promise<SearchResult>}
   */
  async #ask(text, signal) {
    const several = text.includes("\n") || text.includes("\t") || text.length > LONG_TEXT;
    if (several) return { parcels: await post("parcels", { q: text }, signal), places: [], oaza: [] };
    return withoutNames(await get("search", { q: text }, signal));
  }

  /** @param {SearchResult} found */
  #decide({ parcels, places, oaza }) {
    const [only] = parcels.matches;
    if (only && parcels.matches.length === 1 && !parcels.unmatched?.length) {
      this.#choose([only]);
      this.frame.show("findings");
      return;
    }
    this.frame.show("side");
    const total = parcels.matches.length + places.length + oaza.length;
    this.frame.say(total ? `${total}件見つかりました。下矢印キーで一覧に移ります。` : "見つかりませんでした。");
  }

  /** @param {Parcel[]} parcels */
  #choose(parcels) {
    this.state.choose(parcels);
    this.map.fitParcels(this.state.selection);
  }

  /**
   * @param {[number, number]} position
   * @param {boolean} decided
   */
  #showPosition(position, decided) {
    const [longitude, latitude] = position;
    const go = () => {
      this.map.goTo(position, "入力した座標");
      this.frame.show("map");
    };
    const label = `北緯${latitude.toFixed(6)} 東経${longitude.toFixed(6)}`;
    this.list.replaceChildren(element("ul", { class: "hit-list" },
      element("li", {}, hitButton("座標へ移動", label, go), this.#chooseHere(position))));
    if (decided) go();
  }

  /** @param {[number, number]} position */
  #chooseHere(position) {
    const choose = () => {
      this.map.goTo(position, "選んだ場所");
      void this.map.chooseAt(position[0], position[1]);
    };
    return element("button", { type: "button", class: "small", onclick: choose }, "ここの筆を選択");
  }

  /** @param {SearchResult} found */
  #show({ parcels, places, oaza }) {
    const sections = [
      unmatched(parcels.unmatched ?? []),
      this.#parcels(parcels),
      this.#group("近い地番", (parcels.near ?? []).map((parcel) => this.#parcelItem(parcel))),
      this.#group("大字", oaza.map((one) => element("li", {}, hitButton(`大字${one.name}`, "この大字を表示", () => this.#goToBox(one.bbox))))),
      this.#group("施設・場所", places.map((place) => this.#placeItem(place))),
    ].filter((section) => section !== null);
    if (!sections.length) sections.push(nothing());
    this.list.replaceChildren(...sections);
    this.#markChosen();
  }

  /** @param {import("../shared/types.js").ParcelMatches} found */
  #parcels({ matches, truncated }) {
    const section = this.#group(`筆（${matches.length}件${truncated ? "以上" : ""}）`, matches.slice(0, LISTED).map((parcel) => this.#parcelItem(parcel)));
    if (section && matches.length > 1) {
      const all = element("button", { type: "button", class: "primary choose-all", onclick: () => this.#choose(matches) }, `${matches.length}筆すべてを選択`);
      section.querySelector("h3")?.after(all);
    }
    if (section && truncated) section.append(element("p", { class: "hint" }, "件数が多いため一部だけを表示しています。大字や字を加えて絞り込んでください。"));
    return section;
  }

  /**
   * @param {string} title
   * @param {HTMLElement[]} items
   */
  #group(title, items) {
    if (!items.length) return null;
    return element("section", { class: "hit-group" }, element("h3", {}, title), element("ul", { class: "hit-list" }, ...items));
  }

  /** @param {Parcel} parcel */
  #parcelItem(parcel) {
    const facts = [
      parcel.land_category,
      parcel.area_m2 === null ? null : squareMetres(parcel.area_m2),
      parcel.undetermined ? "筆界未定" : null,
      parcel.placed ? null : `任意座標（${parcel.sheet ?? "図上の位置なし"}）`,
    ];
    const toggle = element("button", { type: "button", class: "small toggle" });
    const refresh = () => {
      const chosen = this.state.isSelected(parcel);
      toggle.textContent = chosen ? "解除" : "追加";
      toggle.setAttribute("aria-label", `${toggle.textContent}（${parcel.number}）`);
      toggle.closest("li")?.classList.toggle("chosen", chosen);
    };
    toggle.addEventListener("click", () => (this.state.isSelected(parcel) ? this.state.remove(parcel) : this.state.add([parcel])));
    toggle.addEventListener("refresh", refresh);
    const choose = () => {
      this.#choose([parcel]);
      this.frame.show("findings");
    };
    return element("li", {}, hitButton(parcel.number, facts.filter(Boolean).join("・"), choose), toggle);
  }

  /** @param {import("../shared/types.js").Place} place */
  #placeItem(place) {
    const about = [place.title, place.address].filter(Boolean).join("・");
    const go = () => {
      this.map.goTo(place.center, place.name);
      this.frame.show("map");
    };
    return element("li", {}, hitButton(place.name, about, go), this.#chooseHere(place.center));
  }

  /** @param {[number, number, number, number]} box */
  #goToBox(box) {
    this.map.fit(box);
    this.frame.show("map");
  }

  #markChosen() {
    for (const toggle of this.list.querySelectorAll(".toggle")) toggle.dispatchEvent(new Event("refresh"));
  }
}

/**
 * @param {string} title
 * @param {string} about
 * @param {() => void} act
 */
function hitButton(title, about, act) {
  return element("button", { type: "button", class: "hit", onclick: act }, element("span", { class: "hit-title" }, title), about && element("span", { class: "hit-about" }, about));
}

/**
 * Whoever typed the name of a place did not look for a parcel: that there is no parcel of that name is no news.
 * @param {SearchResult} found
 * @returns {SearchResult}
 */
function withoutNames(found) {
  const missed = found.places.length ? [] : (found.parcels.unmatched ?? []).filter((text) => /\p{Nd}/u.test(text));
  return { ...found, parcels: { ...found.parcels, unmatched: missed } };
}

/** @param {string[]} texts */
function unmatched(texts) {
  if (!texts.length) return null;
  const shown = texts.slice(0, 20).map((text) => element("li", {}, text));
  const more = texts.length > shown.length && element("li", {}, `ほか${texts.length - shown.length}件`);
  return element("section", { class: "unmatched" }, element("h3", {}, "見つからない地番"), element("ul", {}, ...shown, more),
    element("p", { class: "hint" }, "大字・字の名前と地番を確かめてください。分筆・合筆で変わったことがあります。"));
}

function nothing() {
  return element("div", { class: "empty" }, element("p", {}, "見つかりませんでした。"),
    element("p", {}, "大字や字を外す、枝番を外す、かなで探すなど、言葉を減らしてお試しください。"));
}
