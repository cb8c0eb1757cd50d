// @ts-check
// The tab of base stations: map, health, fields outside, and checks kept and taken back.

import { byId } from "../shared/dom.js";
import { get } from "../shared/server.js";
import { StationsMap } from "./fields_map.js";
import { send } from "./send.js";
import { checksView, outsideView, stationsView } from "./stations_view.js";

/** @typedef {import("./types.js").Station} Station */
/** @typedef {import("./types.js").Stations} Stations */
/** @typedef {import("./types.js").Checks} Checks */

const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id));
const dialog = (/** @type {string} */ id) => /** @type {HTMLDialogElement} */ (byId(id));
const optional = (/** @type {string} */ id) => (input(id).value === "" ? null : Number(input(id).value));

export class StationsPage {
  /**
   * @param {import("./types.js").Year} year
   * @param {(error: unknown) => void} complain
   * @param {(text: string) => void} tell
   */
  constructor(year, complain, tell) {
    this.year = year;
    this.complain = complain;
    this.tell = tell;
    /** @type {Stations | null} */
    this.shown = null;
    /** @type {Station | null} */
    this.station = null;
    /** @type {StationsMap | null} */
    this.map = null;
    byId("check-form").addEventListener("submit", (event) => { event.preventDefault(); void this.#keep(); });
    byId("check-close").addEventListener("click", () => dialog("check-dialog").close());
    byId("log").addEventListener("change", () => void this.#fromLog());
  }

  async show() {
    this.shown = /** @type {Stations} */ (await get("fields/stations"));
    const staff = this.year.everything;
    byId("station-list").replaceChildren(...stationsView(this.shown, { health: (one) => this.#health(one), checks: (one) => void this.#checks(one, true).catch(this.complain) }, staff));
    byId("outside").replaceChildren(...outsideView(this.shown, new Map(this.shown.stations.map((one) => [one.station_id, one.name]))));
    await this.#drawMap().catch(() => byId("station-map").replaceChildren("このブラウザでは地図を表示できません。表をご覧ください。"));
  }

  async #drawMap() {
    this.map ??= await StationsMap.open(byId("station-map"), this.year.town.bbox, this.year.everything);
    const [stations, fields] = await Promise.all([get("fields/stations/map.geojson"), get("fields/map.geojson")]);
    this.map.show(stations, fields, new Set(this.shown?.outside.map((one) => `${one.layer}/${one.field_id}`)));
  }

  /** @param {Station} station */
  #health(station) {
    byId("health-title").textContent = station.name;
    input("health").value = station.health ?? "ok";
    input("health-note").value = station.health_note ?? "";
    const box = dialog("health-dialog");
    box.returnValue = "no";
    box.onclose = () => {
      if (box.returnValue !== "yes") return;
      const today = new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Tokyo" });
      const properties = { health: input("health").value, health_note: input("health-note").value || null, health_on: today };
      const path = `api/collections/base_stations/items/${station.fid}`;
      send("PATCH", path, {}, { json: { properties }, type: "application/merge-patch+json", match: `"${station.version}.json"` })
        .then(() => this.show()).then(() => this.tell(`${station.name}の状態を保存しました。`)).catch(this.complain);
    };
    box.showModal();
  }

  /**
   * @param {Station} station
   * @param {boolean} go
   */
  async #checks(station, go) {
    this.station = station;
    this.#showChecks(await get("fields/stations/checks", { station_id: station.station_id }));
    if (go) byId("checks-heading").focus();
  }

  /** @param {Checks} shown */
  #showChecks(shown) {
    const station = this.station;
    if (!station) return;
    byId("checks-section").hidden = false;
    byId("checks-heading").textContent = `既知点での点検　${station.name}`;
    byId("checks").replaceChildren(...checksView(station, shown, { add: () => this.#open(shown), withdraw: (id) => void this.#withdraw(id) }));
  }

  /** @param {Checks} shown */
  #open(shown) {
    const last = shown.checks.find((check) => !check.withdrawn_at);
    byId("check-title").textContent = `点検を記録する　${this.station?.name}`;
    byId("check-trouble").hidden = true;
    if (last) input("known-point").value = last.known_point;
    if (last) input("receiver").value = last.receiver;
    input("epoch").value = this.station?.epoch ?? "reference";
    input("measured-at").value = new Date().toLocaleString("sv-SE", { timeZone: "Asia/Tokyo" }).slice(0, 16).replace(" ", "T");
    dialog("check-dialog").showModal();
  }

  async #fromLog() {
    const file = input("log").files?.[0];
    if (!file) return;
    try {
      const found = await send("POST", "fields/stations/measured", { antenna_m: input("antenna").value || "0" }, { file, type: "text/plain" });
      input("measured").value = found.position;
      input("measured-h").value = found.height_m ?? "";
      input("sigma").value = found.sigma_m;
      input("fixes").value = found.fixes;
      if (found.measured_at) input("measured-at").value = new Date(found.measured_at).toLocaleString("sv-SE", { timeZone: "Asia/Tokyo" }).slice(0, 16).replace(" ", "T");
      byId("check-trouble").hidden = true;
    } catch (error) {
      this.#complainInside(error);
    }
  }

  async #keep() {
    const text = (/** @type {string} */ id) => input(id).value.trim();
    const body = { measured_at: `${text("measured-at")}:00+09:00`, known_point: text("known-point"), epoch: text("epoch"), known: text("known"), measured: text("measured"), known_h: optional("known-h"), measured_h: optional("measured-h"), sigma_m: optional("sigma"), fixes: optional("fixes"), receiver: text("receiver"), note: text("check-note") };
    try {
      this.#showChecks(await send("POST", "fields/stations/checks", { station_id: this.station?.station_id ?? "" }, { json: body }));
      dialog("check-dialog").close();
      this.tell("点検を記録しました。");
    } catch (error) {
      this.#complainInside(error);
    }
  }

  /** @param {number} id */
  async #withdraw(id) {
    try {
      this.#showChecks(await send("POST", `fields/stations/checks/${id}/withdraw`, { station_id: this.station?.station_id ?? "" }));
      this.tell("点検を取り消しました。表には残ります。");
    } catch (error) {
      this.complain(error);
    }
  }

  /** @param {unknown} error */
  #complainInside(error) {
    const box = byId("check-trouble");
    box.textContent = error instanceof Error ? error.message : String(error);
    box.hidden = false;
    box.scrollIntoView({ block: "nearest" });
  }
}
