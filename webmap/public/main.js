// @ts-check
// The public map: what was published, its legend, a search by name, and what lies at a place.

import { byId, element } from "../shared/dom.js";
import { get } from "../shared/server.js";
import { japaneseDay } from "../shared/units.js";
import { startKeep } from "../offline/keep.js";
import { showDetails } from "./details.js";
import { startLayers } from "./layers.js";
import { startSearch } from "./search.js";

/** @typedef {import("./types.js").Published} Published */

const OUTLINE = "municipality";
const MOST_PLACES = 500;

/** Shows what went wrong, and takes it away again with null. @param {unknown} error */
function trouble(error) {
  const box = byId("trouble");
  box.hidden = error === null;
  box.textContent = error instanceof Error ? error.message : "";
}

/** @param {Published} published */
function tellEdition({ municipality, edition, layers }) {
  document.title = `${municipality.name}の公開地図｜おのマップ`;
  byId("town").textContent = municipality.name;
  byId("fictitious").hidden = !municipality.fictitious;
  byId("edition").textContent = edition.number
    ? `第${edition.number}版・${japaneseDay((edition.made_at ?? "").slice(0, 10))}公開・${layers.length}レイヤ。出典と利用条件はレイヤごとに「凡例と出典」で確かめてください。`
    : "公開の準備中です。まだ公開されている地図はありません。";
}

async function start() {
  const published = /** @type {Published} */ (await get("layers"));
  tellEdition(published);
  const shown = new Set(usual(published));
  const map = await startMap(published, shown);
  startLayers(byId("layers"), published, shown, (id, isShown) => map.show(id, isShown));
  startSearch(published, map, trouble);
  const ready = () => { document.documentElement.dataset["ready"] = "1"; };
  if ("gl" in map) map.gl.once("idle", ready);
  else map.whenReady().then(ready);
  startKeep(byId("keep")).catch(trouble);
  map.addEventListener("pick", (event) => {
    const { features } = /** @type {CustomEvent} */ (event).detail;
    showDetails(byId("found"), published, features).catch(trouble);
  });
}

/**
 * What is looked for first is shown first: places, of which there are few enough to be told apart, on roads and the town's outline.
 * @param {Published} published
 */
function usual({ layers }) {
  const places = layers.filter((layer) => layer.geometry.includes("Point") && (layer.rows ?? 0) <= MOST_PLACES);
  const ground = layers.filter((layer) => layer.geometry.includes("Line") || layer.id === OUTLINE);
  return (places.length ? [...ground, ...places] : layers).map((layer) => layer.id);
}

/**
 * @param {Published} published
 * @param {Set<string>} shown
 */
async function startMap(published, shown) {
  if (!element("canvas").getContext("webgl2")) {
    const { startFallbackMap } = await import("../offline/fallback_map.js");
    return startFallbackMap(byId("map"), published, shown);
  }
  const [style, { PublicMap }] = await Promise.all([get("styles/public.json"), import("./map.js")]);
  return new PublicMap(byId("map"), style, published, shown);
}

start().catch(trouble);
