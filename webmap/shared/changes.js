// @ts-check
// Hears what changes on the server: one stream of events, given up while nobody looks and taken up where it was left.

import { address } from "./server.js";

/** @typedef {import("./tiles.js").Box} Box */
/** @typedef {{layer: string, boxes: Box[] | null, seq: number, notice: string}} Change boxes are null when any part of the layer may have changed */

const RETRY_MS = 3_000;

/**
 * Events: "changed" (detail: Change), "reset" when anything may have changed, "ready" when nothing more is missed, and
 * "lost" when the server is not heard. A browser opens six connections to a server over HTTP/1.1, and every stream holds
 * one: a page that is not seen must not keep it from those that are.
 */
export class Changes extends EventTarget {
  constructor() {
    super();
    /** @type {EventSource | null} */
    this.source = null;
    this.last = "";
    /** The name of the last change that was told, which goes out with every tile that is asked for: see `afterHeaders`. */
    this.notice = "";
    this.timer = 0;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#close() : this.#open()));
    window.addEventListener("pagehide", () => this.#close());
    window.addEventListener("pageshow", () => this.#open());
    this.#open();
  }

  #open() {
    if (this.source || document.hidden) return;
    const source = new EventSource(address("events", this.last ? { after: this.last } : {}));
    this.source = source;
    source.addEventListener("ready", (event) => this.#hear(event, "ready"));
    source.addEventListener("reset", (event) => this.#hear(event, "reset"));
    source.addEventListener("changed", (event) => this.#hear(event, "changed"));
    source.addEventListener("error", () => this.#recover(source));
  }

  #close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  /**
   * @param {MessageEvent<string>} event
   * @param {string} name
   */
  #hear(event, name) {
    this.last = event.lastEventId;
    const detail = JSON.parse(event.data);
    this.notice = detail.notice ?? (name === "reset" ? "" : this.notice);
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** @returns {Record<string, string>} with which no server of the store answers from before the last change that was told */
  get afterHeaders() {
    return this.notice ? { "X-Onomap-After": this.notice } : {};
  }

  /**
   * The browser tries again by itself after a broken stream, but not after an answer that is none.
   * @param {EventSource} source
   */
  #recover(source) {
    if (source !== this.source) return;
    this.dispatchEvent(new Event("lost"));
    if (source.readyState !== EventSource.CLOSED) return;
    this.#close();
    this.timer = window.setTimeout(() => this.#open(), RETRY_MS);
  }
}
