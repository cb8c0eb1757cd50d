// @ts-check
// The form that closes a road: one that the road layer has, or a place that is pressed on the map or written as numbers.

import { byId, element } from "../shared/dom.js";
import { get } from "../shared/server.js";
import { fromField } from "./words.js";

/** @typedef {[number, number]} Position */
/** @typedef {{id: number, name: string, kind: string | null}} Road */

export class ClosingForm {
  /**
   * @param {() => [number, number, number, number]} bbox the town's
   * @param {(wanted: Record<string, unknown>) => Promise<boolean>} close
   * @param {(error: unknown) => void} complain
   */
  constructor(bbox, close, complain) {
    this.bbox = bbox;
    this.complain = complain;
    /** @type {import("./place_map.js").PlaceMap | null} */
    this.map = null;
    this.form = /** @type {HTMLFormElement} */ (byId("closure-form"));
    this.text = /** @type {HTMLTextAreaElement} */ (byId("positions"));
    const search = /** @type {HTMLInputElement} */ (byId("road-search"));
    byId("road-find").addEventListener("click", () => void this.#find(search.value).catch(complain));
    search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      void this.#find(search.value).catch(complain);
    });
    byId("by-place").addEventListener("toggle", () => void this.#openMap().catch(complain));
    this.text.addEventListener("input", () => this.map?.show(positionsIn(this.text.value)));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit(close).catch(complain);
    });
  }

  /** @param {string} text */
  async #find(text) {
    if (!text.trim()) throw new Error("道路の名前か路線番号を入れてください。");
    /** @type {{roads: Road[]}} */
    const { roads } = await get("bosai/roads", { q: text.trim() });
    const rows = roads.map((road, position) =>
      element("label", {}, element("input", { type: "radio", name: "road", value: road.id, checked: position === 0 && roads.length === 1 }), element("span", {}, `${road.name}（${road.kind ?? "種別の記載なし"}）`)),
    );
    byId("roads").replaceChildren(...(rows.length ? rows : [element("p", { class: "hint" }, "見つかりません。別の言葉で探すか、地図で示してください。")]));
    byId("announce").textContent = `${roads.length}本の道路が見つかりました。`;
  }

  async #openMap() {
    if (this.map || !(/** @type {HTMLDetailsElement} */ (byId("by-place")).open)) return;
    const { PlaceMap } = await import("./place_map.js");
    this.map = await PlaceMap.open(byId("map"), this.bbox(), ([longitude, latitude]) => {
      this.text.value = `${this.text.value.trim()}\n${latitude},${longitude}`.trim();
      this.map?.show(positionsIn(this.text.value));
    });
  }

  /** @param {(wanted: Record<string, unknown>) => Promise<boolean>} close */
  async #submit(close) {
    const value = (/** @type {string} */ id) => (/** @type {HTMLInputElement} */ (byId(id))).value.trim();
    const road = /** @type {HTMLInputElement | null} */ (this.form.querySelector("input[name='road']:checked"));
    const positions = positionsIn(this.text.value);
    if (road && positions.length) throw new Error("道路を選ぶか、緯度・経度で示すか、どちらか一つにしてください。");
    if (!road && !positions.length) throw new Error("通行止めにする道路を選ぶか、場所を示してください。");
    if (!road && !value("closure-name")) throw new Error("場所の呼び名を入れてください。");
    const place = road ? { road: Number(road.value) } : { geometry: shapeOf(positions) };
    const done = await close({ ...place, name: value("closure-name"), reason: value("closure-reason"), since: fromField(value("closure-since")) });
    if (!done) return;
    this.form.reset();
    byId("roads").replaceChildren();
    this.map?.show([]);
  }
}

/**
 * @param {Position[]} positions
 * @returns {GeoJSON.Geometry}
 */
function shapeOf(positions) {
  const [first] = positions;
  if (positions.length === 1 && first) return { type: "Point", coordinates: first };
  return { type: "LineString", coordinates: positions };
}

/**
 * Longitude and latitude of each line that has two numbers, latitude first.
 * @param {string} text
 * @returns {Position[]}
 */
function positionsIn(text) {
  return text.normalize("NFKC").split("\n").filter((line) => line.trim()).map((line) => {
    const [latitude, longitude] = line.split(/[,、\s]+/).filter(Boolean).map(Number);
    if (latitude === undefined || longitude === undefined || !Number.isFinite(latitude) || !Number.isFinite(longitude)) throw new Error(`「${line.trim()}」を緯度・経度として読めません。37.28,140.62 のように書いてください。`);
    return [longitude, latitude];
  });
}
