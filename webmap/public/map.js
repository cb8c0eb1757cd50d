// @ts-check
// The map itself: MapLibre with the style of the published layers and nothing from outside.

import { AttributionControl, LngLatBounds, Map as GlMap, Marker, NavigationControl, ScaleControl } from "maplibre-gl";
import { MAP_WORDS } from "../shared/map_words.js";
import { patternImage } from "../shared/patterns.js";
import { eachOpacity, townLayer } from "../shared/style.js";
import { t } from "../shared/words.js";
import { arranged, prepared } from "./map_style.js";
import { siteImage } from "./pictograms.js";

/** @typedef {[number, number, number, number]} Box */

const MARGIN_DEGREES = 0.15;
const REACH_PX = 12;
const CLOSE_ZOOM = 15;
const CLOSEST_ZOOM = 17;
const METRES_PER_DEGREE = 111_320;
const RING_CORNERS = 64;
/** Where the map stands in the column of text, a finger or wheel that passes over it goes on down the page. */
const IN_COLUMN = "(max-width: 60rem)";

/** Events: "pick" (detail: {lon, lat, features}) and "moved" (detail: {zoom, latitude, longitude}). */
export class PublicMap extends EventTarget {
  /**
   * @param {HTMLElement} container
   * @param {import("maplibre-gl").StyleSpecification} given
   * @param {import("./types.js").Published} published
   * @param {import("./view.js").View} view
   */
  constructor(container, given, published, view) {
    super();
    const style = prepared(given, view);
    this.style = style;
    /** @type {{place: Marker | null, site: Marker | null}} */
    this.marks = { place: null, site: null };
    const [west, south, east, north] = published.municipality.bbox;
    this.gl = new GlMap({
      container,
      style,
      ...firstFrame(view, published.municipality.bbox),
      maxBounds: [west - MARGIN_DEGREES * 2, south - MARGIN_DEGREES, east + MARGIN_DEGREES * 2, north + MARGIN_DEGREES],
      maxZoom: 20,
      maxPitch: 0,
      dragRotate: false,
      attributionControl: false,
      cooperativeGestures: matchMedia(IN_COLUMN).matches || document.documentElement.classList.contains("embed"),
      locale: { ...MAP_WORDS, ...ownWords() },
      fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
    });
    this.gl.touchZoomRotate.disableRotation();
    this.gl.addControl(new NavigationControl({ showCompass: false }), "top-right");
    this.gl.addControl(new ScaleControl({ maxWidth: 120, unit: "metric" }), "bottom-left");
    this.gl.addControl(new AttributionControl({ compact: true }), "bottom-right");
    this.gl.once("load", () => foldSources(container));
    this.idle = new Promise((resolve) => this.gl.once("idle", resolve));
    this.#listen();
  }

