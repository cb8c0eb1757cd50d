// @ts-check
// The frame around the panels: tabs, panes of a phone, announcements, trouble and progress.

import { byId, element } from "../shared/dom.js";
import { ServerProblem, traffic } from "../shared/server.js";

/**
 * @typedef {object} Frame
 * @property {(municipality: import("../shared/types.js").Municipality) => void} name
 * @property {(sentence: string) => void} say reads a sentence out
 * @property {(pane: "map" | "side" | "findings") => void} show a pane, where panes take turns
 * @property {(tab: "hits" | "layers" | "sheets") => void} open a tab of the left side
 * @property {(error: unknown, again: () => void) => void} trouble shows a server's refusal or silence; anything else is thrown on
 * @property {(sentence: string) => void} notice shows a sentence that can be closed
 * @property {() => void} calm takes the trouble away
 */

/** @returns {Frame} */
export function startFrame() {
  startTabs();
  startPanes();
  startProgress();
  startKeys();
  startSkips();
  byId("print").addEventListener("click", () => window.print());
  return { name, say, show: showPane, open: openTab, trouble, notice, calm };
}

/** @param {import("../shared/types.js").Municipality} municipality */
function name(municipality) {
  byId("town").textContent = `（${municipality.name}）`;
  byId("fictitious").hidden = !municipality.fictitious;
}

/** @param {string} sentence */
function say(sentence) {
  byId("announce").textContent = sentence;
}

/**
 * @param {unknown} error
 * @param {() => void} again
 */
function trouble(error, again) {
  if (error instanceof DOMException && error.name === "AbortError") return;
  if (!(error instanceof ServerProblem)) throw error;
  const advice = error.offline ? " 庁内ネットワークとサーバーの状態を確かめて、もう一度お試しください。" : "";
  const retry = element("button", { type: "button", onclick: () => (calm(), again()) }, "再試行");
  const close = element("button", { type: "button", onclick: calm }, "閉じる");
  byId("trouble").replaceChildren(element("span", {}, error.message + advice), retry, close);
  byId("trouble").hidden = false;
}

/** @param {string} sentence */
function notice(sentence) {
  const close = element("button", { type: "button", onclick: calm }, "閉じる");
  byId("trouble").replaceChildren(element("span", {}, sentence), close);
  byId("trouble").hidden = false;
}

function calm() {
  byId("trouble").hidden = true;
  byId("trouble").replaceChildren();
}

/** @param {"map" | "side" | "findings"} pane */
function showPane(pane) {
  document.body.dataset["pane"] = pane;
  for (const button of document.querySelectorAll(".pane-switch button")) {
    button.setAttribute("aria-pressed", String(button instanceof HTMLElement && button.dataset["pane"] === pane));
  }
}

function startPanes() {
  for (const button of document.querySelectorAll(".pane-switch button")) {
    button.addEventListener("click", () => showPane(/** @type {any} */ (button instanceof HTMLElement ? button.dataset["pane"] : "map")));
  }
}

/** @param {"hits" | "layers" | "sheets"} wanted */
function openTab(wanted) {
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const panel = tab.getAttribute("aria-controls") ?? "";
    tab.setAttribute("aria-selected", String(panel === wanted));
    tab.setAttribute("tabindex", panel === wanted ? "0" : "-1");
    byId(panel).hidden = panel !== wanted;
  }
  byId(wanted).dispatchEvent(new Event("opened"));
}

function startTabs() {
  const tabs = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[role=tab]")]);
  tabs.forEach((tab, index) => {
    const panel = /** @type {"hits" | "layers" | "sheets"} */ (tab.getAttribute("aria-controls"));
    tab.addEventListener("click", () => openTab(panel));
    tab.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (!step) return;
      const next = tabs[(index + step + tabs.length) % tabs.length];
      next?.focus();
      next?.click();
    });
  });
}

function startProgress() {
  traffic.addEventListener("busy", (event) => {
    const busy = /** @type {CustomEvent<number>} */ (event).detail > 0;
    byId("progress").hidden = !busy;
    document.documentElement.dataset["busy"] = busy ? "1" : "0";
  });
}

/** "/" goes to the search box from anywhere that is not a text field. */
function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    byId("search-text").focus();
  });
}

/**
 * Whether a key press belongs to a text field.
 * @param {EventTarget | null} target
 */
export function isTyping(target) {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "range", "button"].includes(target.type);
}

/** Skip links move the focus by hand: the part of the address after "#" belongs to the permalink. */
function startSkips() {
  for (const link of document.querySelectorAll("a.skip")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const target = (link.getAttribute("href") ?? "").slice(1);
      if (target === "findings") showPane("findings");
      byId(target).focus();
    });
  }
}
