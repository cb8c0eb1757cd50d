// @ts-check
// Numbers, days and states as a clerk writes them.

/** @type {Record<string, string>} */
export const HEALTH = { ok: "正常", attention: "注意", stopped: "停止" };
/** @type {Record<string, string>} */
export const KINDS = { town: "町の固定基準局", provider: "事業者の基準局", geonet: "電子基準点" };
export const EPOCHS = { reference: "元期", current: "今期" };
export const STATES = { planned: "計画", actual: "実績" };

const MOMENT = new Intl.DateTimeFormat("ja-JP", { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "2-digit", timeZone: "Asia/Tokyo" });
const DAY = new Intl.DateTimeFormat("ja-JP", { year: "numeric", month: "numeric", day: "numeric", timeZone: "Asia/Tokyo" });
const WHOLE = new Intl.NumberFormat("ja-JP", { maximumFractionDigits: 0 });

/** @param {string | null} text */
export function moment(text) {
  return text ? MOMENT.format(new Date(text)) : "";
}

/** @param {string | null} text */
export function day(text) {
  return text ? DAY.format(new Date(text)) : "";
}

/** @param {number} value */
export function whole(value) {
  return WHOLE.format(value);
}

/**
 * The year as people call it in spring: 2026年産（令和8年産）.
 * @param {number} year
 */
export function season(year) {
  return year >= 2019 ? `${year}年産（令和${year === 2019 ? "元" : year - 2018}年産）` : `${year}年産`;
}

/**
 * A difference with its sign, in metres.
 * @param {number | null} metres
 */
export function signed(metres) {
  if (metres === null) return "－";
  return `${metres < 0 ? "−" : "+"}${Math.abs(metres).toFixed(3)}`;
}
