// @ts-check
// Figures and days in the language of the reader, and how a text of the data is marked as Japanese.

import { element } from "../shared/dom.js";
import { t } from "../shared/words.js";

export const language = document.documentElement.dataset["language"] ?? "ja";
const locale = language === "ja-easy" ? "ja" : language;

/**
 * @param {number} value
 * @param {number} [digits]
 */
export function number(value, digits = 0) {
  return value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * A day, with its time where an instant is given; in Japanese by 和暦, as the town writes it.
 * @param {string | null | undefined} iso
 */
export function day(iso) {
  if (!iso) return t("no_day");
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(iso);
  const moment = new Date(isDay ? `${iso}T00:00:00+09:00` : iso);
  if (Number.isNaN(moment.getTime())) return iso;
  const calendar = locale === "ja" ? "ja-JP-u-ca-japanese" : locale;
  return new Intl.DateTimeFormat(calendar, { dateStyle: "long", ...(isDay ? {} : { timeStyle: "short" }), timeZone: "Asia/Tokyo" }).format(moment);
}

/**
 * A text out of the data: it stays Japanese in every language, and is read out as such.
 * @param {string} text
 */
export function japanese(text) {
  return element("span", document.documentElement.lang === "ja" ? {} : { lang: "ja" }, text);
}

/** @param {import("./types.js").PublishedLayer} layer */
export function titleOf(layer) {
  const key = `layer_${layer.id}`;
  const said = t(key);
  return said === key ? layer.title : said;
}

/**
 * Metres as far as they can be meant: tens above a hundred.
 * @param {number} metres
 */
export function metres(metres) {
  return number(metres > 100 ? Math.round(metres / 10) * 10 : Math.max(1, Math.round(metres)));
}
