// @ts-check
// Asks for the answer whenever the selection changes, shows it, and issues it.

import { element } from "../shared/dom.js";
import { post } from "../shared/server.js";
import { findingsView, outcomeCounts } from "./findings_view.js";
import { IssueForm } from "./issue_form.js";

/** @typedef {import("../shared/types.js").Answer} Answer */
/** @typedef {import("./state.js").State} State */
/** @typedef {import("./frame.js").Frame} Frame */

const PAUSE_MS = 120;
const CAUTION = "この回答は参考です。筆界を確定するものではありません。";

export class AnswerPanel {
  /**
   * @param {HTMLElement} panel
   * @param {HTMLElement} issuePanel
   * @param {State} state
   * @param {Frame} frame
   */
  constructor(panel, issuePanel, state, frame) {
    this.panel = panel;
    this.state = state;
    this.frame = frame;
    this.issue = new IssueForm(issuePanel, frame);
    this.how = { careOnly: false, byParcel: false };
    /** @type {Answer | null} */
    this.answer = null;
    this.asking = new AbortController();
    this.waiting = 0;
    /** @type {Promise<void>} */
    this.work = Promise.resolve();
    state.addEventListener("selection", () => this.#soon());
  }

  /** Resolves when the selection has its answer, or its trouble. */
  settled() {
    return this.work;
  }

  #soon() {
    clearTimeout(this.waiting);
    this.asking.abort();
    this.issue.close();
    paneCount(null);
    if (!this.state.selection.length) {
      this.panel.replaceChildren();
      return;
    }
    this.panel.setAttribute("aria-busy", "true");
    this.panel.replaceChildren(element("p", { class: "waiting" }, "判定しています…"));
    this.work = new Promise((resolve) => {
      this.waiting = window.setTimeout(() => resolve(this.#ask()), PAUSE_MS);
    });
  }

  async #ask() {
    this.asking = new AbortController();
    const { signal } = this.asking;
    const parcels = [...new Set(this.state.selection.map((parcel) => parcel.key))];
    try {
      this.answer = /** @type {Answer} */ (await post("inquiries", { parcels, asker: "", purpose: "", issue: false }, signal));
      this.#draw(this.answer);
      this.issue.offer(this.answer, parcels);
    } catch (error) {
      if (!signal.aborted) this.panel.replaceChildren(element("p", { class: "empty" }, "判定を取得できませんでした。"));
      this.frame.trouble(error, () => this.#soon());
    } finally {
      if (!signal.aborted) this.panel.removeAttribute("aria-busy");
    }
  }

  /** @param {Answer} answer */
  #draw(answer) {
    const care = answer.findings.filter((finding) => finding.outcome === "applies" || finding.outcome === "near_boundary").length;
    paneCount(care);
    this.frame.say(`判定結果：該当と要確認が${care}件、全${answer.findings.length}件です。`);
    const list = element("div", { class: "answer-body" }, findingsView(answer, this.how));
    const again = () => list.replaceChildren(findingsView(answer, this.how));
    const parts = [
      element("div", { class: "answer-head" },
        element("div", { class: "answer-title" }, element("h2", {}, "判定結果"), this.#choices(answer, again)),
        outcomeCounts(answer.findings),
        element("p", { class: "reference" }, CAUTION)),
      unresolved(answer.unresolved ?? []),
      list,
      disclaimers(answer.disclaimers ?? []),
    ];
    this.panel.replaceChildren(...parts.filter((part) => part !== null));
  }

  /**
   * @param {Answer} answer
   * @param {() => void} again
   */
  #choices(answer, again) {
    const care = this.#choice(`該当・要確認のみ`, "careOnly", again);
    const parcel = answer.parcels.length > 1 && this.#choice("筆ごとに表示", "byParcel", again);
    return element("div", { class: "choices" }, care, parcel);
  }

  /**
   * @param {string} text
   * @param {"careOnly" | "byParcel"} name
   * @param {() => void} again
   */
  #choice(text, name, again) {
    const box = element("input", { type: "checkbox" });
    box.checked = this.how[name];
    box.addEventListener("change", () => {
      this.how[name] = box.checked;
      again();
    });
    return element("label", { class: "choice" }, box, text);
  }
}

/**
 * The number on the phone's button of the findings.
 * @param {number | null} count
 */
function paneCount(count) {
  const badge = document.getElementById("pane-count");
  if (badge) badge.textContent = count === null ? "" : `（${count}）`;
}

/** @param {string[]} texts */
function unresolved(texts) {
  if (!texts.length) return null;
  return element("p", { class: "caution" }, `判定できなかった地番：${texts.join("、")}`);
}

/** @param {string[]} texts */
function disclaimers(texts) {
  if (!texts.length) return null;
  const list = element("ul", {}, ...texts.map((text) => element("li", {}, text)));
  return element("details", { class: "disclaimers" }, element("summary", {}, "この判定についての注意"), list);
}
