// @ts-check
// How figures, areas and days are written on a screen of the town hall.

const SQUARE_METRES_PER_TSUBO = 400 / 121;
const LISTED_GROUPS = 6;

/**
 * @param {number} value
 * @param {number} digits
 */
export function figure(value, digits) {
  return value.toLocaleString("ja-JP", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * 町・反・畝・歩 (1歩 = 1坪 = 400/121㎡, 30歩 = 1畝, 10畝 = 1反, 10反 = 1町), rounded to the nearest 歩.
 * @param {number} area square metres
 */
export function traditionalArea(area) {
  const bu = Math.round(area / SQUARE_METRES_PER_TSUBO);
  const parts = [
    [Math.floor(bu / 3000), "町"],
    [Math.floor(bu / 300) % 10, "反"],
    [Math.floor(bu / 30) % 10, "畝"],
    [bu % 30, "歩"],
  ];
  const written = parts.filter(([count]) => count !== 0).map(([count, unit]) => `${count}${unit}`).join("");
  return written || "0歩";
}

/**
 * One area in every unit that the counter is asked for.
 * @param {number} area square metres
 */
export function areaInUnits(area) {
  return {
    squareMetres: `${figure(area, 2)}㎡`,
    ares: `${figure(area / 100, 2)}a`,
    tan: `${figure(area / (300 * SQUARE_METRES_PER_TSUBO), 3)}反`,
    se: `${figure(area / (30 * SQUARE_METRES_PER_TSUBO), 2)}畝`,
    tsubo: `${figure(area / SQUARE_METRES_PER_TSUBO, 2)}坪`,
    traditional: traditionalArea(area),
  };
}

/** @param {number} length metres */
export function metres(length) {
  return length >= 10000 ? `${figure(length / 1000, 2)} km` : `${figure(length, length < 100 ? 2 : 1)} m`;
}

/**
 * 和暦 of an ISO day or instant; a day is kept as the day it names, whatever the time zone of the machine.
 * @param {string | null | undefined} iso
 */
export function japaneseDay(iso) {
  if (!iso) return "不明";
  const day = /^\d{4}-\d{2}-\d{2}$/.test(iso) ? new Date(`${iso}T00:00:00+09:00`) : new Date(iso);
  if (Number.isNaN(day.getTime())) return iso;
  const format = new Intl.DateTimeFormat("ja-JP-u-ca-japanese", { dateStyle: "long", timeZone: "Asia/Tokyo" });
  return format.format(day);
}

/** @param {number} area square metres */
export function squareMetres(area) {
  return `${figure(area, 2)}㎡`;
}

/**
 * The measures of a finding, a line each, in the words of the answer sheet.
 * @param {import("./types.js").Measure} measure
 * @returns {string[]}
 */
export function measureLines(measure) {
  const groups = measure.groups ?? [];
  const listed = groups.length > 1 ? groups.slice(0, LISTED_GROUPS).map((group) => `${group.label ?? ""}：${taken(group)}`) : [];
  const rest = groups.length > LISTED_GROUPS && `ほか${groups.length - LISTED_GROUPS}区分`;
  const lines = [taken(measure), ...listed, rest, uncertainty(measure)];
  return lines.filter((line) => typeof line === "string" && line !== "").map(String);
}

/** @param {import("./types.js").Measure} measure */
function taken(measure) {
  const parts = [];
  if (isNumber(measure.overlap_m2)) {
    const share = isNumber(measure.share) ? `（筆の${shareText(measure.share)}）` : "";
    parts.push(`重なり ${squareMetres(measure.overlap_m2)}${share}`);
  }
  if (isNumber(measure.length_m)) parts.push(`延長 ${metres(measure.length_m)}`);
  if (isNumber(measure.distance_m)) parts.push(`距離 ${metres(measure.distance_m)}`);
  if (isNumber(measure.count)) parts.push(`${figure(measure.count, 0)}件`);
  return parts.join("、");
}

/** @param {import("./types.js").Measure} measure */
function uncertainty(measure) {
  const { overlap_min_m2: least, overlap_max_m2: most, band_m: band } = measure;
  const parts = [];
  if (isNumber(least) && isNumber(most) && most - least >= 0.005) parts.push(`誤差を見込むと ${figure(least, 2)}〜${squareMetres(most)}`);
  if (isNumber(band)) parts.push(`判定の幅 ±${figure(band, 2)} m`);
  return parts.join("、");
}

/**
 * A part is never rounded to nothing or to all.
 * @param {number} share 0 to 1
 */
export function shareText(share) {
  if (share > 0 && share < 0.001) return "0.1 %未満";
  if (share > 0.999 && share < 1) return "99.9 %超";
  return `${figure(share * 100, 1)} %`;
}

/**
 * @param {unknown} value
 * @returns {value is number}
 */
function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}
