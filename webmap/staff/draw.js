// @ts-check
// Drawing on the map with Terra Draw: a line or an area, one at a time.

import { TerraDraw, TerraDrawLineStringMode, TerraDrawPolygonMode } from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";

/** @typedef {GeoJSON.Polygon | GeoJSON.LineString} Drawn */

const BLUE = /** @type {const} */ ("#0b3fa8");
const WHITE = /** @type {const} */ ("#ffffff");

export class Draw {
  /**
   * @param {import("./map.js").StaffMap} map
   * @param {{changed: (geometry: Drawn | null) => void, finished: (geometry: Drawn) => void}} listeners
   */
  constructor(map, listeners) {
    const polygon = { fillColor: BLUE, fillOpacity: 0.15, outlineColor: BLUE, outlineWidth: 3, closingPointColor: WHITE, closingPointOutlineColor: BLUE, closingPointOutlineWidth: 3, closingPointWidth: 6 };
    const line = { lineStringColor: BLUE, lineStringWidth: 3, closingPointColor: WHITE, closingPointOutlineColor: BLUE, closingPointOutlineWidth: 3, closingPointWidth: 6 };
    this.terra = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map: map.gl, coordinatePrecision: 9 }),
      modes: [new TerraDrawPolygonMode({ styles: polygon }), new TerraDrawLineStringMode({ styles: line })],
    });
    this.terra.start();
    this.terra.on("change", () => listeners.changed(this.#current()));
    this.terra.on("finish", (id) => {
      const drawn = this.#current(id);
      if (drawn) listeners.finished(drawn);
    });
  }

  /** @param {"polygon" | "line" | "distance" | "area" | null} tool null puts the pencil down */
  use(tool) {
    this.clear();
    if (!tool) this.terra.setMode("static");
    else this.terra.setMode(tool === "polygon" || tool === "area" ? "polygon" : "linestring");
  }

  clear() {
    this.terra.clear();
  }

  /**
   * The drawing, which is the newest line or area.
   * @param {string | number} [id]
   * @returns {Drawn | null}
   */
  #current(id) {
    const drawn = this.terra.getSnapshot().filter(({ geometry }) => geometry.type !== "Point");
    const wanted = id === undefined ? drawn.at(-1) : drawn.find((feature) => feature.id === id);
    return wanted ? /** @type {Drawn} */ (wanted.geometry) : null;
  }
}
