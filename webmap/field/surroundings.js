// @ts-check
// The lines round the person: what was taken along, or, where the server answers, what lies about where they are now.

import { ServerProblem, get } from "../shared/server.js";
import { forgetGround, keptGround } from "./database.js";
import { groundSize, takeGround } from "./offline.js";
import { clock, sizeWords } from "./words.js";

/** @typedef {import("./types.js").Fix} Fix */
/** @typedef {import("./types.js").Ground} Ground */

const ROUND_M = 300;
const PAUSE_MS = 5000;
const DEGREE_M = 111_000;

export class Surroundings {
  /**
   * @param {string} account
   * @param {(ground: Ground | null) => void} stand
   */
  constructor(account, stand) {
    this.account = account;
    this.stand = stand;
    /** @type {Ground | null} */
    this.ground = null;
    this.words = "";
    /** @type {Fix | undefined} */
    this.fix = undefined;
    this.asked = 0;
  }

  async start() {
    const kept = await keptGround(this.account);
    this.words = kept ? `${clock(kept.kept_at)}に持ち出した地図（半径 ${kept.ground.radius_m} m、${sizeWords(kept.bytes)}）があります。` : "まだ持ち出していません。";
    if (kept) this.#use(kept.ground);
  }

  /** @param {Ground | null} ground */
  #use(ground) {
    this.ground = ground;
    this.stand(ground);
  }

  /** The fields of one's own among the lines, to be measured again. @returns {{id: string, name: string}[]} */
  get fields() {
    const own = this.ground?.features.filter((feature) => feature.properties.layer === "rtk_fields") ?? [];
    return own.map(({ properties }) => ({ id: properties.field_id ?? "", name: properties.label })).filter((field) => field.id);
  }

  /** @param {Fix | undefined} fix */
  near(fix) {
    this.fix = fix;
    // not more often than this, also where the server refuses
    if (fix && !this.#covers(fix) && Date.now() - this.asked > PAUSE_MS) void this.again();
  }

  /** Whether one stands well inside what is there. @param {Fix} fix */
  #covers(fix) {
    if (!this.ground) return false;
    const [lon, lat] = this.ground.center;
    const away = Math.hypot((fix.lon - lon) * Math.cos((lat * Math.PI) / 180), fix.lat - lat) * DEGREE_M;
    return away < this.ground.radius_m - 100;
  }

  /** Asks for the lines about where one is; without a network what is there stays. */
  async again() {
    const { fix } = this;
    if (!fix || document.documentElement.dataset["network"] === "none") return;
    this.asked = Date.now();
    try {
      this.#use(await get("field/ground", { lon: fix.lon.toFixed(7), lat: fix.lat.toFixed(7), radius_m: String(ROUND_M) }));
    } catch (error) {
      if (!(error instanceof ServerProblem)) throw error;
    }
  }

  #place() {
    if (!this.fix) throw new Error("位置がまだ分かりません。位置が出てから、もう一度押してください。");
    return this.fix;
  }

  /** @param {number} radius metres */
  async size(radius) {
    return groundSize(this.#place(), radius);
  }

  /** @param {number} radius metres */
  async take(radius) {
    const kept = await takeGround(this.account, this.#place(), radius);
    await this.start();
    this.#use(kept.ground);
    return `持ち出しました（${sizeWords(kept.bytes)}）。電波がなくても線と距離が出ます。`;
  }

  async forget() {
    await forgetGround();
    this.words = "まだ持ち出していません。";
    this.#use(null);
  }
}
