// @ts-check
// A small map on which a closed place is shown: each press adds a point to the text, which stays the one thing that counts.

import { Map as GlMap, NavigationControl } from "maplibre-gl";
import { MAP_WORDS } from "../shared/map_words.js";
import { patternImage } from "../shared/patterns.js";
import { get } from "../shared/server.js";

/** @typedef {[number, number]} Position */

export class PlaceMap {
  /**
   * @param {HTMLElement} container
   * @param {[number, number, number, number]} bbox
   * @param {(position: Position) => void} pressed
   */
  static async open(container, bbox, pressed) {
    const style = await get("styles/staff.json");
    return new PlaceMap(container, style, bbox, pressed);
  }

  /**
   * @param {HTMLElement} container
   * @param {import("maplibre-gl").StyleSpecification} style
   * @param {[number, number, number, number]} bbox
   * @param {(position: Position) => void} pressed
   */
  constructor(container, style, bbox, pressed) {
    for (const source of Object.values(style.sources)) if ("attribution" in source) delete source.attribution;
    this.gl = new GlMap({ container, style, bounds: bbox, maxPitch: 0, attributionControl: false, locale: MAP_WORDS, cooperativeGestures: true });
    this.gl.addControl(new NavigationControl({ showCompass: false }));
    this.gl.on("styleimagemissing", ({ id }) => {
      const pattern = patternImage(id);
      if (pattern && !this.gl.hasImage(id)) this.gl.addImage(id, pattern.image, { pixelRatio: pattern.pixelRatio });
    });
    this.gl.on("click", ({ lngLat }) => pressed([round(lngLat.lng), round(lngLat.lat)]));
    /** @type {Position[]} */
    this.positions = [];
    this.gl.on("load", () => {
      this.gl.addSource("closed", { type: "geojson", data: this.#data() });
      this.gl.addLayer({ id: "closed-line", type: "line", source: "closed", paint: { "line-color": "#b3261e", "line-width": 5 } });
      this.gl.addLayer({ id: "closed-point", type: "circle", source: "closed", paint: { "circle-radius": 7, "circle-color": "#b3261e", "circle-stroke-color": "#fff", "circle-stroke-width": 2 } });
    });
  }

  /** @param {Position[]} positions */
  show(positions) {
    this.positions = positions;
    const source = /** @type {import("maplibre-gl").GeoJSONSource | undefined} */ (this.gl.getSource("closed"));
    source?.setData(this.#data());
  }

  /** @returns {GeoJSON.FeatureCollection} */
  #data() {
    /** @type {GeoJSON.Geometry[]} */
    const shapes = this.positions.map((coordinates) => ({ type: "Point", coordinates }));
    if (this.positions.length > 1) shapes.push({ type: "LineString", coordinates: this.positions });
    return { type: "FeatureCollection", features: shapes.map((geometry) => ({ type: "Feature", properties: {}, geometry })) };
  }
}

/** @param {number} degrees */
function round(degrees) {
  return Math.round(degrees * 1e6) / 1e6;
}
