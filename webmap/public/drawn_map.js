// @ts-check
// The map of pictures, for a browser without WebGL2, opened on the view of this page.

import { startFallbackMap } from "../offline/fallback_map.js";

/**
 * @param {HTMLElement} container
 * @param {import("./types.js").Published} published
 * @param {import("./view.js").View} view
 * @returns {Promise<import("./types.js").AnyMap>}
 */
export async function startDrawnMap(container, published, view) {
  const drawn = await startFallbackMap(container, published, view.shown);
  for (const [id, opacity] of Object.entries(view.opacities)) drawn.setOpacity(id, opacity);
  // its tiles are of 256 pixels, those of the other map of 512
  if (view.map) drawn.flyTo([view.map.longitude, view.map.latitude], view.map.zoom + 1);
  return drawn;
}
