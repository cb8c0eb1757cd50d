// @ts-check
// The map: MapLibre with the style of the town's own layers and nothing from outside.

import { AttributionControl, Map as GlMap, Marker, NavigationControl, Popup, ScaleControl } from "maplibre-gl";
import { patternImage } from "../shared/patterns.js";
import { MAP_WORDS } from "../shared/map_words.js";
import { eachOpacity, inDrawingOrder, townLayer } from "../shared/style.js";

/** @typedef {import("../shared/types.js").Parcel} Parcel */
/** @typedef {import("./state.js").State} State */
/** @typedef {[number, number, number, number]} Box west, south, east, north */

/** One CSS pixel is 1/96 inch. */
const PIXEL_M = 0.0254 / 96;
const EQUATOR_M = 40075016.686;
const SINGLE_PARCEL_ZOOM = 18.5;
/** Below the town there is room for the scale bar and the hint. */
const OVERVIEW_PADDING_PX = { top: 16, right: 16, bottom: 88, left: 16 };
const OVERVIEW_MARGIN_DEGREES = 0.15;
const NO_FEATURES = /** @type {GeoJSON.FeatureCollection} */ ({ type: "FeatureCollection", features: [] });

/** Events: "move", "pick" (detail: {longitude, latitude, point}), "pointer" (detail: {longitude, latitude} or null), "idle". */
export class StaffMap extends EventTarget {
  /**
   * @param {HTMLElement} container
   * @param {import("maplibre-gl").StyleSpecification} style
   * @param {State} state
   * @param {{zoom: number, latitude: number, longitude: number} | null} view
   */
  constructor(container, style, state, view) {
    super();
    this.style = style;
    this.state = state;
    /** @type {Marker | null} */
    this.marker = null;
    this.popup = new Popup({ maxWidth: "20rem", focusAfterOpen: false });
    this.gl = new GlMap(this.#options(container, view));
    this.#addControls();
    this.#listen();
  }

  /**
   * @param {HTMLElement} container
   * @param {{zoom: number, latitude: number, longitude: number} | null} view
   * @returns {import("maplibre-gl").MapOptions}
   */
  #options(container, view) {
    const [west, south, east, north] = this.state.catalogue.municipality.bbox;
    const start = view ? { center: /** @type {[number, number]} */ ([view.longitude, view.latitude]), zoom: view.zoom } : this.#wholeTown();
    const margin = OVERVIEW_MARGIN_DEGREES;
    return {
      container,
      style: this.#prepared(),
      ...start,
      maxBounds: [west - margin * 2, south - margin, east + margin * 2, north + margin],
      maxZoom: 23,
      maxPitch: 0,
      attributionControl: false,
      locale: MAP_WORDS,
      fadeDuration: reducedMotion() ? 0 : 150,
    };
  }

