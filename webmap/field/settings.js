// @ts-check
// What a survey hangs on, asked before it begins and remembered on the phone for the next one.

import { byId, element } from "../shared/dom.js";

/** @typedef {import("./types.js").Settings} Settings */

/**
 * @param {import("./database.js").Keeper} keeper
 * @param {{id: string, name: string}[]} fields that may be measured again
 * @param {boolean} claimed
 * @returns {Promise<Settings | null>} null where the person thought better of it
 */
export async function askSettings(keeper, fields, claimed) {
  const form = /** @type {HTMLFormElement} */ (byId("settings-form"));
  const box = /** @type {HTMLDialogElement} */ (byId("settings"));
  /** @type {Partial<Settings> | undefined} */
  const before = await keeper.value("settings");
  const known = form.elements;
  const input = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (known.namedItem(name));
  for (const name of /** @type {const} */ (["base_station", "mount_point", "epoch", "receiver", "antenna_height_m"])) {
    if (before?.[name] !== undefined) input(name).value = String(before[name]);
  }
  input("field_name").value = "";
  const choice = /** @type {HTMLSelectElement} */ (known.namedItem("field_id"));
  choice.replaceChildren(element("option", { value: "" }, "新しい圃場"), ...fields.map(({ id, name }) => element("option", { value: id }, name)));
  choice.onchange = () => {
    const field = fields.find(({ id }) => id === choice.value);
    if (field) input("field_name").value = field.name;
  };
  box.returnValue = "no";
  box.showModal();
  await new Promise((resolve) => box.addEventListener("close", resolve, { once: true }));
  if (box.returnValue !== "yes") return null;
  /** @type {Settings} */
  const settings = {
    field_name: input("field_name").value.trim(), field_id: choice.value, base_station: input("base_station").value.trim(), mount_point: input("mount_point").value.trim(),
    epoch: input("epoch").value === "current" ? "current" : "reference", receiver: input("receiver").value.trim(), antenna_height_m: Number(input("antenna_height_m").value), claimed_fix: claimed,
  };
  await keeper.putValue("settings", settings);
  return settings;
}
