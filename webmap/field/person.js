// @ts-check
// Who measures: asked of the server where it answers, else the one who was here last. A session that ended loses nothing.

import { ServerProblem, get, traffic } from "../shared/server.js";
import { forgetGround, keepShell } from "./offline.js";
import { notice } from "./page_state.js";

/** @typedef {import("./types.js").About} About */

const LOOK_MS = 10_000;

/** Events: "in" when the person is signed in again. */
export class Person extends EventTarget {
  /** @param {import("./database.js").Keeper} keeper */
  constructor(keeper) {
    super();
    this.keeper = keeper;
    this.isIn = false;
    /** @type {About | null} */
    this.about = null;
  }

  /** @returns {Promise<About | null>} null where nobody is known yet */
  async look() {
    /** @type {About | undefined} */
    const before = await this.keeper.value("about");
    try {
      /** @type {About} */
      const now = await get("field/about", {}, AbortSignal.timeout(8000));
      // what the one before has taken along is not for the next one
      if (before && before.account !== now.account) await forgetGround();
      await this.keeper.putValue("about", { ...now, token: null });
      this.isIn = true;
      this.about = now;
    } catch (error) {
      if (!(error instanceof ServerProblem)) throw error;
      this.isIn = false;
      this.about = before ?? null;
      this.#tell(error);
    }
    return this.about;
  }

  /** @param {ServerProblem} problem */
  #tell({ status }) {
    document.documentElement.dataset["network"] = status ? "" : "none";
    if (!status) notice("network", "いまは通信できません。測った記録は端末に残り、電波が戻ると送ります。");
  }

  /** Looks again when there may be a network, and while nobody is signed in. */
  watch() {
    traffic.addEventListener("signedout", () => (this.isIn = false));
    addEventListener("online", () => void this.#again());
    addEventListener("offline", () => this.#tell(new ServerProblem("")));
    document.addEventListener("visibilitychange", () => !document.hidden && void this.#again());
    setInterval(() => !document.hidden && void this.#again(), LOOK_MS);
  }

  async #again() {
    if (this.isIn && document.documentElement.dataset["network"] !== "none") return;
    const before = this.about?.account;
    const about = await this.look();
    if (!this.isIn) return;
    if (about?.account !== before) return location.reload();
    notice("network", "");
    document.documentElement.dataset["network"] = "";
    this.dispatchEvent(new Event("in"));
    await this.keepPage();
  }

  /** Keeps the page on the phone as it is now; that it could not be kept hinders nobody. */
  async keepPage() {
    if (!this.isIn) return;
    try {
      if (await keepShell()) document.documentElement.dataset["kept"] = "1";
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      notice("shell", "画面を端末に保存できませんでした。電波のない所では開けないことがあります。");
    }
  }
}
