// @ts-check
// The disaster switch: each step is sent at once, said in words, and can be taken back.

import { byId, element } from "../shared/dom.js";
import { ServerProblem, address, get, post } from "../shared/server.js";
import { ClosingForm } from "./closing.js";
import { closuresView, noticesView, outsideView, sitesView, stepsView } from "./views.js";
import { LEVELS, PHASES, STATES, fromField } from "./words.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Site} Site */
/** @typedef {import("./types.js").SiteState} SiteState */

const LOOK_MS = 15_000;
/** @type {{now: State | null, waiting: number, last: Promise<unknown>}} */
const page = { now: null, waiting: 0, last: Promise.resolve() };
const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id));
const dialog = (/** @type {string} */ id) => /** @type {HTMLDialogElement} */ (byId(id));

/** @param {State} state */
function show(state) {
  const first = page.now === null;
  page.now = state;
  byId("who").textContent = `${state.caller.department}　${state.caller.name}${state.may_switch ? "" : "（見るだけ：切り替えは職務「防災」の人がします）"}`;
  byId("exercise-banner").hidden = !state.content.exercise;
  if (first) fillPhase(state);
  redraw();
  for (const id of ["phase-form", "closure-form", "notice-form"]) for (const one of byId(id).querySelectorAll("button, input, textarea")) /** @type {HTMLInputElement} */ (one).disabled = !state.may_switch;
  input("undo").disabled = !state.may_switch || !state.can_undo;
  input("send").disabled = !state.may_switch || state.number === 0 || state.outside.way === "file";
  input("file").disabled = !state.may_switch || state.number === 0;
  document.documentElement.dataset["ready"] = "1";
}

/** Draws the lists anew and leaves the focus on the button that had it. */
function redraw() {
  const state = page.now;
  if (!state) return;
  const key = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["key"] : undefined;
  byId("outside").replaceChildren(...outsideView(state));
  byId("steps").replaceChildren(...stepsView(state));
  byId("sites").replaceChildren(...sitesView(state, input("site-filter").value, { set: setSite, more: openSite }));
  byId("closures").replaceChildren(...closuresView(state, (id, name) => step(`bosai/closures/${id}/open`, {}, `${name}の通行止めを解きました。`)));
  byId("notices").replaceChildren(...noticesView(state, (id, title) => step(`bosai/notices/${id}/withdraw`, {}, `「${title}」を取り下げました。`)));
  if (key) /** @type {HTMLElement | null} */ (document.querySelector(`[data-key="${CSS.escape(key)}"]`))?.focus();
}

/** @param {State} state */
function fillPhase(state) {
  const chosen = /** @type {HTMLInputElement | null} */ (document.querySelector(`input[name="phase"][value="${state.content.phase}"]`));
  if (chosen) chosen.checked = true;
  input("headline").value = state.content.headline;
  input("exercise").checked = state.content.exercise;
}

/**
 * One step, after those that were pressed before it; what is typed elsewhere stays. True when it was done.
 * @param {string} path
 * @param {Record<string, unknown>} body
 * @param {string} done
 * @returns {Promise<boolean>}
 */
function step(path, body, done) {
  page.waiting += 1;
  document.body.setAttribute("aria-busy", "true");
  const mine = page.last.then(() => take(path, body, done)).finally(() => {
    page.waiting -= 1;
    if (!page.waiting) document.body.removeAttribute("aria-busy");
  });
  page.last = mine.catch(() => undefined);
  return mine;
}

/**
 * @param {string} path
 * @param {Record<string, unknown>} body
 * @param {string} done
 */
async function take(path, body, done) {
  byId("trouble").hidden = true;
  try {
    /** @type {State} */
    const state = await post(path, { seen: page.now?.number ?? 0, ...body });
    show(state);
    if (state.trouble) complain(new Error(`保存しましたが、公開側には届いていません。${state.trouble} つながってから「送り直す」を押すか、「ファイルに書き出す」で運んでください。`));
    byId("announce").textContent = state.trouble ? "" : `${done}公開側に出しました（${state.sent}番）。`;
    return true;
  } catch (error) {
    complain(error);
    if (error instanceof ServerProblem && error.status === 412) show(await get("bosai/state"));
    return false;
  }
}

/**
 * @param {Site} site
 * @param {SiteState} to
 */
function setSite(site, to) {
  const told = page.now?.content.shelters.find((one) => one.layer === site.layer && one.id === site.id);
  const kept = { people: told?.people ?? null, pets: told?.pets ?? null, barrier_free: told?.barrier_free ?? null, note: told?.note ?? "" };
  void step("bosai/sites", { layer: site.layer, id: site.id, state: to, ...kept }, `${site.name}を「${STATES[to]}」にしました。`);
}

