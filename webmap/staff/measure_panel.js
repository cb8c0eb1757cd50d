// @ts-check
// What a drawn or typed line or area measures, on the plane of the town's zone.

import { element } from "../shared/dom.js";
import { readPosition } from "../shared/coordinates.js";
import { planeArea, planeLength } from "../shared/plane.js";
import { areaInUnits, metres } from "../shared/units.js";

const EXAMPLE = "例：\nX=142345.12 Y=67890.34\n37.284512, 140.625034";

export class MeasurePanel {
  /**
   * @param {HTMLElement} box
   * @param {import("./map.js").StaffMap} map
   * @param {import("./state.js").State} state
   */
  constructor(box, map, state) {
    this.box = box;
    this.map = map;
    this.zone = state.catalogue.municipality.zone ?? 9;
    /** @type {"distance" | "area"} */
    this.kind = "distance";
    this.result = element("div", { class: "measure-result", role: "status" });
    this.typed = element("textarea", { id: "typed-points", rows: 4, spellcheck: "false", placeholder: EXAMPLE });
    this.typed.addEventListener("input", () => this.#measureTyped());
    const label = element("label", { for: "typed-points" }, "1行に1点（平面直角座標X・Y、または緯度・経度）");
    this.byTyping = element("details", {}, element("summary", {}, "座標を入力して測る"), label, this.typed);
    box.append(this.result, this.byTyping);
  }

  /** @param {"distance" | "area" | null} kind */
  open(kind) {
    this.box.hidden = kind === null;
    this.kind = kind ?? this.kind;
    this.typed.value = "";
    this.map.showTyped([]);
    this.show(null);
  }

  /** @param {GeoJSON.Geometry | null} geometry a LineString or a Polygon in longitude and latitude */
  show(geometry) {
    if (geometry?.type === "Polygon") this.#write(/** @type {[number, number][]} */ (geometry.coordinates[0] ?? []));
    else if (geometry?.type === "LineString") this.#write(/** @type {[number, number][]} */ (geometry.coordinates));
    else this.result.replaceChildren(element("p", {}, this.kind === "area" ? "面積を測ります。" : "距離を測ります。"));
  }

  /** @param {[number, number][]} points */
  #write(points) {
    if (this.kind === "distance") {
      this.result.replaceChildren(row("距離", metres(planeLength(points, this.zone))));
      return;
    }
    const ring = closed(points);
    const area = areaInUnits(planeArea(ring, this.zone));
    this.result.replaceChildren(
      row("面積", area.squareMetres),
      row("", `${area.ares}・${area.tan}・${area.se}・${area.tsubo}`),
      row("", area.traditional),
      row("周長", metres(planeLength(ring, this.zone))),
    );
  }

  #measureTyped() {
    const lines = this.typed.value.split("\n").filter((line) => line.trim());
    const points = lines.map((line) => readPosition(line, this.zone));
    const unread = lines.filter((_, index) => !points[index]);
    const read = points.filter((point) => point !== null);
    if (read.length) this.#write(read);
    this.map.showTyped(read.length > 1 ? [drawn(this.kind === "area" ? closed(read) : read)] : []);
    if (unread.length) this.result.append(row("", `読めない行：${unread.join(" ／ ")}`));
  }
}

/** @param {[number, number][]} points */
function closed(points) {
  const [first] = points;
  const last = points.at(-1);
  return first && last && (first[0] !== last[0] || first[1] !== last[1]) ? [...points, first] : points;
}

/**
 * @param {[number, number][]} coordinates
 * @returns {GeoJSON.Feature}
 */
function drawn(coordinates) {
  return { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates } };
}

/**
 * @param {string} name
 * @param {string} value
 */
function row(name, value) {
  return element("p", {}, name && element("span", { class: "name" }, name), element("span", { class: "value" }, value));
}
