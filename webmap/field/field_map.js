// @ts-check
// The map of the field, drawn in metres of the plane on a canvas: as exact as the numbers, on any phone, without a network.

import { DRAWN, drawLine, drawRing, label, northArrow, scaleBar } from "./drawing.js";

/** @typedef {import("./types.js").Spot} Spot */
/** @typedef {import("./types.js").Outline} Outline */
/** @typedef {import("./nearest.js").Ring} Ring */

/** Pixels per metre. */
const [FARTHEST, CLOSEST] = [0.02, 2000];
const LABELS_FROM = 1.2;
const STEP_PX = 60;

/**
 * @typedef {object} Scene
 * @property {Ring[]} rings
 * @property {Spot | null} here
 * @property {number} sigma metres, of where one is
 * @property {Spot | null} goal
 * @property {{line: Spot[], closed: boolean, marks: {spot: Spot, name: string}[]}[]} measured
 * @property {Outline | null} outline that the town hall computed
 */

export class FieldMap {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Spot} centre
   */
  constructor(canvas, centre) {
    this.canvas = canvas;
    this.centre = centre;
    this.scale = 4;
    this.follows = true;
    /** @type {Scene} */
    this.scene = { rings: [], here: null, sigma: 0, goal: null, measured: [], outline: null };
    this.waits = false;
    /** @type {Map<number, {x: number, y: number}>} */
    this.fingers = new Map();
    this.colours = this.#colours();
    new ResizeObserver(() => this.redraw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolour());
    this.#listen();
  }

  /** @param {Partial<Scene>} change */
  show(change) {
    Object.assign(this.scene, change);
    if (this.follows && this.scene.here) this.centre = this.scene.here;
    this.redraw();
  }

  /** Goes with the person again. */
  follow() {
    this.follows = true;
    this.show({});
  }

  /** @param {number} factor */
  zoom(factor) {
    this.scale = Math.min(CLOSEST, Math.max(FARTHEST, this.scale * factor));
    this.redraw();
  }

  /** Shows all of a line. @param {Spot[]} line */
  fit(line) {
    const [east, north] = [line.map((spot) => spot.east), line.map((spot) => spot.north)];
    const [west, right, south, top] = [Math.min(...east), Math.max(...east), Math.min(...north), Math.max(...north)];
    this.centre = { east: (west + right) / 2, north: (south + top) / 2 };
    this.scale = 0.62 * Math.min(this.canvas.clientWidth / Math.max(1, right - west), this.canvas.clientHeight / Math.max(1, top - south));
    this.follows = false;
    this.zoom(1);
  }

  /** The colours of the page, as they are now. */
  recolour() {
    this.colours = this.#colours();
    this.redraw();
  }

  #colours() {
    const style = getComputedStyle(this.canvas);
    // a custom property keeps its words; a colour that is used is computed
    const probe = document.createElement("span");
    this.canvas.parentElement?.append(probe);
    const read = Object.fromEntries(DRAWN.map((name) => {
      probe.style.color = style.getPropertyValue(`--map-${name}`);
      return [name, getComputedStyle(probe).color];
    }));
    probe.remove();
    return /** @type {Record<(typeof DRAWN)[number], string>} */ (read);
  }

  redraw() {
    if (this.waits) return;
    this.waits = true;
    requestAnimationFrame(() => {
      this.waits = false;
      this.#draw();
    });
  }

  /** @param {number} east @param {number} north @returns {[number, number]} pixels */
  at(east, north) {
    return [this.canvas.clientWidth / 2 + (east - this.centre.east) * this.scale, this.canvas.clientHeight / 2 - (north - this.centre.north) * this.scale];
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const ratio = devicePixelRatio || 1;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    const pen = this.canvas.getContext("2d");
    if (!pen || !width || !height) return;
    pen.scale(ratio, ratio);
    pen.lineJoin = "round";
    pen.fillStyle = this.colours.ground;
    pen.fillRect(0, 0, width, height);
    this.#drawGround(pen, width / 2 / this.scale, height / 2 / this.scale);
    this.#drawMeasured(pen);
    this.#drawHere(pen);
    scaleBar(pen, this.scale, height, this.colours);
    northArrow(pen, this.colours);
    this.canvas.dataset["drawn"] = String(this.scene.rings.length);
  }

  /** @param {CanvasRenderingContext2D} pen @param {number} aside @param {number} above half of what is seen, in metres */
  #drawGround(pen, aside, above) {
    const { east, north } = this.centre;
    const seen = this.scene.rings.filter(({ box: [west, south, right, top] }) =>
      west < east + aside && right > east - aside && south < north + above && top > north - above);
    const place = (/** @type {number} */ x, /** @type {number} */ y) => this.at(x, y);
    // the thin ones above the thick ones, so that lines upon lines are all seen
    for (const layer of ["farmland", "cadastral", "rtk_fields"]) {
      for (const ring of seen) if (ring.of.layer === layer) drawRing(pen, ring, place, this.colours);
    }
    if (this.scale < LABELS_FROM) return;
    for (const ring of seen) if (ring.outer && ring.of.layer !== "farmland") label(pen, ring, place, this.scale, this.colours);
  }

  /** @param {CanvasRenderingContext2D} pen */
  #drawMeasured(pen) {
    const place = (/** @type {Spot} */ spot) => this.at(spot.east, spot.north);
    const { outline, measured } = this.scene;
    if (outline) for (const ring of [outline.outer, ...outline.inners]) drawLine(pen, ring.map(place), { closed: true, colour: this.colours.done, width: 6, casing: this.colours.ground });
    for (const { line, closed, marks } of measured) {
      drawLine(pen, line.map(place), { closed, colour: this.colours.mine, width: 4, casing: this.colours.ground, dashed: closed });
      const crowded = marks.length > 60 && this.scale < 1;
      for (const { spot, name } of crowded ? [] : marks) this.#mark(pen, place(spot), name);
    }
  }

  /** @param {CanvasRenderingContext2D} pen @param {[number, number]} place @param {string} name */
  #mark(pen, [x, y], name) {
    pen.beginPath();
    pen.arc(x, y, 11, 0, 2 * Math.PI);
    pen.fillStyle = this.colours.mine;
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = this.colours.ground;
    pen.stroke();
    pen.fillStyle = this.colours.ground;
    pen.font = "bold 12px sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(name, x, y);
  }

  /** @param {CanvasRenderingContext2D} pen */
  #drawHere(pen) {
    const { here, goal, sigma } = this.scene;
    if (!here) return;
    const [x, y] = this.at(here.east, here.north);
    if (goal) {
      const to = this.at(goal.east, goal.north);
      drawLine(pen, [[x, y], to], { closed: false, colour: this.colours.goal, width: 4, casing: this.colours.ground, dashed: true });
      pen.beginPath();
      pen.arc(...to, 9, 0, 2 * Math.PI);
      pen.lineWidth = 4;
      pen.strokeStyle = this.colours.goal;
      pen.stroke();
    }
    pen.beginPath();
    pen.arc(x, y, Math.min(4000, Math.max(12, sigma * this.scale)), 0, 2 * Math.PI);
    pen.globalAlpha = 0.18;
    pen.fillStyle = this.colours.here;
    pen.fill();
    pen.globalAlpha = 1;
    pen.lineWidth = 2;
    pen.strokeStyle = this.colours.here;
    pen.stroke();
    pen.beginPath();
    pen.arc(x, y, 7, 0, 2 * Math.PI);
    pen.fillStyle = this.colours.here;
    pen.fill();
    pen.lineWidth = 3;
    pen.strokeStyle = this.colours.ground;
    pen.stroke();
  }

  #listen() {
    const { canvas, fingers } = this;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    });
    canvas.addEventListener("pointermove", (event) => this.#drag(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => fingers.delete(/** @type {PointerEvent} */ (event).pointerId));
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 400));
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.offsetX, y: event.offsetY };
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) this.zoom(Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y)));
    else this.#pan(before.x - now.x, now.y - before.y);
    this.fingers.set(event.pointerId, now);
  }

  /** @param {number} right @param {number} up pixels */
  #pan(right, up) {
    this.follows = false;
    this.centre = { east: this.centre.east + right / this.scale, north: this.centre.north + up / this.scale };
    this.redraw();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => this.#pan(-STEP_PX, 0), ArrowRight: () => this.#pan(STEP_PX, 0), ArrowUp: () => this.#pan(0, STEP_PX), ArrowDown: () => this.#pan(0, -STEP_PX),
      "+": () => this.zoom(1.5), "-": () => this.zoom(1 / 1.5), "0": () => this.follow(),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}
