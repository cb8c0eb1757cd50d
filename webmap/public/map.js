// @ts-check
// The map itself: MapLibre with the style of the published layers and nothing from outside.

import { AttributionControl, Map as GlMap, Marker, NavigationControl, ScaleControl } from "maplibre-gl";
import { MAP_WORDS } from "../shared/map_words.js";
import { patternImage } from "../shared/patterns.js";
import { inDrawingOrder, townLayer } from "../shared/style.js";

const MARGIN_DEGREES = 0.15;
const REACH_PX = 6;
const CLOSE_ZOOM = 16;

/** Events: "pick" (detail: {features}). */
export class PublicMap extends EventTarget {
  /**
   * @param {HTMLElement} container
   * @param {import("maplibre-gl").StyleSpecification} style
   * @param {import("./types.js").Published} published
   * @param {Set<string>} shown
   */
  constructor(container, style, published, shown) {
    super();
    this.layers = style.layers;
    /** @type {Marker | null} */
    this.marker = null;
    const [west, south, east, north] = published.municipality.bbox;
    this.gl = new GlMap({
      container,
      style: prepared(style, shown),
      bounds: published.municipality.bbox,
      maxBounds: [west - MARGIN_DEGREES * 2, south - MARGIN_DEGREES, east + MARGIN_DEGREES * 2, north + MARGIN_DEGREES],
      maxZoom: 20,
      maxPitch: 0,
      attributionControl: false,
      locale: { ...MAP_WORDS, "Map.Title": "地図（矢印キーで移動、＋と－で拡大縮小、Enterで中心の内容を表示）" },
      fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
    });
    this.gl.addControl(new NavigationControl({ visualizePitch: false }), "top-right");
    this.gl.addControl(new ScaleControl({ maxWidth: 120, unit: "metric" }), "bottom-left");
    this.gl.addControl(new AttributionControl({ compact: true }), "bottom-right");
    this.gl.once("load", () => foldSources(container));
    this.#listen();
  }

  #listen() {
    this.gl.setMissingStyleImageResolver((id) => {
      const pattern = patternImage(id);
      if (pattern && !this.gl.hasImage(id)) this.gl.addImage(id, pattern.image, { pixelRatio: pattern.pixelRatio });
    });
    this.gl.on("click", (event) => this.#pick(event.point));
    this.gl.getCanvas().addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#pick(this.gl.project(this.gl.getCenter()));
    });
  }

  /** @param {{x: number, y: number}} point of the screen */
  #pick({ x, y }) {
    const around = this.gl.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]]);
    const ours = around.filter((feature) => feature.sourceLayer);
    const features = [...new Map(ours.map((feature) => [`${feature.sourceLayer}/${feature.id ?? JSON.stringify(feature.properties)}`, feature])).values()];
    this.dispatchEvent(new CustomEvent("pick", { detail: { features } }));
  }

  /**
   * @param {string} id of a layer
   * @param {boolean} isShown
   */
  show(id, isShown) {
    for (const layer of this.layers.filter((candidate) => townLayer(candidate) === id)) {
      this.gl.setLayoutProperty(layer.id, "visibility", isShown ? "visible" : "none");
    }
  }

  /**
   * Goes to a position and marks it.
   * @param {[number, number]} position
   * @param {string} name read out with the mark
   */
  goTo(position, name) {
    this.marker?.remove();
    this.marker = new Marker({ color: "#c2410c" }).setLngLat(position).addTo(this.gl);
    this.marker.getElement().setAttribute("aria-label", name);
    this.gl.jumpTo({ center: position, zoom: Math.max(this.gl.getZoom(), CLOSE_ZOOM) });
  }
}

/**
 * @param {import("maplibre-gl").StyleSpecification} given
 * @param {Set<string>} shown
 */
function prepared(given, shown) {
  const style = structuredClone(given);
  for (const source of Object.values(style.sources)) {
    // the attribution control takes markup; our texts are plain
    if ("attribution" in source && source.attribution) {
      source.attribution = source.attribution.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
    }
  }
  for (const layer of style.layers) {
    if (layer.type !== "background") layer.layout = { ...layer.layout, visibility: shown.has(townLayer(layer)) ? "visible" : "none" };
  }
  style.layers = [{ id: "ground", type: "background", paint: { "background-color": ground() } }, ...inDrawingOrder(style.layers)];
  return style;
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

function ground() {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "#d5d9dc" : "#f7f6f2";
}
