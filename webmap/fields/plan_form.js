// @ts-check
// The plan of one field in a dialog: parts with a crop and an area, what is left, and every version there was.

import { byId, element } from "../shared/dom.js";
import { figure } from "../shared/units.js";
import { STATES, moment, season, whole } from "./words.js";

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").Crop} Crop */
/** @typedef {import("./types.js").PartWanted} PartWanted */

/** Events: "save" (detail: PartWanted[]), "restore" (detail: version). */
export class PlanForm extends EventTarget {
  constructor() {
    super();
    this.dialog = /** @type {HTMLDialogElement} */ (byId("plan-dialog"));
    /** @type {Plan | null} */
    this.plan = null;
    /** @type {Crop[]} */
    this.crops = [];
    byId("add-part").addEventListener("click", () => this.#add(null, true));
    byId("plan-close").addEventListener("click", () => this.dialog.close());
    byId("plan-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.dispatchEvent(new CustomEvent("save", { detail: this.parts() }));
    });
    byId("parts").addEventListener("input", () => this.#showRest());
  }

  /**
   * @param {Plan} plan
   * @param {Crop[]} crops
   */
  open(plan, crops) {
    this.crops = crops;
    this.show(plan);
    if (!this.dialog.open) this.dialog.showModal();
  }

  close() {
    this.dialog.close();
  }

  /** @param {Plan} plan */
  show(plan) {
    this.plan = plan;
    byId("plan-title").textContent = `${plan.name}　${season(plan.year)}`;
    const sigma = plan.sigma_m === null ? "" : `（標準誤差 ${plan.sigma_m.toFixed(3)} m）`;
    byId("plan-about").textContent = `${plan.oaza ?? "大字不明"}　面積 ${whole(plan.area_m2)}㎡＝${figure(plan.area_a, 2)}a＝${figure(plan.area_tan, 2)}反　${plan.basis}${sigma}`;
    byId("plan-trouble").hidden = true;
    byId("parts").replaceChildren();
    for (const part of plan.parts) this.#add(part, false);
    if (!plan.parts.length && plan.may_edit) this.#add(null, false);
    for (const id of ["add-part", "plan-save"]) byId(id).hidden = !plan.may_edit;
    byId("versions").replaceChildren(...this.#versions(plan));
    byId("plan-history").hidden = !plan.versions.length;
    this.#showRest();
  }

  /** @param {string} sentence */
  complain(sentence) {
    const box = byId("plan-trouble");
    box.textContent = sentence;
    box.hidden = false;
    box.scrollIntoView({ block: "nearest" });
  }

  /** @returns {PartWanted[]} those that name a crop */
  parts() {
    return [...byId("parts").children].map((row) => {
      const value = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (row.querySelector(`[name="${name}"]`)).value.trim();
      const amount = value("amount") === "" ? null : Number(value("amount").replaceAll(",", ""));
      const share = value("unit") === "share";
      const state = value("state") === "actual" ? "actual" : "planned";
      return { crop: value("crop"), area_m2: share || amount === null ? null : amount * (value("unit") === "a" ? 100 : 1), share: share && amount !== null ? amount / 100 : null, variety: value("variety"), state: /** @type {"planned" | "actual"} */ (state), note: value("note") };
    }).filter((part) => part.crop !== "");
  }

  /**
   * @param {PartWanted | null} part
   * @param {boolean} focus
   */
  #add(part, focus) {
    const number = byId("parts").children.length + 1;
    const off = !this.plan?.may_edit;
    const groups = new Map(this.crops.map((crop) => [crop.group, /** @type {Crop[]} */ ([])]));
    for (const crop of this.crops) groups.get(crop.group)?.push(crop);
    const chosen = (/** @type {boolean} */ is) => is || null;
    const crop = element("select", { name: "crop", disabled: off }, element("option", { value: "" }, "（なし）"),
      ...[...groups].map(([group, crops]) => element("optgroup", { label: group }, ...crops.map((one) => element("option", { value: one.id, selected: chosen(one.id === part?.crop) }, one.label)))));
    const amount = part?.share !== null && part?.share !== undefined ? String(Math.round(part.share * 10_000) / 100) : (part?.area_m2 ?? "");
    const units = element("select", { name: "unit", disabled: off }, element("option", { value: "m2" }, "㎡"), element("option", { value: "a" }, "a"), element("option", { value: "share", selected: chosen(typeof part?.share === "number") }, "％"));
    const states = element("select", { name: "state", disabled: off }, ...Object.entries(STATES).map(([id, words]) => element("option", { value: id, selected: chosen(id === part?.state) }, words)));
    const remove = element("button", { type: "button", disabled: off, "aria-label": `区画${number}を消す`, onclick: () => this.#remove(row) }, "消す");
    const row = element("fieldset", { class: "part" }, element("legend", {}, `区画${number}`),
      element("label", { class: "wide" }, "作物", crop),
      element("label", {}, "面積（空なら残り全部）", element("span", { class: "pair" }, element("input", { type: "text", name: "amount", inputmode: "decimal", value: amount, disabled: off, autocomplete: "off" }), units)),
      element("label", {}, "品種", element("input", { type: "text", name: "variety", maxlength: 60, value: part?.variety ?? "", disabled: off, autocomplete: "off" })),
      element("label", {}, "計画・実績", states),
      element("label", {}, "備考", element("input", { type: "text", name: "note", maxlength: 200, value: part?.note ?? "", disabled: off, autocomplete: "off" })),
      off ? null : remove);
    units.setAttribute("aria-label", "面積の単位");
    byId("parts").append(row);
    if (focus) crop.focus();
    this.#showRest();
  }

  /** @param {HTMLElement} row */
  #remove(row) {
    row.remove();
    byId("add-part").focus();
    [...byId("parts").querySelectorAll("legend")].forEach((legend, index) => (legend.textContent = `区画${index + 1}`));
    this.#showRest();
  }

  #showRest() {
    if (!this.plan) return;
    const field = this.plan.area_m2;
    const parts = this.parts();
    const given = parts.reduce((sum, part) => sum + (part.area_m2 ?? (part.share === null ? 0 : part.share * field)), 0);
    const open = parts.filter((part) => part.area_m2 === null && part.share === null).length;
    const rest = field - given;
    const text = !Number.isFinite(given) ? "面積は数で書いてください。" : rest < -0.5 ? `圃場の面積を ${whole(-rest)}㎡ 超えています。` : open === 1 ? `面積の空いた区画は ${whole(rest)}㎡（${figure(rest / 100, 2)}a）になります。` : open > 1 ? "面積を空にできる区画は一つだけです。" : `残り ${whole(Math.max(rest, 0))}㎡ は計画がありません。`;
    byId("plan-rest").textContent = parts.length ? text : "計画はありません。";
    byId("plan-rest").classList.toggle("late", rest < -0.5 || open > 1 || !Number.isFinite(given));
  }

  /** @param {Plan} plan */
  #versions(plan) {
    return plan.versions.map((one, index) => element("li", {},
      element("span", {}, `${moment(one.made_at)}　${one.name}　${one.action}：${one.words}`),
      index > 0 && plan.may_edit ? element("button", { type: "button", class: "small", onclick: () => this.dispatchEvent(new CustomEvent("restore", { detail: one.version })) }, "これに戻す") : null));
  }
}
