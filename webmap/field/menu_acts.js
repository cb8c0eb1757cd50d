// @ts-check
// What the menu does.

import { byId, element } from "../shared/dom.js";
import { readPosition } from "../shared/coordinates.js";
import { address } from "../shared/server.js";
import { menuView } from "./menu.js";
import { forgetGround, isPossible } from "./offline.js";
import { qualityName } from "./words.js";

/** @typedef {import("./main.js").FieldPage} FieldPage */

/** @param {FieldPage} page */
export async function openMenu(page) {
  const box = /** @type {HTMLDialogElement} */ (byId("more"));
  const [refused, surveys] = await Promise.all([page.keeper.refused(page.about.account), page.keeper.surveys(page.about.account), page.outbox.look()]);
  const shown = { state: page.outbox.now, refused, surveys, current: page.survey?.row.id ?? "" };
  byId("more-body").replaceChildren(menuView(page.person.isIn ? page.person.about : null, shown, actsOf(page, box)));
  if (!box.open) box.showModal();
}

/**
 * @param {FieldPage} page
 * @param {HTMLDialogElement} box
 * @returns {import("./menu.js").Acts}
 */
function actsOf(page, box) {
  const { surroundings, guide, positions } = page;
  return {
    set: (name, on) => page.set(name, on),
    options: () => page.options,
    canSpeak: guide.canSpeak,
    hasCable: positions.hasCable,
    size: (radius) => surroundings.size(radius),
    take: async (radius) => {
      const said = await surroundings.take(radius);
      byId("ground-words").textContent = surroundings.words;
      return said;
    },
    forget: async () => {
      await surroundings.forget();
      byId("ground-words").textContent = surroundings.words;
    },
    groundWords: () => surroundings.words,
    typed: (text) => addTyped(page, text),
    sendLog: (file, text, use) => sendLog(page, file, text, use),
    plug: (baud) => positions.plug(baud),
    open: (id) => (box.close(), void page.open(id)),
    begin: () => (box.close(), void page.begin()),
    again: () => page.outbox.again(),
    anew: async () => {
      const rows = await page.keeper.refused(page.about.account);
      await page.keeper.judge(new Map(rows.map((row) => [row.id, { state: /** @type {const} */ ("unsent") }])));
      page.outbox.again();
      box.close();
    },
    leave: () => leave(page),
    keepsPages: isPossible,
  };
}

/**
 * @param {FieldPage} page
 * @param {string} text
 */
async function addTyped(page, text) {
  const place = readPosition(text, page.zone);
  if (!place) throw new Error("位置として読めません。「37.28612, 140.62534」のように、緯度と経度を書いてください。");
  if (!page.survey) throw new Error("先に「測り始める」を押して、圃場の名前を決めてください。");
  const [lon, lat] = place;
  await page.survey.add("corner", [{ at: new Date().toISOString(), lon, lat }], "typed", { note: text.slice(0, 120) });
  page.outbox.again();
  await page.outbox.look();
  return "角として記録しました。入力した位置の誤差は分からないため、精度は不明として扱います。";
}

/**
 * Brings a receiver's log into the survey at the town hall, which tells what it found in it.
 * @param {FieldPage} page
 * @param {File | null} file
 * @param {string} text
 * @param {string} use "track" or "corner"
 */
async function sendLog(page, file, text, use) {
  const { survey, outbox } = page;
  const content = file ?? (text.trim() ? new Blob([text], { type: "text/plain" }) : null);
  if (!survey) throw new Error("先に「測り始める」を押して、圃場の名前を決めてください。");
  if (!content) throw new Error("ファイルを選ぶか、記録を貼り付けてください。");
  await survey.declare();
  if (!(await outbox.emptied())) throw new Error("先に、端末の未送信の記録を送る必要があります。電波のある所で、もう一度押してください。");
  const url = address(`surveys/${survey.row.id}/nmea`, { use, ring: String(survey.row.ring) });
  const response = await fetch(url, { method: "POST", headers: { "content-type": "text/plain" }, body: content });
  const answer = await response.json();
  if (!response.ok) throw new Error(String(answer.detail ?? "送れませんでした。"));
  return logWords(answer);
}

/** @param {{fixes: number, already: boolean, qualities: Record<string, number>, refused: Record<string, number>}} answer */
function logWords({ fixes, already, qualities, refused }) {
  const counts = Object.entries(qualities).map(([quality, count]) => `${qualityName(quality === "unknown" ? undefined : Number(quality)) || "品質不明"} ${count}`);
  const wrong = Object.values(refused).reduce((sum, count) => sum + count, 0);
  const lost = wrong ? `読めない文が${wrong}ありました。` : "";
  return `${already ? "前に送った記録と同じです。" : "受け取りました。"}位置 ${fixes}点（${counts.join("、")}）。${lost}`;
}

/**
 * Signs out. What waits to be sent stays on the phone for whoever recorded it; what was taken along does not.
 * @param {FieldPage} page
 */
async function leave(page) {
  await forgetGround();
  await page.keeper.putValue("about", undefined);
  const token = page.person.about?.token ?? "";
  const form = element("form", { method: "post", action: address("logout").href }, element("input", { type: "hidden", name: "token", value: token }));
  document.body.append(form);
  form.submit();
}
