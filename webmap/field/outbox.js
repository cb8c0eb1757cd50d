// @ts-check
// Sends what waits, in batches, until the server has said of each record that it is stored: again after silence, never twice.

import { ServerProblem, post } from "../shared/server.js";
import { newId } from "./database.js";
import { tabs } from "./survey.js";

/** @typedef {import("./types.js").Row} Row */
/** @typedef {{stored: string[], already: string[], refused: {id: string, why: string}[]}} Answer */

const MOST_RECORDS = 200;
const MOST_LETTERS = 2_000_000;
const ANSWER_MS = 30_000;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 300_000;
/** Refusals of a whole batch that one of its records may be the cause of. */
const OF_CONTENT = [400, 413, 422];

/** Events: "change" (detail: {unsent, refused, others, state, why}). */
export class Outbox extends EventTarget {
  /**
   * @param {import("./database.js").Keeper} keeper
   * @param {string} account
   */
  constructor(keeper, account) {
    super();
    this.keeper = keeper;
    this.account = account;
    this.device = "";
    this.most = MOST_RECORDS;
    this.wait = 0;
    this.timer = 0;
    this.busy = false;
    /** Only the person who recorded sends: whoever else has signed in meanwhile would be taken for them. */
    this.isMine = false;
    /** @type {{unsent: number, refused: number, others: number, state: "idle" | "sending" | "waiting" | "signin", why: string}} */
    this.now = { unsent: 0, refused: 0, others: 0, state: "idle", why: "" };
  }

  async start() {
    this.device = (await this.keeper.value("device")) ?? newId();
    await this.keeper.putValue("device", this.device);
    addEventListener("online", () => this.again());
    document.addEventListener("visibilitychange", () => !document.hidden && this.again());
    await this.#tell({});
  }

  /** Something new waits, or there may be a network again. */
  again() {
    this.wait = 0;
    if (this.now.state === "waiting") this.now.state = "idle";
    this.#soon(50);
  }

  /** @param {number} milliseconds */
  #soon(milliseconds) {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.#send(), milliseconds);
  }

  /** One tab at a time sends; where the browser has no locks, the server still stores each id once. */
  async #send() {
    if (this.busy || !this.account || !this.isMine) return this.#tell({});
    this.busy = true;
    try {
      if (navigator.locks) await navigator.locks.request("onomap-field-send", { ifAvailable: true }, async (lock) => (lock ? this.#sendAll() : this.#later("")));
      else await this.#sendAll();
    } finally {
      this.busy = false;
    }
  }

  async #sendAll() {
    for (;;) {
      const rows = fitting(await this.keeper.unsent(this.account, this.most));
      if (!rows.length) return this.#tell({ state: "idle", why: "" });
      await this.#tell({ state: "sending", why: "" });
      try {
        if (!(await this.#heard(rows, await this.#ask(rows)))) return this.#later("サーバーの返事に抜けがありました。");
        this.wait = 0;
        this.most = MOST_RECORDS;
      } catch (error) {
        if (!(error instanceof ServerProblem)) throw error;
        if (!(await this.#goesOn(rows, error))) return undefined;
      }
    }
  }

  /** @param {Row[]} rows @returns {Promise<Answer>} */
  #ask(rows) {
    return post("surveys/records", { device: this.device, records: rows.map((row) => row.record) }, AbortSignal.timeout(ANSWER_MS));
  }

  /** Whether the answer spoke of any of them. @param {Row[]} rows @param {Answer} answer */
  async #heard(rows, { stored, already, refused }) {
    /** @type {Map<string, {state: Row["state"], why?: string}>} */
    const verdicts = new Map();
    for (const { id, why } of refused) verdicts.set(id, { state: "refused", why });
    for (const id of [...stored, ...already]) verdicts.set(id, { state: "sent" });
    await this.keeper.judge(verdicts);
    for (const session of new Set(rows.map((row) => row.session))) tabs.postMessage({ session });
    this.dispatchEvent(new Event("judged"));
    return rows.some((row) => verdicts.has(row.id));
  }

  /**
   * What a refusal of the whole batch means: whether sending goes on at once.
   * @param {Row[]} rows
   * @param {ServerProblem} problem
   */
  async #goesOn(rows, problem) {
    if (problem.status === 401) {
      this.isMine = false;
      await this.#tell({ state: "signin", why: "ログインが切れました。記録は端末に残っています。ログインすると続きから送ります。" });
      return false;
    }
    if (!OF_CONTENT.includes(problem.status)) return this.#later(problem.message);
    if (rows.length > 1) {
      // one of them is not taken: in smaller batches the others are
      this.most = Math.ceil(rows.length / 2);
      return true;
    }
    await this.keeper.judge(new Map(rows.map((row) => [row.id, { state: /** @type {const} */ ("refused"), why: problem.message }])));
    this.dispatchEvent(new Event("judged"));
    return true;
  }

  /** Tries again later, each time later than before. @param {string} why */
  async #later(why) {
    this.wait = Math.min(LONGEST_WAIT_MS, this.wait ? this.wait * 2 : FIRST_WAIT_MS);
    this.#soon(this.wait * (0.75 + Math.random() / 2));
    await this.#tell({ state: "waiting", why });
    return false;
  }

  /** @param {Partial<Outbox["now"]>} change */
  async #tell(change) {
    const [unsent, refused, others] = await Promise.all([
      this.keeper.count(this.account, "unsent"), this.keeper.count(this.account, "refused"), this.keeper.countOfOthers(this.account)]);
    this.now = { ...this.now, ...change, unsent, refused, others };
    this.dispatchEvent(new CustomEvent("change", { detail: this.now }));
  }

  /** Waits for a while until nothing waits any more; whether that came to be. */
  async emptied() {
    this.again();
    for (const end = Date.now() + ANSWER_MS; Date.now() < end; await new Promise((go) => setTimeout(go, 200))) {
      await this.look();
      if (!this.now.unsent) return true;
      if (this.now.state === "waiting" || this.now.state === "signin") return false;
    }
    return false;
  }

  /** Counts anew. */
  look() {
    return this.#tell({});
  }
}

/**
 * As many of the oldest as one request may carry.
 * @param {Row[]} rows
 */
function fitting(rows) {
  let letters = 0;
  const fit = rows.filter((row) => (letters += JSON.stringify(row.record).length) <= MOST_LETTERS);
  return fit.length ? fit : rows.slice(0, 1);
}
