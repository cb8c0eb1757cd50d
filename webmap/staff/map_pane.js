// @ts-check
// The middle of the page: the map with its tools where the machine can draw one, an outline of the chosen parcels where it cannot.

import { byId } from "../shared/dom.js";
import { get, post } from "../shared/server.js";
import { drawOutline } from "./outline.js";
import { startPrint } from "./print.js";
import { startStatus, startZoomHint } from "./status_bar.js";
import { Tools } from "./tools.js";

/** @typedef {import("../shared/types.js").Parcel} Parcel */
/** @typedef {import("./state.js").State} State */
/** @typedef {import("./frame.js").Frame} Frame */
/** @typedef {import("./map.js").StaffMap} StaffMap */
/** @typedef {[number, number, number, number]} Box */

/** What the other parts may ask of the map, whether there is one or not. Events: "move". */
export class MapPane extends EventTarget {
  /**
   * @param {State} state
   * @param {Frame} frame
   * @param {StaffMap | null} map
   */
  constructor(state, frame, map) {
    super();
    this.state = state;
    this.frame = frame;
    this.map = map;
    map?.addEventListener("move", () => this.dispatchEvent(new Event("move")));
  }

  view() {
    return this.map?.view() ?? null;
  }

  /** Resolves when everything on screen is drawn. */
  settled() {
    const map = this.map;
    if (!map || (map.gl.loaded() && !map.gl.isMoving())) return Promise.resolve();
    return new Promise((resolve) => map.addEventListener("idle", () => resolve(undefined), { once: true }));
  }

  /** @param {Parcel[]} parcels */
  fitParcels(parcels) {
    const boxes = parcels.flatMap((parcel) => (parcel.bbox ? [parcel.bbox] : []));
    if (boxes.length) this.fit(around(boxes));
  }

  /** @param {Box} box */
  fit(box) {
    this.map?.fit(box);
  }

  /**
   * @param {[number, number]} position
   * @param {string} name
   */
  goTo(position, name) {
    this.map?.goTo(position, name);
  }

  /**
   * Chooses the parcel at a position.
   * @param {number} longitude
   * @param {number} latitude
   */
  async chooseAt(longitude, latitude) {
    try {
      const found = await get("parcels/at", { lon: longitude.toFixed(9), lat: latitude.toFixed(9) });
      this.#choose(found.matches, "ここには筆の図形がありません。");
    } catch (error) {
      this.frame.trouble(error, () => void this.chooseAt(longitude, latitude));
    }
  }

  /**
   * Chooses the parcels that a drawn line or area meets.
   * @param {GeoJSON.Polygon | GeoJSON.LineString} geometry
   */
  async chooseIn(geometry) {
    try {
      const found = await post("parcels/in", geometry);
      this.#choose(found.matches, "囲んだところに筆の図形がありません。");
      if (found.truncated) this.frame.notice("筆が多すぎるため、一部だけを選びました。範囲を狭めてください。");
    } catch (error) {
      this.frame.trouble(error, () => void this.chooseIn(geometry));
    }
  }

  /**
   * @param {Parcel[]} parcels
   * @param {string} none
   */
  #choose(parcels, none) {
    const only = parcels[0];
    if (!parcels.length) this.frame.say(none);
    else if (this.state.adding && parcels.length === 1 && only && this.state.isSelected(only)) this.state.remove(only);
    else this.state.choose(parcels);
  }
}

/**
 * @param {State} state
 * @param {Frame} frame
 * @param {{zoom: number, latitude: number, longitude: number} | null} view
 */
export async function startMap(state, frame, view) {
  if (!canDraw()) {
    drawOutline(byId("map"), state);
    byId("tools").hidden = true;
    return new MapPane(state, frame, null);
  }
  const [style, { StaffMap }] = await Promise.all([get("styles/staff.json"), import("./map.js")]);
  const map = new StaffMap(byId("map"), style, state, view);
  const pane = new MapPane(state, frame, map);
  startStatus(byId("status"), map, state);
  startZoomHint(byId("zoom-hint"), map, state);
  const tools = new Tools(byId("tools"), pane, map);
  map.addEventListener("pick", (event) => tools.pick(/** @type {CustomEvent} */ (event).detail));
  startPrint(map);
  if (!view) map.showWholeTown();
  return pane;
}

/** Whether this machine has WebGL2, which MapLibre cannot do without. */
function canDraw() {
  return document.createElement("canvas").getContext("webgl2") !== null;
}

/** @param {Box[]} boxes */
export function around(boxes) {
  return /** @type {Box} */ ([
    Math.min(...boxes.map((box) => box[0])),
    Math.min(...boxes.map((box) => box[1])),
    Math.max(...boxes.map((box) => box[2])),
    Math.max(...boxes.map((box) => box[3])),
  ]);
}
