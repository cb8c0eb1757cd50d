// @ts-check
// The words of the switch, and moments as clerks read them.

/** @type {Record<import("./types.js").Phase, string>} */
export const PHASES = { normal: "平常時", alert: "警戒", disaster: "災害発生", recovery: "復旧" };
/** @type {Record<import("./types.js").SiteState, string>} */
export const STATES = { preparing: "準備中", open: "開設", full: "満員", closed: "閉鎖", unknown: "不明" };
export const LAYERS = { shelters: "避難所", evacuation_sites: "避難場所" };
/** @type {Record<number, string>} */
export const LEVELS = { 5: "緊急安全確保・特別警報", 4: "避難指示・危険警報", 3: "高齢者等避難・警報", 2: "注意報", 1: "今後の情報に注意" };

const MOMENT = new Intl.DateTimeFormat("ja-JP", { month: "numeric", day: "numeric", hour: "numeric", minute: "2-digit", timeZone: "Asia/Tokyo" });

/** @param {string | null} moment */
export function moment(moment) {
  return moment ? MOMENT.format(new Date(moment)) : "";
}

/**
 * What is in a field for a day and time, which means Japan's, as the server wants it.
 * @param {string} value
 */
export function fromField(value) {
  return value ? `${value.length === 16 ? `${value}:00` : value}+09:00` : null;
}
