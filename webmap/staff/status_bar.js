// @ts-check
// The line below the map: plane coordinates, longitude and latitude, and the scale.

import { element } from "../shared/dom.js";
import { toPlane } from "../shared/plane.js";
import { ServerProblem, get } from "../shared/server.js";
import { figure, japaneseDay } from "../shared/units.js";

const DENOMINATORS = [250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000];

/**
 * @param {HTMLElement} bar
 * @param {import("./map.js").StaffMap} map
 * @param {import("./state.js").State} state
 */
export function startStatus(bar, map, state) {
  const zone = state.catalogue.municipality.zone ?? 9;
  const whose = element("span", { class: "whose" });
  const plane = element("span", { class: "plane" });
  const degrees = element("span", { class: "degrees" });
  const scale = scaleChooser(map);
  bar.append(element("span", { class: "position" }, whose, plane, degrees), heightAtPick(map, state), scale.node);

  /** @type {{longitude: number, latitude: number} | null} */
  let pointer = null;
  const write = () => {
    const { longitude, latitude } = pointer ?? map.view();
    const { x, y } = toPlane(longitude, latitude, zone);
    whose.textContent = pointer ? "カーソル" : "中心";
    plane.textContent = `X ${figure(x, 2)} Y ${figure(y, 2)}（${zone}系）`;
    degrees.textContent = `${latitude.toFixed(6)}, ${longitude.toFixed(6)}`;
  };
  map.addEventListener("pointer", (event) => {
    pointer = /** @type {CustomEvent} */ (event).detail;
    write();
  });
  map.addEventListener("move", () => {
    write();
    scale.write();
  });
  write();
  scale.write();
}

/**
 * The height of the ground where the map was clicked last; empty while no elevation is loaded. It takes its room from the
 * beginning, so that a click does not move the map.
 * @param {import("./map.js").StaffMap} map
 * @param {import("./state.js").State} state
 */
function heightAtPick(map, state) {
  const elevation = state.catalogue.layers.find((layer) => layer.loaded && layer.raster?.values === "elevation");
  const output = element("output", { class: "height" }, elevation && "標高（地図をクリック）");
  let latest = 0;
  map.addEventListener("pick", async (event) => {
    if (!elevation) return;
    const { longitude, latitude } = /** @type {CustomEvent} */ (event).detail;
    const asked = ++latest;
    const told = await heightAt(elevation.id, longitude, latitude);
    if (asked !== latest) return;
    output.textContent = told.text;
    output.title = told.about;
  });
  return output;
}

/**
 * @param {string} layer
 * @param {number} longitude
 * @param {number} latitude
 */
async function heightAt(layer, longitude, latitude) {
  try {
    /** @type {import("../shared/types.js").RasterValue} */
    const found = await get(`rasters/${layer}/value`, { lon: longitude.toFixed(9), lat: latitude.toFixed(9) });
    const height = found.value === null ? "データなし" : `${figure(found.value, 1)} ${found.unit ?? ""}`;
    const about = [`出典：${found.source}`, found.data_date && `${japaneseDay(found.data_date)}時点`, found.vertical_datum, ...found.notes];
    return { text: `標高 ${height}`, about: about.filter(Boolean).join("\n") };
  } catch (error) {
    if (!(error instanceof ServerProblem)) throw error;
    return { text: "標高を取得できません", about: error.message };
  }
}

/**
 * Says which of the chosen layers are not drawn at this scale, and which are drawn with many of theirs in one shape.
 * @param {HTMLElement} note
 * @param {import("./map.js").StaffMap} map
 * @param {import("./state.js").State} state
 */
export function startZoomHint(note, map, state) {
  const write = () => {
    const { zoom } = map.view();
    const small = state.catalogue.layers.filter((layer) => state.shown.has(layer.id) && zoom < layer.min_zoom);
    const unseen = small.filter((layer) => zoom < layer.first_zoom);
    const merged = small.filter((layer) => zoom >= layer.first_zoom);
    const words = [
      unseen.length && `拡大すると表示されます：${titles(unseen)}`,
      merged.length && `まとめて表示しています（拡大すると1件ずつ）：${titles(merged)}`,
    ];
    note.replaceChildren(...words.filter((text) => typeof text === "string").map((text) => element("span", {}, text)));
    note.hidden = small.length === 0;
  };
  map.addEventListener("move", write);
  state.addEventListener("layers", write);
  write();
}

/** @param {import("../shared/types.js").Layer[]} layers */
function titles(layers) {
  return layers.map((layer) => layer.title).join("、");
}

/** @param {import("./map.js").StaffMap} map */
function scaleChooser(map) {
  const now = element("option", { value: "", selected: true });
  const choices = DENOMINATORS.map((value) => element("option", { value }, `1:${figure(value, 0)}`));
  const select = element("select", { id: "scale" }, now, ...choices);
  select.addEventListener("change", () => {
    if (select.value) map.setScale(Number(select.value));
    select.value = "";
  });
  const write = () => {
    now.textContent = `約1:${figure(round(map.view().denominator), 0)}`;
  };
  return { node: element("label", { class: "scale" }, "縮尺 ", select), write };
}

/** @param {number} denominator two figures are as true as a screen can be */
function round(denominator) {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(denominator)) - 1);
  return Math.round(denominator / unit) * unit;
}
