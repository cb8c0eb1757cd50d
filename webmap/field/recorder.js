// @ts-check
// Takes fixes for a corner while one stands still, or for a track while one walks or drives.

import { isSure, meanOf } from "./means.js";
import { newId } from "./database.js";

/** @typedef {import("./types.js").Fix} Fix */
/** @typedef {import("./types.js").Mean} Mean */
/** @typedef {import("./types.js").Source} Source */
/** @typedef {import("./survey.js").Survey} Survey */

/** A track is kept piece by piece; what is not a piece yet stands in a draft. */
const PIECE = 20;
/** More fixes than this do not make a corner surer, only slower to send. */
const MOST_FIXES = 120;

/** Events: "change" (state or figures), "recorded" (detail: {kind, mean, ring}). */
export class Recorder extends EventTarget {
  /**
   * @param {import("./positions.js").Positions} positions
   * @param {import("./database.js").Keeper} keeper
   * @param {number} zone
   */
  constructor(positions, keeper, zone) {
    super();
    this.keeper = keeper;
    this.zone = zone;
    /** @type {"idle" | "corner" | "track" | "paused"} */
    this.state = "idle";
    /** @type {Fix[]} */
    this.fixes = [];
    /** @type {Source} */
    this.source = "geolocation";
    /** @type {Survey | null} */
    this.survey = null;
    this.draft = "";
    /** One after the other: what is written must not be overtaken. @type {Promise<void>} */
    this.writing = Promise.resolve();
    positions.addEventListener("fix", (event) => this.#take(/** @type {CustomEvent} */ (event).detail));
  }

  /** @returns {Mean | null} of the corner so far */
  get mean() {
    return this.state === "corner" && this.fixes.length ? meanOf(this.fixes, this.zone) : null;
  }

  /** @param {Survey} survey */
  startCorner(survey) {
    this.#begin(survey, "corner");
  }

  /** @param {Survey} survey */
  startTrack(survey) {
    this.draft = newId();
    // the name of the draft is locked for as long as this tab lives, so that no other takes it for an orphan
    void navigator.locks?.request(`onomap-field-${this.draft}`, () => new Promise(() => {}));
    this.#begin(survey, "track");
  }

  /** @param {Survey} survey @param {"corner" | "track"} state */
  #begin(survey, state) {
    this.survey = survey;
    this.fixes = [];
    this.#become(state);
  }

  /** @param {Recorder["state"]} state */
  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }

  /** @param {{fix: Fix, source: Source}} heard */
  #take({ fix, source }) {
    if (this.state !== "corner" && this.state !== "track") return;
    // another source is another antenna: its positions are not mixed with those before
    if (this.fixes.length && source !== this.source) this.#changedSource();
    this.source = source;
    this.fixes = [...this.fixes, fix].slice(-MOST_FIXES);
    if (this.state === "corner" && this.mean && isSure(this.mean)) void this.accept();
    else if (this.state === "track") this.#keepTrack();
    this.dispatchEvent(new Event("change"));
  }

  #changedSource() {
    if (this.state === "corner") this.fixes = [];
    else this.#cutPiece();
  }

  /** Takes the corner as sure as it is now. */
  accept() {
    const { survey, fixes, source, mean } = this;
    if (!survey || !mean) return this.writing;
    this.fixes = [];
    this.#become("idle");
    return this.#write(async () => {
      const ring = survey.row.ring;
      await survey.add("corner", fixes, source);
      this.dispatchEvent(new CustomEvent("recorded", { detail: { kind: "corner", mean, ring } }));
    });
  }

  /** Lets go of the corner that is being taken. */
  cancel() {
    this.fixes = [];
    this.#become("idle");
  }

  #keepTrack() {
    if (this.fixes.length >= PIECE) this.#cutPiece();
    else {
      const { survey, draft, fixes, source } = this;
      if (survey) void this.#write(() => this.keeper.putDraft({ id: draft, session: survey.row.id, account: survey.row.account, fixes, source }));
    }
  }

  #cutPiece() {
    const { survey, draft, fixes, source } = this;
    if (!survey || !fixes.length) return;
    this.fixes = [];
    void this.#write(() => survey.add("track", fixes, source, { draft }));
  }

  pause() {
    this.#cutPiece();
    this.#become("paused");
  }

  resume() {
    this.#become("track");
  }

  /** Ends the track; the line is closed to its beginning by the next piece or by the boundary. */
  async stop() {
    this.#cutPiece();
    this.#become("idle");
    await this.writing;
    this.dispatchEvent(new CustomEvent("recorded", { detail: { kind: "track", mean: null, ring: this.survey?.row.ring ?? 0 } }));
  }

  /** @param {() => Promise<void>} work */
  #write(work) {
    this.writing = this.writing.then(work).catch((error) => {
      this.dispatchEvent(new CustomEvent("trouble", { detail: `端末に保存できませんでした（${error.message}）。空き容量を確かめ、もう一度測ってください。` }));
    });
    return this.writing;
  }
}

/**
 * Makes pieces of what a tab left behind that was closed, or a phone that was switched off, while it followed an edge.
 * @param {import("./database.js").Keeper} keeper
 * @param {string} account
 * @param {(id: string) => Promise<Survey | null>} surveyOf
 */
export async function adoptDrafts(keeper, account, surveyOf) {
  let count = 0;
  for (const { id, session, account: owner, fixes, source } of await keeper.drafts()) {
    if (owner !== account) continue;
    await navigator.locks.request(`onomap-field-${id}`, { ifAvailable: true }, async (lock) => {
      const survey = lock ? await surveyOf(session) : null;
      if (!survey) return;
      await survey.add("track", fixes, source, { draft: id });
      count += 1;
    });
  }
  return count;
}
