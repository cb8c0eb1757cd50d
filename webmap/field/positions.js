// @ts-check
// Where positions come from: the phone itself, or a receiver on a cable. The last ten are kept, to see how they scatter.

import { NmeaReader } from "./nmea.js";

/** @typedef {import("./types.js").Fix} Fix */
/** @typedef {import("./types.js").Source} Source */

const KEPT = 10;
const SILENT_MS = 10_000;
/** @type {Record<number, string>} */
const TROUBLES = {
  1: "位置の利用が許可されていません。ブラウザーの設定で、このサイトの「位置情報」を許可してください。",
  2: "いまの位置が分かりません。空が開けた場所に出るか、受信機のアプリを確かめてください。",
  3: "位置がなかなか届きません。受信機のアプリを確かめてください。",
};

/** Events: "fix" (detail: {fix, source}), "trouble" (detail: a sentence, empty when it is over). */
export class Positions extends EventTarget {
  constructor() {
    super();
    /** @type {Fix[]} */
    this.last = [];
    /** @type {Source} */
    this.source = "geolocation";
    this.watching = 0;
    this.heard = Date.now();
    /** @type {{close: () => Promise<void>} | null} */
    this.cable = null;
    setInterval(() => this.#tellSilence(), SILENT_MS / 2);
  }

  /** Whether this browser gives positions at all here; it does so over https only. */
  get isPossible() {
    return isSecureContext && "geolocation" in navigator;
  }

  /** @returns {Fix | undefined} */
  get now() {
    return this.last.at(-1);
  }

  start() {
    if (!this.isPossible || this.watching) return;
    const options = { enableHighAccuracy: true, maximumAge: 0, timeout: 30_000 };
    this.watching = navigator.geolocation.watchPosition((position) => this.#hear(position), (error) => this.#complain(TROUBLES[error.code] ?? error.message), options);
  }

  /** @param {GeolocationPosition} position */
  #hear({ coords, timestamp }) {
    if (this.cable) return;
    /** @type {Fix} */
    const fix = { at: new Date(timestamp).toISOString(), lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy };
    if (coords.altitude !== null) fix.height_m = coords.altitude;
    const before = this.now;
    // a browser may say the same position twice
    if (before && before.at === fix.at && before.lon === fix.lon && before.lat === fix.lat) return;
    this.take(fix, "geolocation");
  }

  /**
   * @param {Fix} fix
   * @param {Source} source
   */
  take(fix, source) {
    this.source = source;
    this.heard = Date.now();
    this.last = [...this.last, fix].slice(-KEPT);
    this.dispatchEvent(new CustomEvent("trouble", { detail: "" }));
    this.dispatchEvent(new CustomEvent("fix", { detail: { fix, source } }));
  }

  /** @param {string} sentence */
  #complain(sentence) {
    this.dispatchEvent(new CustomEvent("trouble", { detail: sentence }));
  }

  #tellSilence() {
    if ((this.watching || this.cable) && this.last.length && Date.now() - this.heard > SILENT_MS) this.#complain("位置が止まっています。表示は少し前の位置です。");
  }

  /** Whether a receiver can be read over a cable: browsers of a desk can. */
  get hasCable() {
    return "serial" in navigator;
  }

  /**
   * Lets the person choose a receiver, and reads it until `unplug`.
   * @param {number} baudRate
   */
  async plug(baudRate) {
    const serial = /** @type {any} */ (navigator).serial;
    const port = await serial.requestPort();
    await port.open({ baudRate });
    const reader = port.readable.getReader();
    const forget = () => {
      this.cable = null;
      this.last = [];
    };
    this.last = [];
    this.cable = { close: async () => (forget(), await reader.cancel()) };
    this.#readOn(reader).catch((error) => this.#complain(`受信機が切れました（${error.message}）。`)).finally(async () => {
      forget();
      reader.releaseLock();
      await port.close();
    });
  }

  async unplug() {
    await this.cable?.close();
  }

  /** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
  async #readOn(reader) {
    const [nmea, decoder] = [new NmeaReader(), new TextDecoder("ascii")];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const fix of nmea.read(decoder.decode(value, { stream: true }))) this.take(fix, "nmea");
    }
  }
}
