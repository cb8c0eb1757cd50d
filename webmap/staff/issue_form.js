// @ts-check
// Issues the answer on screen, and hands out its sheets.

import { element } from "../shared/dom.js";
import { address, post } from "../shared/server.js";

/** @typedef {import("../shared/types.js").Answer} Answer */
/** @typedef {import("./frame.js").Frame} Frame */

const FORMATS = /** @type {const} */ ([["pdf", "PDF"], ["html", "HTML"], ["xlsx", "XLSX"]]);
/** An answer that is not issued is asked for by address, and addresses have a length that servers take. */
const LONGEST_ADDRESS = 6000;

export class IssueForm {
  /**
   * @param {HTMLElement} panel
   * @param {Frame} frame
   */
  constructor(panel, frame) {
    this.panel = panel;
    this.frame = frame;
    this.asker = "";
    this.purpose = "";
  }

  close() {
    this.panel.replaceChildren();
  }

  /**
   * @param {Answer} answer not issued yet
   * @param {string[]} parcels keys
   */
  offer(answer, parcels) {
    if (!answer.parcels.length) {
      this.close();
      return;
    }
    const open = element("button", { type: "button", class: "primary", onclick: () => this.#form(parcels) }, "回答書を発行");
    this.panel.replaceChildren(element("div", { class: "downloads" }, open, ...this.#drafts(parcels)));
  }

  /** @param {string[]} parcels */
  #form(parcels) {
    const asker = this.#field("照会者（課・氏名など）", "asker");
    const purpose = this.#field("照会の目的", "purpose");
    const issue = element("button", { type: "submit", class: "primary" }, "発行する");
    const form = element("form", { class: "issue-form" }, asker, purpose, issue);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      issue.disabled = true;
      void this.#issue(parcels).finally(() => (issue.disabled = false));
    });
    this.panel.querySelector(".primary")?.replaceWith(form);
    form.querySelector("input")?.focus();
  }

  /**
   * @param {string} text
   * @param {"asker" | "purpose"} name
   */
  #field(text, name) {
    const input = element("input", { type: "text", name, maxlength: name === "asker" ? 200 : 500, value: this[name], autocomplete: "off" });
    input.addEventListener("input", () => (this[name] = input.value));
    return element("label", {}, element("span", {}, text), input);
  }

  /** @param {string[]} parcels */
  #drafts(parcels) {
    const links = FORMATS.map(([format, label]) => ({ url: address("inquiries", { parcel: parcels, format }), label }));
    if (links.some(({ url }) => url.href.length > LONGEST_ADDRESS)) {
      return [element("span", { class: "hint" }, "PDF・HTML・XLSXは発行すると出力できます。")];
    }
    return [element("span", {}, "下書き"), ...links.map(({ url, label }) => download(url, label, `${label}の下書き`))];
  }

  /** @param {string[]} parcels */
  async #issue(parcels) {
    try {
      const answer = /** @type {Answer} */ (await post("inquiries", { parcels, asker: this.asker, purpose: this.purpose, issue: true }));
      this.#issued(answer);
    } catch (error) {
      this.frame.trouble(error, () => void this.#issue(parcels));
    }
  }

  /** @param {Answer} answer */
  #issued(answer) {
    const id = answer.id ?? "";
    const sheet = (/** @type {string} */ format) => address(`inquiries/${encodeURIComponent(id)}`, { format });
    const number = element("p", { class: "issued-number" }, "発行しました：照会番号 ", element("strong", {}, id));
    const link = element("a", { href: sheet("html").href, target: "_blank", rel: "noopener" }, "回答書を開く");
    const downloads = FORMATS.map(([format, label]) => download(sheet(format), label));
    this.panel.replaceChildren(element("div", { class: "issued", tabindex: "-1" }, number, element("div", { class: "downloads" }, link, ...downloads)));
    const box = this.panel.firstElementChild;
    if (box instanceof HTMLElement) box.focus();
    this.frame.say(`回答書を発行しました。照会番号は${id}です。`);
  }
}

/**
 * @param {URL} url
 * @param {string} label
 * @param {string} [name] read out instead of the label
 */
function download(url, label, name) {
  return element("a", { class: "button", href: url.href, target: "_blank", rel: "noopener", "aria-label": name }, label);
}
