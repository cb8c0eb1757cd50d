// @ts-check
// The part of the page with which its reader keeps the map for when there is no network, and the word that there is none.

import { element } from "../shared/dom.js";
import { loadWords, t } from "../shared/words.js";
import { forget, isPossible, isReachable, keep, kept, offered, sizeText } from "./keeping.js";

/** @typedef {import("./types.js").FileList} FileList */
/** @typedef {import("./types.js").KeptRecord} KeptRecord */

/** As many answers as the worker remembers. */
const MOST_ASKED = 20;

/**
 * Fills the panel, and tells at the head of the page when there is no network.
 * @param {HTMLElement} panel
 */
export async function startKeep(panel) {
  const language = document.documentElement.dataset["language"] ?? "ja";
  await loadWords(language, ["offline"]);
  await new Keeping(panel, language).start();
}

class Keeping {
  /**
   * @param {HTMLElement} panel
   * @param {string} language
   */
  constructor(panel, language) {
    this.panel = panel;
    this.language = language;
    this.said = element("p", { role: "status", class: "offline-said" });
    this.buttons = element("p", { class: "offline-buttons" });
    this.notice = element("p", { id: "offline-notice", role: "status", hidden: true });
    /** @type {AbortController | null} */
    this.under = null;
  }

  async start() {
    (document.querySelector("header") ?? this.panel).append(this.notice);
    this.panel.replaceChildren(element("p", { class: "about" }, t("offline_about")), this.said, this.buttons);
    addEventListener("online", () => this.look());
    addEventListener("offline", () => this.look());
    await this.look();
  }

  /** Finds out how things stand, and says so. */
  async look() {
    const [record, isOnline] = await Promise.all([kept(), isReachable()]);
    this.#tellNetwork(record, isOnline);
    if (!isPossible()) this.said.textContent = t("offline_impossible");
    else if (record) await this.#tellKept(record, isOnline);
    else if (isOnline) this.#offer(await offered(this.language));
    this.panel.dataset["looked"] = "1";
  }

  /**
   * @param {KeptRecord | null} record
   * @param {boolean} isOnline
   */
  #tellNetwork(record, isOnline) {
    this.notice.hidden = isOnline;
    document.documentElement.dataset["network"] = isOnline ? "" : "none";
    if (isOnline) this.notice.textContent = "";
    else this.notice.textContent = record ? t("offline_now", { number: record.edition.number, day: day(record.edition.made_at) }) : t("offline_now_without");
  }

  /** @param {FileList} list */
  #offer(list) {
    this.buttons.replaceChildren(button(t("offline_keep", { size: sizeText(list.bytes) }), () => this.#ask(list)));
  }

  /**
   * @param {KeptRecord} record
   * @param {boolean} isOnline
   */
  async #tellKept(record, isOnline) {
    const { edition, bytes, kept_at } = record;
    this.said.textContent = t("offline_kept", { number: edition.number, day: day(edition.made_at), kept: day(kept_at), size: sizeText(bytes) });
    this.buttons.replaceChildren(button(t("offline_remove"), () => this.#remove()));
    if (!isOnline) return;
    const list = await offered(this.language);
    if (list.edition.number === edition.number && list.edition.made_at === edition.made_at) return;
    this.said.textContent = t("offline_newer", { number: list.edition.number, day: day(list.edition.made_at), kept: edition.number });
    this.buttons.prepend(button(t("offline_update", { size: sizeText(list.bytes) }), () => this.#ask(list)));
  }

  async #remove() {
    await forget();
    await this.look();
    this.said.textContent = t("offline_removed");
  }

  /** What it is, how large, and where it stays, before anything is fetched. @param {FileList} list */
  #ask(list) {
    const layers = list.files.flatMap((file) => (file.title ? [file.title] : [])).join("、");
    const size = sizeText(list.bytes);
    const progress = element("p", { role: "status", class: "offline-progress" });
    const bar = element("progress", { max: list.bytes, value: 0, hidden: true, "aria-label": t("offline_start") });
    const start = button(t("offline_start"), () => {
      start.disabled = true;
      bar.hidden = false;
      this.#keep(list, bar, progress).then(() => dialog.close(), (error) => this.#failed(error, start, bar, progress));
    });
    start.classList.add("main");
    const cancel = button(t("offline_cancel"), () => dialog.close());
    const title = element("h2", { id: "offline-dialog-title" }, t("offline_keep", { size }));
    const what = t("offline_what", { layers, number: list.edition.number, day: day(list.edition.made_at), size });
    const dialog = element("dialog", { class: "offline-dialog", "aria-labelledby": title.id }, title, element("p", {}, what),
      element("p", {}, t("offline_only_here", { count: MOST_ASKED })), bar, progress, element("p", { class: "offline-buttons" }, start, cancel));
    dialog.addEventListener("close", () => {
      this.under?.abort();
      dialog.remove();
      this.buttons.querySelector("button")?.focus();
    });
    this.panel.append(dialog);
    dialog.showModal();
  }

  /**
   * @param {FileList} list
   * @param {HTMLProgressElement} bar
   * @param {HTMLElement} progress
   */
  async #keep(list, bar, progress) {
    const under = new AbortController();
    this.under = under;
    let told = -1;
    const tell = (/** @type {number} */ bytes) => {
      bar.value = bytes;
      const tenth = Math.floor((bytes / list.bytes) * 10);
      // a reader that is read to hears of each tenth, not of each piece
      if (tenth !== told) progress.textContent = t("offline_progress", { done: sizeText(bytes), size: sizeText(list.bytes) });
      told = tenth;
    };
    try {
      // asked anew: the program or the edition may have changed since the page was opened
      await keep(await offered(this.language), tell, under.signal);
      await this.look();
    } finally {
      this.under = null;
    }
  }

  /**
   * @param {unknown} error
   * @param {HTMLButtonElement} start
   * @param {HTMLProgressElement} bar
   * @param {HTMLElement} progress
   */
  #failed(error, start, bar, progress) {
    start.disabled = false;
    bar.hidden = true;
    if (error instanceof DOMException && error.name === "AbortError") this.said.textContent = t("offline_canceled");
    else progress.textContent = t("offline_failed", { reason: error instanceof Error ? error.message : String(error) });
  }
}

/**
 * @param {string} text
 * @param {() => void} act
 */
function button(text, act) {
  return element("button", { type: "button", onclick: act }, text);
}

/** A day as the reader's language writes it. @param {string | null} moment */
function day(moment) {
  const { lang } = document.documentElement;
  return moment ? new Date(moment).toLocaleDateString(lang || "ja", { year: "numeric", month: "long", day: "numeric", timeZone: "Asia/Tokyo" }) : "";
}
