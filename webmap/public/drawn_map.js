// @ts-check
// The map of pictures, for a browser without WebGL2, with what this page asks of a map.

import { FallbackMap, startFallbackMap } from "../offline/fallback_map.js";

/** @typedef {import("./types.js").AnyMap} AnyMap */

/**
 * @param {HTMLElement} container
 * @param {import("./types.js").Published} published
 * @param {import("./view.js").View} view
 * @returns {Promise<AnyMap>}
 */
export async function startDrawnMap(container, published, view) {
  const drawn = await startFallbackMap(container, published, view.shown);
  const map = equipped(drawn);
  for (const [id, opacity] of Object.entries(view.opacities)) drawn.setOpacity(id, opacity);
  if (view.map) drawn.flyTo([view.map.longitude, view.map.latitude], view.map.zoom + 1);
  return map;
}

/** @param {FallbackMap} drawn */
function equipped(drawn) {
  drawn.addEventListener("moveend", () => {
    const { lat, lng } = drawn.map.getCenter();
    // its tiles are of 256 pixels, those of the other map of 512
    drawn.dispatchEvent(new CustomEvent("moved", { detail: { zoom: drawn.map.getZoom() - 1, latitude: lat, longitude: lng } }));
  });
  /** @type {Partial<AnyMap>} */
  const more = {
    fade: (id, opacity) => drawn.setOpacity(id, opacity),
    mark: (position, name) => drawn.goTo(position, name),
    showPlace: (position, name, accuracyM = 0) => {
      drawn.goTo(position, name);
      drawn.showPosition(accuracyM > 0 ? position : null, accuracyM);
    },
    showBox: ([west, south, east, north]) => drawn.map.fitBounds([[south, west], [north, east]], { animate: false }),
    box: () => {
      const bounds = drawn.map.getBounds();
      return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    },
  };
  return /** @type {AnyMap} */ (/** @type {unknown} */ (Object.assign(drawn, more)));
}
