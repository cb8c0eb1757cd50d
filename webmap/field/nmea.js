// @ts-check
// Sentences of a receiver as they come over a cable: GGA with its quality, GST with its error. Whole logs are read by the server.

/** @typedef {import("./types.js").Fix} Fix */

/** The receiver's own error is believed for the epoch it belongs to, and not longer. */
const GST_LIVES_MS = 5000;

/** Whether a sentence is whole: a checksum must be there, and be right. @param {string} line */
export function isWhole(line) {
  const found = /^[$!]([^*]*)\*([0-9A-Fa-f]{2})$/.exec(line);
  if (!found) return false;
  const sum = [.../** @type {string} */ (found[1])].reduce((bits, letter) => bits ^ letter.charCodeAt(0), 0);
  return sum === parseInt(/** @type {string} */ (found[2]), 16);
}

/** Puts parts of a stream together to sentences and these to fixes. */
export class NmeaReader {
  constructor() {
    this.rest = "";
    this.bad = 0;
    /** @type {{accuracy_m: number, at: number} | null} */
    this.gst = null;
  }

  /**
   * @param {string} text as much as came
   * @param {Date} now
   * @returns {Fix[]}
   */
  read(text, now = new Date()) {
    const lines = (this.rest + text).split(/\r?\n/);
    // a line without an end is not kept for ever
    this.rest = (lines.pop() ?? "").slice(-500);
    return lines.flatMap((line) => this.#fixOf(line.trim(), now));
  }

  /**
   * @param {string} line
   * @param {Date} now
   * @returns {Fix[]}
   */
  #fixOf(line, now) {
    if (!line.startsWith("$")) return [];
    if (!isWhole(line)) {
      this.bad += 1;
      return [];
    }
    const parts = line.slice(1, -3).split(",");
    const kind = (parts[0] ?? "").slice(2);
    if (kind === "GST") this.#hearError(parts, now);
    return kind === "GGA" ? this.#position(parts, now) : [];
  }

  /** @param {string[]} parts @param {Date} now */
  #hearError(parts, now) {
    const [north, east] = [number(parts[6]), number(parts[7])];
    if (north === undefined || east === undefined) return;
    this.gst = { accuracy_m: Math.sqrt((north * north + east * east) / 2), at: now.getTime() };
  }

  /** @param {string[]} parts @param {Date} now @returns {Fix[]} */
  #position(parts, now) {
    const [lat, lon, quality] = [degrees(parts[2], parts[3], "S"), degrees(parts[4], parts[5], "W"), number(parts[6])];
    if (lat === undefined || lon === undefined || quality === undefined || quality === 0) return [];
    const isFresh = this.gst !== null && now.getTime() - this.gst.at < GST_LIVES_MS;
    const told = {
      height_m: number(parts[9]), geoid_separation_m: number(parts[11]), hdop: number(parts[8]), satellites: number(parts[7]),
      accuracy_m: isFresh ? this.gst?.accuracy_m : undefined,
    };
    const known = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
    return [{ at: instant(parts[1] ?? "", now), lon, lat, quality, ...known }];
  }
}

/** @param {string | undefined} text */
function number(text) {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/**
 * ddmm.mmmm and dddmm.mmmm to degrees.
 * @param {string | undefined} text
 * @param {string | undefined} side
 * @param {string} negative
 */
function degrees(text, side, negative) {
  const found = /^(\d{2,3})(\d{2}(?:\.\d+)?)$/.exec(text ?? "");
  if (!found || !side) return undefined;
  const value = Number(found[1]) + Number(found[2]) / 60;
  return side === negative ? -value : value;
}

/**
 * The time of day of the sentence on the day that is nearest to the phone's clock; that clock where it says none.
 * @param {string} text hhmmss.ss UTC
 * @param {Date} now
 */
function instant(text, now) {
  const found = /^(\d{2})(\d{2})(\d{2}(?:\.\d+)?)$/.exec(text);
  if (!found) return now.toISOString();
  const day = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  const time = day + ((Number(found[1]) * 60 + Number(found[2])) * 60 + Number(found[3])) * 1000;
  const days = Math.round((now.getTime() - time) / 86_400_000);
  return new Date(time + days * 86_400_000).toISOString();
}
