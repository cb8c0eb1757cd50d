// @ts-check
// Without WebGL2 there is no map: the chosen parcels are drawn as outlines in plane coordinates, north up, and all the rest works.

import { element, svg } from "../shared/dom.js";
import { toPlane } from "../shared/plane.js";

const NOTICE = "この端末では地図を表示できません（WebGL2が使えません）。検索・一覧・判定・回答書はそのまま使えます。";
const MARGIN_SHARE = 0.08;

/**
 * @param {HTMLElement} container
 * @param {import("./state.js").State} state
 */
export function drawOutline(container, state) {
  const zone = state.catalogue.municipality.zone ?? 9;
  const picture = element("div", { class: "outline" });
  container.append(element("p", { class: "no-map", role: "note" }, NOTICE), picture);
  const draw = () => {
    const rings = state.selection.flatMap((parcel) => ringsOf(parcel.geometry)).map((ring) => planeRing(ring, zone));
    picture.replaceChildren(...(rings.length ? [outline(rings)] : []));
  };
  state.addEventListener("selection", draw);
}

/**
 * @param {GeoJSON.Geometry | null} geometry
 * @returns {GeoJSON.Position[][]}
 */
function ringsOf(geometry) {
  if (geometry?.type === "Polygon") return geometry.coordinates;
  if (geometry?.type === "MultiPolygon") return geometry.coordinates.flat();
  return [];
}

/**
 * @param {GeoJSON.Position[]} ring
 * @param {number} zone
 * @returns {[number, number][]} metres east and metres south, as a screen counts
 */
function planeRing(ring, zone) {
  return ring.map(([longitude = 0, latitude = 0]) => {
    const { x, y } = toPlane(longitude, latitude, zone);
    return [y, -x];
  });
}

/** @param {[number, number][][]} rings */
function outline(rings) {
  const points = rings.flat();
  const [left, top] = [Math.min(...points.map((point) => point[0])), Math.min(...points.map((point) => point[1]))];
  const width = Math.max(...points.map((point) => point[0])) - left;
  const height = Math.max(...points.map((point) => point[1])) - top;
  const margin = Math.max(width, height) * MARGIN_SHARE;
  const path = rings.map((ring) => `M${ring.map(([x, y]) => `${(x - left).toFixed(2)} ${(y - top).toFixed(2)}`).join("L")}Z`).join("");
  const box = [-margin, -margin, width + 2 * margin, height + 2 * margin].map((value) => value.toFixed(2)).join(" ");
  const shape = svg("path", { d: path, "fill-rule": "evenodd", class: "outline-shape", "vector-effect": "non-scaling-stroke" });
  return svg("svg", { viewBox: box, role: "img", "aria-label": "選択した筆の輪郭（北が上）" }, shape);
}