  #wholeTown() {
    return { bounds: /** @type {Box} */ (this.state.catalogue.municipality.bbox), fitBoundsOptions: { padding: OVERVIEW_PADDING_PX } };
  }

  /** Shows the whole town in the room that the bars around the map have left it. */
  showWholeTown() {
    const { bounds, fitBoundsOptions } = this.#wholeTown();
    this.gl.resize();
    this.gl.fitBounds(bounds, { ...fitBoundsOptions, animate: false });
  }

  /** The server's style with the visibility and opacities of the panel, and with the layers that show the selection. */
  #prepared() {
    const style = structuredClone(this.style);
    for (const source of Object.values(style.sources)) {
      if ("attribution" in source && source.attribution) source.attribution = escapeMarkup(source.attribution);
    }
    for (const layer of style.layers) {
      const id = townLayer(layer);
      if (layer.type !== "background") layer.layout = { ...layer.layout, visibility: this.state.shown.has(id) ? "visible" : "none" };
    }
    if (!style.layers.some((layer) => layer.type === "background")) {
      style.layers.unshift({ id: "ground", type: "background", paint: {} });
    }
    const ground = style.layers.find((layer) => layer.type === "background");
    if (ground) ground.paint = { "background-color": groundColour() };
    for (const id of this.state.shown) this.#fadeIn(style, id);
    style.layers = inDrawingOrder(style.layers);
    style.sources["selection"] = { type: "geojson", data: NO_FEATURES };
    style.sources["typed"] = { type: "geojson", data: NO_FEATURES };
    style.layers.push(...overlays());
    return style;
  }

  /**
   * @param {import("maplibre-gl").StyleSpecification} style
   * @param {string} id
   */
  #fadeIn(style, id) {
    const factor = this.state.opacities[id];
    if (factor === undefined) return;
    eachOpacity(this.style, id, factor, (layerId, property, value) => {
      const layer = style.layers.find((candidate) => candidate.id === layerId);
      if (layer) layer.paint = /** @type {any} */ ({ ...layer.paint, [property]: value });
    });
  }

  #addControls() {
    this.gl.addControl(new NavigationControl({ visualizePitch: false }), "top-right");
    this.gl.addControl(new ScaleControl({ maxWidth: 120, unit: "metric" }), "bottom-left");
    this.gl.addControl(new AttributionControl({ compact: true }), "bottom-right");
    this.gl.once("load", () => foldSources(this.gl.getContainer()));
  }

  #listen() {
    this.gl.setMissingStyleImageResolver((id) => {
      const pattern = patternImage(id);
      if (pattern && !this.gl.hasImage(id)) this.gl.addImage(id, pattern.image, { pixelRatio: pattern.pixelRatio });
    });
    this.gl.on("click", (event) => this.#pick(event.lngLat, event.point));
    this.gl.on("mousemove", ({ lngLat }) => this.#tell("pointer", { longitude: lngLat.lng, latitude: lngLat.lat }));
    this.gl.on("mouseout", () => this.#tell("pointer", null));
    this.gl.on("move", () => this.#tell("move", null));
    this.gl.on("idle", () => this.#tell("idle", null));
    this.gl.getCanvas().addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#pick(this.gl.getCenter(), this.gl.project(this.gl.getCenter()));
    });
    this.state.addEventListener("selection", () => this.showSelection());
    this.state.addEventListener("layers", () => this.#obeyPanel());
    this.gl.once("load", () => this.showSelection());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#repaintGround());
  }

  /**
   * @param {{lng: number, lat: number}} position
   * @param {{x: number, y: number}} point
   */
  #pick(position, point) {
    this.#tell("pick", { longitude: position.lng, latitude: position.lat, point: [point.x, point.y] });
  }

  /**
   * @param {string} name
   * @param {unknown} detail
   */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #repaintGround() {
    const ground = this.gl.getStyle().layers.find((layer) => layer.type === "background");
    if (ground) this.gl.setPaintProperty(ground.id, "background-color", groundColour());
  }

  #obeyPanel() {
    for (const layer of this.style.layers) {
      const id = townLayer(layer);
      if (id) this.gl.setLayoutProperty(layer.id, "visibility", this.state.shown.has(id) ? "visible" : "none");
    }
    for (const [id, factor] of Object.entries(this.state.opacities)) {
      eachOpacity(this.style, id, factor, (layerId, property, value) => this.gl.setPaintProperty(layerId, /** @type {any} */ (property), value));
    }
  }

  showSelection() {
    const source = /** @type {import("maplibre-gl").GeoJSONSource | undefined} */ (this.gl.getSource("selection"));
    const placed = this.state.selection.filter((parcel) => parcel.geometry);
    const features = placed.map((parcel) => /** @type {GeoJSON.Feature} */ ({ type: "Feature", geometry: parcel.geometry, properties: { fid: parcel.fid } }));
    source?.setData({ type: "FeatureCollection", features });
  }

  /** @param {GeoJSON.Feature[]} features typed positions of a measurement */
  showTyped(features) {
    const source = /** @type {import("maplibre-gl").GeoJSONSource | undefined} */ (this.gl.getSource("typed"));
    source?.setData({ type: "FeatureCollection", features });
  }

  /** @param {Box} box */
  fit(box) {
    this.gl.fitBounds(box, { padding: 60, maxZoom: SINGLE_PARCEL_ZOOM, animate: !reducedMotion(), duration: 500 });
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
    this.gl.jumpTo({ center: position, zoom: Math.max(this.gl.getZoom(), 17) });
  }

  unmark() {
    this.marker?.remove();
    this.popup.remove();
  }

  /**
   * @param {[number, number]} position
   * @param {Node} content
   */
  openPopup(position, content) {
    this.popup.setLngLat(position).setDOMContent(content).addTo(this.gl);
  }

  /**
   * Features of the visible layers at a point of the screen, one of each layer and fid.
   * @param {[number, number]} point
   */
  featuresAt([x, y]) {
    const around = this.gl.queryRenderedFeatures([[x - 4, y - 4], [x + 4, y + 4]]);
    const ours = around.filter((feature) => feature.sourceLayer);
    return [...new Map(ours.map((feature) => [`${feature.sourceLayer}/${feature.id ?? JSON.stringify(feature.properties)}`, feature])).values()];
  }

  /** Centre and zoom, and the denominator of the scale at the centre. */
  view() {
    const { lng, lat } = this.gl.getCenter();
    const zoom = this.gl.getZoom();
    return { longitude: lng, latitude: lat, zoom, denominator: groundResolution(lat, zoom) / PIXEL_M };
  }

  /** @param {number} denominator */
  setScale(denominator) {
    const { latitude } = this.view();
    const zoom = Math.log2((EQUATOR_M * Math.cos((latitude * Math.PI) / 180)) / (512 * denominator * PIXEL_M));
    this.gl.jumpTo({ zoom });
  }

  /** A picture of what is on screen, for paper. */
  picture() {
    this.gl.redraw();
    return this.gl.getCanvas().toDataURL("image/png");
  }
}

/**
 * Metres on the ground of one CSS pixel.
 * @param {number} latitude
 * @param {number} zoom
 */
function groundResolution(latitude, zoom) {
  return (EQUATOR_M * Math.cos((latitude * Math.PI) / 180)) / (512 * 2 ** zoom);
}

/**
 * The sources of many layers would cover the map: they stay behind their button, and stand in each row of the layer panel.
 * @param {HTMLElement} container
 */
function foldSources(container) {
  const sources = container.querySelector(".maplibregl-ctrl-attrib");
  sources?.classList.remove("maplibregl-compact-show");
  sources?.removeAttribute("open");
}

function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function groundColour() {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "#d5d9dc" : "#f7f6f2";
}

/**
 * The attribution control takes markup; our texts are plain.
 * @param {string} text
 */
function escapeMarkup(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** @returns {import("maplibre-gl").LayerSpecification[]} */
function overlays() {
  return [
    { id: "selection-fill", type: "fill", source: "selection", paint: { "fill-color": "#ffd400", "fill-opacity": 0.28 } },
    { id: "selection-casing", type: "line", source: "selection", paint: { "line-color": "#ffffff", "line-width": 6 } },
    { id: "selection-line", type: "line", source: "selection", paint: { "line-color": "#b00060", "line-width": 3 } },
    { id: "typed-line", type: "line", source: "typed", paint: { "line-color": "#0b3fa8", "line-width": 3 } },
    { id: "typed-points", type: "circle", source: "typed", paint: { "circle-color": "#ffffff", "circle-radius": 4, "circle-stroke-color": "#0b3fa8", "circle-stroke-width": 2 } },
  ];
}
