// @ts-check
// The survey that is under way: what was recorded, what was taken back, and the rings that follow from it.

import { newId } from "./database.js";
import { areaOf, meanOf } from "./means.js";

/** @typedef {import("./types.js").FieldRecord} FieldRecord */
/** @typedef {import("./types.js").Fix} Fix */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Row} Row */
/** @typedef {import("./types.js").Settings} Settings */
/** @typedef {import("./types.js").Source} Source */
/** @typedef {import("./types.js").SurveyRow} SurveyRow */

/** Tells the other tabs of this phone what has become of a survey: {session}. */
export const tabs = new BroadcastChannel("onomap-field");

/**
 * The record of a survey, made together with what is measured first: until then its settings may change.
 * @param {SurveyRow} row
 * @returns {FieldRecord}
 */
function sessionRecord({ id, started_at, settings }) {
  const { base_station, mount_point, epoch, receiver } = settings;
  const record = {
    id, kind: /** @type {const} */ ("session"), started_at, field_name: settings.field_name,
    station: { base_station, mount_point, datum: "JGD2011", epoch, receiver },
    antenna_height_m: settings.antenna_height_m, claimed_fix: settings.claimed_fix,
  };
  return settings.field_id ? { ...record, field_id: settings.field_id } : record;
}

/** Events: "change" when anything of it is different. */
export class Survey extends EventTarget {
  /**
   * @param {import("./database.js").Keeper} keeper
   * @param {SurveyRow} row
   * @param {number} zone
   */
  constructor(keeper, row, zone) {
    super();
    this.keeper = keeper;
    this.row = row;
    this.zone = zone;
    /** @type {Item[]} */
    this.items = [];
  }

  /**
   * @param {import("./database.js").Keeper} keeper
   * @param {string} account
   * @param {Settings} settings
   * @param {number} zone
   */
  static async begin(keeper, account, settings, zone) {
    /** @type {SurveyRow} */
    const row = { id: newId(), account, started_at: new Date().toISOString(), settings, begun: false, ring: 0, next: {}, finished: false };
    await keeper.putSurvey(row);
    return new Survey(keeper, row, zone);
  }

  /** Reads it anew from what is kept: this tab may not be the only one. */
  async load() {
    const [rows, surveys] = await Promise.all([this.keeper.rows(this.row.id), this.keeper.surveys(this.row.account)]);
    this.row = surveys.find((survey) => survey.id === this.row.id) ?? this.row;
    const back = new Set(rows.filter((row) => row.record.kind === "undo").map((row) => row.record["takes_back"]));
    this.items = rows.filter((row) => !back.has(row.id)).flatMap((row) => this.#itemOf(row));
    this.#tell();
    return this;
  }

  /** @param {Row} row @returns {Item[]} */
  #itemOf({ record, state, why = "" }) {
    if (record.kind !== "corner" && record.kind !== "track") return [];
    const { id, kind, at, source } = record;
    /** @type {Fix[]} */
    const fixes = record["fixes"];
    const path = kind === "track" ? fixes.map((fix) => meanOf([fix], this.zone)) : [];
    return [{ id, kind, ring: record["ring"], order: record["order"], at, source, mean: meanOf(fixes, this.zone), path, state, why }];
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }

  /**
   * @param {(row: SurveyRow) => FieldRecord[]} change
   * @param {string} [draft]
   */
  async #write(change, draft) {
    const { survey, rows } = await this.keeper.record(this.row.id, change, draft);
    this.row = survey;
    this.items.push(...rows.flatMap((row) => this.#itemOf(row)));
    this.#tell();
    tabs.postMessage({ session: this.row.id });
    return rows;
  }

  /**
   * Keeps a corner or a piece of a track, in the ring that is being measured.
   * @param {"corner" | "track"} kind
   * @param {Fix[]} fixes
   * @param {Source} source
   * @param {{note?: string, draft?: string}} [more]
   */
  async add(kind, fixes, source, { note = "", draft } = {}) {
    await this.#write((row) => {
      const order = row.next[row.ring] ?? 0;
      row.next = { ...row.next, [row.ring]: order + 1 };
      const piece = { id: newId(), kind, session: row.id, ring: row.ring, order, at: new Date().toISOString(), source, fixes };
      const made = kind === "corner" ? { ...piece, note } : piece;
      const records = row.begun ? [made] : [sessionRecord(row), made];
      row.begun = true;
      return records;
    }, draft);
  }

  /** Makes its record where nothing is measured with this phone: a log is brought into it at the town hall. */
  async declare() {
    if (this.row.begun) return;
    await this.#write((row) => {
      const records = row.begun ? [] : [sessionRecord(row)];
      row.begun = true;
      return records;
    });
  }

  /** Takes a corner or a piece back; the last one unless another is named. @param {string} [id] */
  async undo(id) {
    const item = id ? this.items.find((one) => one.id === id) : this.items.at(-1);
    if (!item) return null;
    await this.#write((row) => [{ id: newId(), kind: "undo", session: row.id, at: new Date().toISOString(), takes_back: item.id }]);
    this.items = this.items.filter((one) => one !== item);
    this.#tell();
    return item;
  }

  /** @param {Partial<SurveyRow>} change */
  async change(change) {
    await this.#write((row) => (Object.assign(row, change), []));
  }

  /** The rings there are: the outer one always, inner ones in the order in which they were begun. */
  get ringNumbers() {
    return [...new Set([0, this.row.ring, ...this.items.map((item) => item.ring)])].sort((one, other) => one - other);
  }

  /** @param {number} ring @returns {Item[]} in their order */
  itemsOf(ring) {
    return this.items.filter((item) => item.ring === ring).sort((one, other) => one.order - other.order);
  }

  /** @param {number} ring @returns {import("./types.js").Spot[]} */
  line(ring) {
    return this.itemsOf(ring).flatMap((item) => (item.kind === "track" ? item.path : [item.mean]));
  }

  /**
   * What the phone makes of it, until the town hall has computed the true one.
   * @returns {import("./types.js").Outline | null}
   */
  get preview() {
    const [outer = [], ...inners] = this.ringNumbers.map((ring) => this.line(ring)).filter((line) => line.length > 2);
    if (outer.length < 3 || this.line(0).length < 3) return null;
    const area = areaOf(outer) - inners.reduce((sum, ring) => sum + areaOf(ring), 0);
    return { outer, inners, area_m2: Math.max(0, area), from: "phone" };
  }
}