  #listen() {
    this.gl.setMissingStyleImageResolver((id) => {
      const made = patternImage(id) ?? siteImage(id);
      if (made && !this.gl.hasImage(id)) this.gl.addImage(id, made.image, { pixelRatio: made.pixelRatio });
    });
    this.gl.on("click", (event) => this.#pick(event.point));
    this.gl.getCanvas().addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#pick(this.gl.project(this.gl.getCenter()));
    });
    this.gl.on("moveend", () => {
      const { lng, lat } = this.gl.getCenter();
      this.dispatchEvent(new CustomEvent("moved", { detail: { zoom: this.gl.getZoom(), latitude: lat, longitude: lng } }));
    });
  }

  async whenReady() {
    await this.idle;
  }

  /** @param {{x: number, y: number}} point of the screen */
  #pick({ x, y }) {
    const around = this.gl.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]]);
    const exactly = new Set(this.gl.queryRenderedFeatures([x, y]).map(nameOf));
    const ours = around.filter((feature) => feature.sourceLayer && (feature.geometry.type.includes("Point") || exactly.has(nameOf(feature))));
    const features = [...new Map(ours.map((feature) => [nameOf(feature), feature])).values()];
    const { lng, lat } = this.gl.unproject([x, y]);
    this.dispatchEvent(new CustomEvent("pick", { detail: { lon: lng, lat, features } }));
  }

  /**
   * @param {string} id of a layer
   * @param {boolean} isShown
   */
  show(id, isShown) {
    for (const layer of this.#drawn(id)) this.gl.setLayoutProperty(layer.id, "visibility", isShown ? "visible" : "none");
  }

  /** @param {string} id */
  #drawn(id) {
    return this.style.layers.filter((candidate) => townLayer(candidate) === id);
  }

  /**
   * @param {string} id
   * @param {number} opacity 0 to 1
   */
  fade(id, opacity) {
    eachOpacity(this.style, id, opacity, (layer, property, value) => this.gl.setPaintProperty(layer, /** @type {any} */ (property), /** @type {any} */ (value)));
  }

  /** @param {string[]} ids of the layers, the topmost first */
  arrange(ids) {
    const town = this.style.layers.filter((layer) => ids.includes(townLayer(layer)));
    for (const layer of arranged(town, ids)) this.gl.moveLayer(layer.id, "ring-fill"); // the page's own stay on top
  }

  /**
   * Marks the place that was picked, and stays where it is.
   * @param {[number, number]} position
   * @param {string} name
   */
  mark(position, name) {
    this.#mark("place", position, name, "#c2410c");
    this.#set("ring", []);
  }

  /**
   * Marks the place that is asked about, with a ring as far as its position may be wrong.
   * @param {[number, number]} position
   * @param {string} name read out with the mark
   * @param {number} [accuracyM]
   */
  showPlace(position, name, accuracyM = 0) {
    this.#mark("place", position, name, "#c2410c");
    this.marks.site?.remove();
    this.marks.site = null;
    this.#set("ring", accuracyM > 0 ? [ring(position, accuracyM)] : []);
    if (accuracyM > 0) this.gl.fitBounds(around(position, accuracyM), { padding: 30, maxZoom: CLOSEST_ZOOM, animate: false });
    else this.gl.jumpTo({ center: position, zoom: Math.max(this.gl.getZoom(), CLOSE_ZOOM) });
  }

  /**
   * Marks a site, together with the place from which one would go there.
   * @param {[number, number]} position
   * @param {string} name
   */
  showSite(position, name) {
    this.#mark("site", position, name, "#0b3fa8");
    const both = new LngLatBounds(position, position);
    if (this.marks.place) both.extend(this.marks.place.getLngLat());
    this.gl.fitBounds(both, { padding: 70, maxZoom: CLOSEST_ZOOM, animate: false });
  }

  /** @param {Box} box */
  showBox([west, south, east, north]) {
    this.gl.fitBounds([[west, south], [east, north]], { padding: 20, animate: false });
  }

  /** @returns {Box} what is in the frame */
  box() {
    const bounds = this.gl.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  /** @param {import("./types.js").Situation} situation */
  tell({ closures, shelters }) {
    this.#set("closures", closures.flatMap(({ geometry, name }) => (geometry ? [{ type: "Feature", geometry, properties: { name } }] : [])));
    this.#set("told", shelters.map(({ lon, lat, label, state }) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties: { label, state } })));
  }

  /** @param {{lon: number, lat: number, kinds: string[]}[]} sites with what each is meant for */
  tellKinds(sites) {
    this.#set("kinds", sites.map(({ lon, lat, kinds }) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties: { image: ["kinds", ...kinds].join("-") } })));
  }

  /** The map as a picture for paper, with its marks; drawn and read in one go, since the canvas is empty afterwards. */
  picture() {
    this.gl.redraw();
    const drawn = this.gl.getCanvas();
    const sheet = document.createElement("canvas");
    sheet.width = drawn.width;
    sheet.height = drawn.height;
    const context = sheet.getContext("2d");
    if (!context) return drawn.toDataURL("image/png");
    context.drawImage(drawn, 0, 0);
    const ratio = drawn.width / drawn.clientWidth;
    context.scale(ratio, ratio);
    for (const [kind, sign] of /** @type {const} */ ([["place", "✕"], ["site", "◎"]])) {
      const mark = this.marks[kind];
      if (mark) stamp(context, this.gl.project(mark.getLngLat()), sign);
    }
    return sheet.toDataURL("image/png");
  }

  /**
   * @param {"place" | "site"} kind
   * @param {[number, number]} position
   * @param {string} name
   * @param {string} color
   */
  #mark(kind, position, name, color) {
    this.marks[kind]?.remove();
    const mark = new Marker({ color }).setLngLat(position).addTo(this.gl);
    mark.getElement().setAttribute("aria-label", name);
    this.marks[kind] = mark;
  }

  /**
   * @param {string} id
   * @param {GeoJSON.Feature[]} features
   */
  #set(id, features) {
    /** @type {import("maplibre-gl").GeoJSONSourceSpecification["data"]} */
    const data = { type: "FeatureCollection", features };
    const put = () => /** @type {import("maplibre-gl").GeoJSONSource} */ (this.gl.getSource(id))?.setData(data);
    if (this.gl.isStyleLoaded()) put();
    else this.gl.once("load", put);
  }
}

