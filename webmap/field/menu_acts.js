// @ts-check
// What the menu does.

import { byId, element } from "../shared/dom.js";
import { readPosition } from "../shared/coordinates.js";
import { address } from "../shared/server.js";
import { menuView } from "./menu.js";
import { forgetGround, isPossible } from "./offline.js";

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
    plug: (baud) => positions.plug(baud),
    open: (id) => (box.close(), void page.open(id)),
    begin: () => (box.close(), void page.begin()),
    again: () => page.outbox.again(),
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