/** @param {Site} site */
function openSite(site) {
  const told = page.now?.content.shelters.find((one) => one.layer === site.layer && one.id === site.id);
  const word = (/** @type {boolean | null | undefined} */ value) => (value === true ? "yes" : value === false ? "no" : "");
  byId("site-title").textContent = site.name;
  input("site-state").value = told?.state ?? "open";
  input("site-people").value = told?.people === null || told === undefined ? "" : String(told.people);
  input("site-pets").value = word(told?.pets);
  input("site-barrier").value = word(told?.barrier_free);
  input("site-note").value = told?.note ?? "";
  const box = dialog("site-dialog");
  box.returnValue = "no";
  box.onclose = () => {
    if (box.returnValue !== "yes") return;
    const value = (/** @type {string} */ id) => ({ yes: true, no: false })[input(id).value] ?? null;
    const people = input("site-people").value === "" ? null : Number(input("site-people").value);
    void step("bosai/sites", { layer: site.layer, id: site.id, state: input("site-state").value, people, pets: value("site-pets"), barrier_free: value("site-barrier"), note: input("site-note").value }, `${site.name}を保存しました。`);
  };
  box.showModal();
}

/**
 * Asks once more before what every resident sees.
 * @param {string} text
 * @returns {Promise<boolean>}
 */
function sure(text) {
  const box = dialog("confirm");
  byId("confirm-text").textContent = text;
  box.returnValue = "no";
  box.showModal();
  return new Promise((resolve) => {
    box.onclose = () => resolve(box.returnValue === "yes");
  });
}

async function submitPhase() {
  const chosen = /** @type {HTMLInputElement | null} */ (document.querySelector("input[name='phase']:checked"));
  if (!chosen) throw new Error("段階を選んでください。");
  const phase = /** @type {import("./types.js").Phase} */ (chosen.value);
  const exercise = input("exercise").checked;
  const asked = `段階を「${PHASES[phase]}」${exercise ? "（訓練）" : "（訓練ではありません）"}に切り替えます。公開側の画面がすぐに変わります。`;
  if (await sure(asked)) await step("bosai/phase", { phase, headline: input("headline").value, exercise }, `段階を「${PHASES[phase]}」にしました。`);
}

async function submitNotice() {
  const chosen = /** @type {HTMLInputElement | null} */ (document.querySelector("input[name='level']:checked"));
  const level = Number(chosen?.value);
  const title = input("notice-title").value;
  if (!(await sure(`警戒レベル${level}（${LEVELS[level]}）「${title}」を住民に出します。`))) return;
  const done = await step("bosai/notices", { level, title, text: input("notice-text").value, expires_at: fromField(input("notice-until").value) }, "お知らせを出しました。");
  if (done) /** @type {HTMLFormElement} */ (byId("notice-form")).reset();
}

/** The signed file, as the browser saves it. */
async function saveFile() {
  const response = await fetch(address("bosai/file"), { method: "POST" });
  if (!response.ok) throw new Error((await response.json()).detail);
  const url = URL.createObjectURL(await response.blob());
  const link = element("a", { href: url, download: `situation-${page.now?.number}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  byId("announce").textContent = "ファイルに書き出しました。公開側で onomap situation import を実行してください。";
  show(await get("bosai/state"));
}

/** @param {unknown} error */
function complain(error) {
  const trouble = byId("trouble");
  trouble.textContent = error instanceof Error ? error.message : String(error);
  trouble.hidden = false;
}

/**
 * @param {string} id
 * @param {string} event
 * @param {() => Promise<unknown>} work
 */
function on(id, event, work) {
  byId(id).addEventListener(event, (happened) => {
    happened.preventDefault();
    work().catch(complain);
  });
}

async function look() {
  if (page.waiting || document.hidden) return;
  /** @type {State} */
  const state = await get("bosai/state");
  if (!page.waiting) show(state);
}

on("phase-form", "submit", submitPhase);
on("notice-form", "submit", submitNotice);
on("undo", "click", async () => {
  const last = page.now?.steps[0];
  if (last && (await sure(`直前の操作（${last.number}番：${last.note}）を元に戻します。公開側もすぐに変わります。`))) {
    const done = await step("bosai/undo", {}, "元に戻しました。");
    if (done && page.now) fillPhase(page.now);
  }
});
on("send", "click", () => step("bosai/send", {}, "送り直しました。"));
on("file", "click", saveFile);
input("site-filter").addEventListener("input", redraw);
new ClosingForm(() => page.now?.town.bbox ?? [122, 20, 154, 46], (wanted) => step("bosai/closures", wanted, "通行止めにしました。"), complain);
setInterval(() => void look().catch(complain), LOOK_MS);
look().catch(complain);
