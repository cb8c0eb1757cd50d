// @ts-check
// The tools of the map: choose by click, area or line; measure; read the attributes at a point.

import { byId, element } from "../shared/dom.js";
import { attributesAt } from "./attributes.js";
import { icon } from "./icons.js";
import { MeasurePanel } from "./measure_panel.js";

/** @typedef {"select" | "polygon" | "line" | "distance" | "area" | "info"} Tool */

/** @type {{tool: Tool, label: string, hint: string}[]} */
const TOOLS = [
  { tool: "select", label: "選択", hint: "" },
  { tool: "polygon", label: "範囲", hint: "角をクリックして囲み、最初の点かEnterで終わります。Escで取り消し。" },
  { tool: "line", label: "線", hint: "線をクリックで引き、最後の点かEnterで終わります。線に触れる筆を選びます。" },
  { tool: "distance", label: "距離", hint: "点をクリックして距離を測ります。最後の点かEnterで終わります。" },
  { tool: "area", label: "面積", hint: "角をクリックして面積を測ります。最初の点かEnterで終わります。" },
  { tool: "info", label: "属性", hint: "地図をクリックすると、その場所にあるものを表示します。" },
];

export class Tools {
  /**
   * @param {HTMLElement} bar
   * @param {import("./map_pane.js").MapPane} pane
   * @param {import("./map.js").StaffMap} map
   */
  constructor(bar, pane, map) {
    this.pane = pane;
    this.map = map;
    /** @type {Tool} */
    this.tool = "select";
    this.measure = new MeasurePanel(byId("measure"), map, pane.state);
    /** @type {Promise<import("./draw.js").Draw> | null} */
    this.draw = null;
    this.buttons = TOOLS.map((one) => this.#button(one));
    bar.append(...this.buttons, this.#severalButton());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#escape();
    });
  }

  /** @param {{tool: Tool, label: string}} one */
  #button({ tool, label }) {
    const pressed = String(tool === this.tool);
    return element("button", { type: "button", "data-tool": tool, "aria-pressed": pressed, onclick: () => void this.use(tool) }, icon(tool), element("span", {}, label));
  }

  #severalButton() {
    const { state } = this.pane;
    const button = element("button", { type: "button", id: "several", class: "several", "aria-pressed": "false" }, icon("several"), element("span", {}, "追加選択"));
    button.addEventListener("click", () => {
      state.adding = !state.adding;
      button.setAttribute("aria-pressed", String(state.adding));
    });
    return button;
  }

  /** @param {Tool} tool */
  async use(tool) {
    this.tool = tool;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset["tool"] === tool));
    const hint = TOOLS.find((one) => one.tool === tool)?.hint ?? "";
    byId("tool-hint").textContent = hint;
    byId("tool-hint").hidden = !hint;
    this.measure.open(tool === "distance" || tool === "area" ? tool : null);
    const draws = tool !== "select" && tool !== "info";
    if (draws || this.draw) (await this.#drawing()).use(draws ? tool : null);
    document.documentElement.dataset["tool"] = tool;
  }

  #drawing() {
    this.draw ??= import("./draw.js").then(({ Draw }) => new Draw(this.map, {
      changed: (geometry) => this.measure.show(geometry),
      finished: (geometry) => void this.#finished(geometry),
    }));
    return this.draw;
  }

  /** @param {GeoJSON.Polygon | GeoJSON.LineString} geometry */
  async #finished(geometry) {
    this.measure.show(geometry);
    if (this.tool !== "polygon" && this.tool !== "line") return;
    (await this.#drawing()).clear();
    await this.pane.chooseIn(geometry);
    await this.use("select");
  }

  /** @param {{longitude: number, latitude: number, point: [number, number]}} where */
  pick({ longitude, latitude, point }) {
    if (this.tool === "select") void this.pane.chooseAt(longitude, latitude);
    if (this.tool !== "info") return;
    const features = this.map.featuresAt(point);
    this.map.openPopup([longitude, latitude], attributesAt(this.pane.state.catalogue, features, [longitude, latitude]));
  }

  #escape() {
    this.map.unmark();
    if (this.tool !== "select") void this.use("select");
  }
}
