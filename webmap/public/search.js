// @ts-check
// The search by name and what it found.

import { arrowKeys, byId, element } from "../shared/dom.js";
import { get } from "../shared/server.js";

/** @typedef {import("../shared/types.js").Place} Place */

/**
 * @param {import("./types.js").Published} published
 * @param {{goTo: (position: [number, number], name: string) => void}} map
 * @param {(error: unknown) => void} trouble
 */
export function startSearch(published, map, trouble) {
  const box = /** @type {HTMLInputElement} */ (byId("search-text"));
  const found = byId("found");
  arrowKeys(found);
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text) return;
    get("search", { q: text }).then(({ places }) => list(found, text, places, map), trouble);
  });
  byId("search").hidden = published.layers.length === 0;
}

/**
 * @param {HTMLElement} found
 * @param {string} text
 * @param {Place[]} places
 * @param {{goTo: (position: [number, number], name: string) => void}} map
 */
function list(found, text, places, map) {
  const rows = places.map((place) => element("li", {}, element("button", { type: "button", onclick: () => map.goTo(place.center, place.name) },
    place.name, element("span", { class: "about" }, `　${[place.title, place.address].filter(Boolean).join("・")}`))));
  found.replaceChildren(element("p", {}, places.length ? `「${text}」：${places.length}件` : `「${text}」は見つかりませんでした。かなや名前の一部でもお試しください。`),
    element("ul", {}, ...rows));
  found.focus();
}
