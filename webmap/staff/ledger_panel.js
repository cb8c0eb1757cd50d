// @ts-check
// Owners and taxes of the one parcel that is chosen: only for whom the server has ledgers, and only for a purpose.

import { element } from "../shared/dom.js";
import { ServerProblem, get } from "../shared/server.js";

/** @typedef {import("../shared/types.js").Parcel} Parcel */
/** @typedef {{id: string, title: string, fields: {name: string, label: string, unit: string | null}[], rows: Record<string, unknown>[]}} Ledger */
/** @typedef {{ledgers: {id: string, title: string}[], purposes: {id: string, label: string}[]}} Offer */

/**
 * @param {HTMLElement} panel
 * @param {import("./state.js").State} state
 * @param {import("./frame.js").Frame} frame
 */
export async function startLedgers(panel, state, frame) {
  /** @type {Offer} */
  const offer = await get("ledgers/purposes");
  if (!offer.ledgers.length) return;
  const ledgers = new LedgerPanel(panel, offer, frame);
  const draw = () => ledgers.offerFor(state.selection.length === 1 ? state.selection[0] ?? null : null);
  state.addEventListener("selection", draw);
  draw();
}

class LedgerPanel {
  /**
   * @param {HTMLElement} panel
   * @param {Offer} offer
   * @param {import("./frame.js").Frame} frame
   */
  constructor(panel, offer, frame) {
    this.panel = panel;
    this.offer = offer;
    this.frame = frame;
    /** @type {AbortController | null} what was asked for a parcel that is no longer chosen is not shown */
    this.asking = null;
  }

  /** @param {Parcel | null} parcel */
  offerFor(parcel) {
    this.asking?.abort();
    this.panel.replaceChildren();
    if (!parcel) return;
    const names = this.offer.ledgers.map((ledger) => ledger.title).join("・");
    const open = element("button", { type: "button", class: "small", onclick: () => this.#ask(parcel) }, `${names}を見る`);
    this.panel.append(element("div", { class: "downloads" }, open));
  }

  /** @param {Parcel} parcel */
  #ask(parcel) {
    const choices = this.offer.purposes.map(({ id, label }) => element("option", { value: id }, label));
    const purpose = element("select", { name: "purpose", required: true }, element("option", { value: "" }, "選んでください"), ...choices);
    const note = element("input", { type: "text", name: "note", maxlength: 500, autocomplete: "off" });
    const show = element("button", { type: "submit", class: "primary" }, "記録して見る");
    const form = element("form", { class: "issue-form ledger-form" },
      element("label", {}, element("span", {}, "見る目的"), purpose),
      element("label", {}, element("span", {}, "補足（受付番号など）"), note),
      element("p", { class: "hint" }, "だれが、いつ、どの筆を、何のために見たかが記録に残ります。"), show);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      show.disabled = true;
      void this.#show(parcel, purpose.value, note.value).finally(() => (show.disabled = false));
    });
    this.panel.replaceChildren(form);
    purpose.focus();
  }

  /**
   * @param {Parcel} parcel
   * @param {string} purpose
   * @param {string} note
   */
  async #show(parcel, purpose, note) {
    const asking = (this.asking = new AbortController());
    try {
      /** @type {{ledgers: Ledger[]}} */
      const answer = await get("ledgers", { parcel: parcel.key, purpose, note }, asking.signal);
      if (asking.signal.aborted) return;
      const close = element("button", { type: "button", class: "small", onclick: () => this.offerFor(parcel) }, "台帳を閉じる");
      this.panel.replaceChildren(...answer.ledgers.map(ledgerTable), element("div", { class: "downloads" }, close));
      this.frame.say(`${parcel.number}の台帳を表示しました。`);
    } catch (error) {
      if (asking.signal.aborted) return;
      if (!(error instanceof ServerProblem)) throw error;
      this.panel.querySelector(".caution")?.remove();
      this.panel.append(element("p", { class: "caution", role: "alert" }, error.message));
    }
  }
}

/** @param {Ledger} ledger */
function ledgerTable(ledger) {
  const title = element("h3", {}, ledger.title);
  if (!ledger.rows.length) return element("section", { class: "ledger" }, title, element("p", {}, "台帳に記載がありません。"));
  const shown = ledger.fields.filter(({ name }) => name !== "parcel_key");
  const rows = ledger.rows.map((row) => element("dl", { class: "facts" },
    ...shown.flatMap((field) => [element("dt", {}, field.label), element("dd", {}, written(row[field.name], field.unit))])));
  return element("section", { class: "ledger" }, title, ...rows);
}

/**
 * @param {unknown} value
 * @param {string | null} unit
 */
function written(value, unit) {
  if (value === null || value === undefined || value === "") return "―";
  const text = typeof value === "number" && unit !== "年度" ? value.toLocaleString("ja-JP") : String(value);
  return unit ? `${text} ${unit}` : text;
}
