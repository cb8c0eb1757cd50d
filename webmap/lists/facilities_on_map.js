// @ts-check
// Shows on a map exactly what the list of facilities shows: the page's address carries the list's own filter.

/** @typedef {{type: "Feature", id: number, geometry: {type: "Point", coordinates: [number, number]}, properties: Record<string, unknown>}} ListedFeature */
/** @typedef {{type: "FeatureCollection", lang: string, features: ListedFeature[]}} Listed */

const SOURCE = "listed-facilities";

/** The filter in the page's address: `facilities=sheet%3Daed`, "all" for everything, null where there is none. */
export function listedFilter(search = location.search) {
  const asked = new URLSearchParams(search).get("facilities");
  return asked === null ? null : asked === "all" ? "" : asked;
}

/**
 * What the list shows for that filter.
 * @param {string} filter
 * @param {string} language
 * @returns {Promise<Listed>}
 */
export async function listed(filter, language) {
  const asked = new URLSearchParams(filter);
  asked.set("f", "json");
  asked.set("lang", language);
  const answer = await fetch(`./facilities?${asked}`, { headers: { Accept: "application/json" } });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return told;
}

/**
 * Draws the listed facilities; whoever calls has waited for the map's style.
 * @param {{addSource: (id: string, source: any) => unknown, addLayer: (layer: any) => unknown, getSource: (id: string) => any}} map a MapLibre map
 * @param {Listed} found
 */
export function drawListed(map, found) {
  const held = map.getSource(SOURCE);
  if (held) {
    held.setData(found);
    return;
  }
  map.addSource(SOURCE, { type: "geojson", data: found });
  map.addLayer({
    id: SOURCE,
    type: "circle",
    source: SOURCE,
    paint: { "circle-radius": 9, "circle-color": "#ffd200", "circle-stroke-color": "#16191d", "circle-stroke-width": 3 },
  });
}

/** West, south, east, north of what is listed; null when nothing is. @param {Listed} found @returns {[number, number, number, number] | null} */
export function extentOf(found) {
  const places = found.features.map((one) => one.geometry.coordinates);
  if (places.length === 0) return null;
  const lons = places.map(([lon]) => lon);
  const lats = places.map(([, lat]) => lat);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