/**
 * Where the link had the map, else the place that it names, else the town: the tiles of no other frame are asked for.
 * @param {import("./view.js").View} view
 * @param {Box} town
 * @returns {Partial<import("maplibre-gl").MapOptions>}
 */
function firstFrame({ map, place }, town) {
  if (map) return { center: [map.longitude, map.latitude], zoom: map.zoom };
  return place ? { center: [place.lon, place.lat], zoom: CLOSE_ZOOM } : { bounds: town };
}

/** @param {import("maplibre-gl").MapGeoJSONFeature} feature */
function nameOf(feature) {
  return `${feature.sourceLayer}/${feature.id ?? JSON.stringify(feature.properties)}`;
}

/**
 * @param {[number, number]} position
 * @param {number} metres
 * @returns {[[number, number], [number, number]]}
 */
function around([lon, lat], metres) {
  const up = metres / METRES_PER_DEGREE;
  const aside = up / Math.cos((lat * Math.PI) / 180);
  return [[lon - aside, lat - up], [lon + aside, lat + up]];
}

/**
 * @param {[number, number]} position
 * @param {number} metres
 * @returns {GeoJSON.Feature}
 */
function ring([lon, lat], metres) {
  const up = metres / METRES_PER_DEGREE;
  const aside = up / Math.cos((lat * Math.PI) / 180);
  const corners = Array.from({ length: RING_CORNERS + 1 }, (_, index) => (index % RING_CORNERS) * ((2 * Math.PI) / RING_CORNERS));
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [corners.map((turn) => [lon + aside * Math.cos(turn), lat + up * Math.sin(turn)])] } };
}

/**
 * A mark that is seen in black and white.
 * @param {CanvasRenderingContext2D} context
 * @param {{x: number, y: number}} point
 * @param {string} sign
 */
function stamp(context, { x, y }, sign) {
  context.font = "700 34px sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineWidth = 6;
  context.strokeStyle = "#ffffff";
  context.strokeText(sign, x, y);
  context.fillStyle = "#000000";
  context.fillText(sign, x, y);
}

/** MapLibre's words in the language of the page. */
function ownWords() {
  return {
    "Map.Title": t("map_label"),
    "Marker.Title": t("mark"),
    "NavigationControl.ZoomIn": t("zoom_in"),
    "NavigationControl.ZoomOut": t("zoom_out"),
    "NavigationControl.ResetBearing": t("north_up"),
    "AttributionControl.ToggleAttribution": t("sources_button"),
    "CooperativeGesturesHandler.WindowsHelpText": t("ctrl_scroll"),
    "CooperativeGesturesHandler.MacHelpText": t("cmd_scroll"),
    "CooperativeGesturesHandler.MobileHelpText": t("two_fingers"),
  };
}

/**
 * The sources of many layers would cover the map: they stay behind their button, and stand in each row of the list.
 * @param {HTMLElement} container
 */
function foldSources(container) {
  const sources = container.querySelector(".maplibregl-ctrl-attrib");
  sources?.classList.remove("maplibregl-compact-show");
  sources?.removeAttribute("open");
}
