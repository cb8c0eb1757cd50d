// @ts-check
// The five warning levels, in the colours that 内閣府 fixed in 2020 and with the names of 2026.

import { element } from "../shared/dom.js";
import { t } from "../shared/words.js";

const LEVELS = [5, 4, 3, 2, 1];
const MUST_LEAVE = 5;

/** What each level means, folded: the line between 5 and 4 says by when everybody has to have left. */
export function levels() {
  const rows = LEVELS.flatMap((level) => {
    const row = element("li", {}, levelMark(level), t(`level_${level}`));
    return level === MUST_LEAVE ? [row, element("li", { class: "must-leave" }, t("level_line"))] : [row];
  });
  return element("details", { class: "levels" }, element("summary", {}, t("levels_title")), element("ul", {}, ...rows));
}

/** @param {number} level 1 to 5 */
export function levelMark(level) {
  return element("span", { class: `level level-${level}`, "aria-hidden": "true" }, String(level));
}
