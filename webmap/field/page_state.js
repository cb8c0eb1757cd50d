// @ts-check
// What the page says of its own state: notices, the buttons that are there, what waits to be sent.

import { byId, element } from "../shared/dom.js";
import { ringName, small } from "./words.js";
import { LEAST_FIXES } from "./means.js";

/** @type {Map<string, HTMLElement>} */
const shown = new Map();

/**
 * Shows a sentence under a name, takes its place when it is there, and takes it away when it is empty.
 * @param {string} name
 * @param {string} sentence
 * @param {HTMLElement | null} [more]
 */
export function notice(name, sentence, more = null) {
  const before = shown.get(name);
  if (before && before.dataset["said"] === sentence) return;
  before?.remove();
  shown.delete(name);
  if (!sentence) return;
  const bar = element("p", { class: "notice", "data-said": sentence }, element("span", {}, sentence), more);
  shown.set(name, bar);
  byId("notices").append(bar);
}

/**
 * The buttons and the words above them.
 * @param {import("./recorder.js").Recorder} recorder
 * @param {import("./survey.js").Survey | null} survey
 */
export function showKeys(recorder, survey) {
  const state = survey ? recorder.state : "none";
  const before = document.body.dataset["state"];
  const focused = document.activeElement?.closest(".keys[data-when]") !== null && document.activeElement?.closest(".keys[data-when]") !== undefined;
  document.body.dataset["state"] = state;
  byId("doing").textContent = doing(recorder, survey);
  const accept = /** @type {HTMLButtonElement} */ (byId("accept"));
  accept.disabled = (recorder.mean?.count ?? 0) < LEAST_FIXES;
  accept.textContent = recorder.mean ? `この値で記録（±${small(recorder.mean.sigma_m)}）` : "この値で記録";
  byId("pause").textContent = state === "paused" ? "続ける" : "一時停止";
  const claim = /** @type {HTMLInputElement} */ (byId("claim"));
  claim.disabled = survey?.row.begun ?? false;
  // who uses the keyboard stays among the buttons that have taken the others' place
  if (focused && before !== state) /** @type {HTMLElement | null} */ (document.querySelector(`.keys[data-when~="${state}"] button:not(:disabled)`))?.focus();
}

/**
 * @param {import("./recorder.js").Recorder} recorder
 * @param {import("./survey.js").Survey | null} survey
 */
function doing(recorder, survey) {
  if (!survey) return "圃場の名前と基準局を決めて始めます。";
  const ring = ringName(survey.row.ring);
  if (recorder.state === "corner") {
    const mean = recorder.mean;
    if (!mean) return "動かずに待ってください。位置を集めています…";
    return `動かずに… ${mean.count}回（${LEAST_FIXES}回以上）、ばらつき ${small(mean.scatter_m)}`;
  }
  if (recorder.state === "track") return `${ring}のふちを記録中：${survey.line(survey.row.ring).length + recorder.fixes.length}点`;
  if (recorder.state === "paused") return `${ring}のふちは一時停止中（歩いても記録しません）`;
  return `${survey.row.settings.field_name}：${ring}　角 ${survey.itemsOf(survey.row.ring).filter((item) => item.kind === "corner").length}`;
}

/**
 * What waits, in the head of the page.
 * @param {import("./outbox.js").Outbox["now"]} now
 */
export function showWaiting({ unsent, refused, others, state, why }) {
  const pill = byId("waiting");
  pill.hidden = !unsent && !refused;
  pill.textContent = unsent ? `未送信 ${unsent}件` : `受付不可 ${refused}件`;
  document.documentElement.dataset["unsent"] = String(unsent);
  document.documentElement.dataset["sending"] = state;
  const login = element("a", { href: "./login?next=%2Ffield", class: "login" }, "ログインする");
  notice("signin", state === "signin" ? why : "", state === "signin" ? login : null);
  notice("others", others ? `この端末には、ほかの利用者の未送信の記録が${others}件あります。その人がログインすると送られます。` : "");
}
