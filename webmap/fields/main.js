// @ts-check
// Fields and what grows on them: the list of a year, plans with undo, areas, the map, the ledger; and the base stations.

import { arrowKeys, byId, element } from "../shared/dom.js";
import { ServerProblem, address, get, traffic } from "../shared/server.js";
import { FieldsMap } from "./fields_map.js";
import { PlanForm } from "./plan_form.js";
import { send } from "./send.js";
import { StationsPage } from "./stations_page.js";
import { legendView, listView, previewView, sumsView } from "./views.js";
import { season } from "./words.js";

/** @typedef {import("./types.js").Year} Year */
/** @typedef {import("./types.js").Field} Field */
/** @typedef {import("./types.js").Plan} Plan */

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const UNDO_MS = 60_000;
const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id));
const dialog = (/** @type {string} */ id) => /** @type {HTMLDialogElement} */ (byId(id));
const form = new PlanForm();
/** @type {{year: Year | null, map: FieldsMap | null, stations: StationsPage | null, undo: (() => Promise<void>) | null, timer: number}} */
const page = { year: null, map: null, stations: null, undo: null, timer: 0 };

/** @returns {Record<string, string>} what the list is filtered by */
function filter() {
  const parameters = { year: input("year").value, oaza: input("oaza").value, crop: input("crop").value };
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== ""));
}

/** @param {Field} field */
function where(field) {
  return { layer: field.layer, field_id: field.field_id, year: String(page.year?.year ?? "") };
}

/** @param {boolean} go whether the map looks at what is listed */
async function show(go) {
  /** @type {Year} */
  const year = await get("fields/list", filter());
  page.year = year;
  byId("trouble").hidden = true;
  const crops = new Map(year.crops.map((crop) => [crop.id, crop]));
  const role = year.may_edit ? "" : "（見るだけ：直すのは産業振興課の職務「更新」の人です）";
  byId("who").textContent = `${year.caller.department}　${year.caller.name}${role}`;
  byId("fictitious").hidden = !year.town.fictitious;
  byId("home").textContent = year.everything ? "地図へ" : "測位へ";
  byId("home").setAttribute("href", year.everything ? "./" : "./field");
  fillFilter(year);
  byId("count").textContent = year.fields.length === year.all ? `${year.all}` : `${year.fields.length}／${year.all}`;
  byId("warnings").replaceChildren(...year.warnings.map((text) => element("p", { class: "late" }, text)));
  byId("list").replaceChildren(year.fields.length ? listView(year.fields, crops, (field) => void open(where(field)).catch(complain)) : emptyList(year));
  byId("legend").replaceChildren(...legendView(year.fields, year.crops));
  byId("sums").replaceChildren(sumsView(year.sums.by_crop, crops, false));
  byId("sums-oaza").replaceChildren(sumsView(year.sums.by_oaza, crops, true));
  byId("by-oaza").hidden = !year.sums.by_oaza.length;
  byId("copy").hidden = byId("take-label").hidden = !year.may_edit;
  byId("ledger").setAttribute("href", address("fields/ledger.xlsx", filter()).href);
  byId("map-hint").textContent = year.everything && year.may_edit ? "圃場を押すと計画を直せます。色のない農地を押すと、その筆ポリゴンに計画を付けられます。表からも同じことができます。" : "圃場を押すと計画を見られます。";
  await drawMap(year, go);
}

/** @param {Year} year */
function emptyList(year) {
  const text = year.all ? "この条件に合う圃場はありません。年産・大字・作物を変えてください。" : "圃場がまだありません。RTKで測った圃場がここに並びます。";
  return element("p", { class: "empty" }, text);
}

/** @param {Year} year */
function fillFilter(year) {
  const years = [...new Set([...year.years, year.year, new Date().getFullYear(), new Date().getFullYear() + 1])].sort((a, b) => b - a);
  options("year", years.map((one) => [String(one), season(one)]), String(year.year));
  options("oaza", [["", "すべて"], ...year.oazas.map((one) => /** @type {[string, string]} */ ([one, one]))], input("oaza").value);
  options("crop", [["", "すべて"], ...year.crops.map((one) => /** @type {[string, string]} */ ([one.id, one.label])), ["none", "計画なし"]], input("crop").value);
}

/**
 * @param {string} id
 * @param {[string, string][]} all
 * @param {string} chosen
 */
function options(id, all, chosen) {
  byId(id).replaceChildren(...all.map(([value, text]) => element("option", { value }, text)));
  input(id).value = chosen;
}

/**
 * @param {Year} year
 * @param {boolean} go
 */
async function drawMap(year, go) {
  try {
    page.map ??= await openMap(year);
    page.map.show(await get("fields/map.geojson", filter()), go);
  } catch (error) {
    if (error instanceof ServerProblem) throw error;
    byId("crop-map").replaceChildren(element("p", { class: "empty" }, "このブラウザでは地図を表示できません。表と作付図（PDF）をご覧ください。"));
  }
}

/** @param {Year} year */
async function openMap(year) {
  const map = await FieldsMap.open(byId("crop-map"), year.town.bbox, year.everything);
  map.addEventListener("field", (event) => void open({ .../** @type {CustomEvent} */ (event).detail, year: page.year?.year }).catch(complain));
  map.addEventListener("ground", (event) => {
    const { lon, lat } = /** @type {CustomEvent} */ (event).detail;
    if (page.year?.everything && page.year.may_edit) void openAt(lon, lat).catch(complain);
  });
  return map;
}

/** @param {{layer: string, field_id: string, year: number | string | undefined}} key */
async function open(key) {
  const parameters = { layer: key.layer, field_id: key.field_id, year: String(key.year) };
  form.open(await get("fields/plan", parameters), page.year?.crops ?? []);
}

/**
 * @param {number} lon
 * @param {number} lat
 */
async function openAt(lon, lat) {
  const parameters = { year: String(page.year?.year), lon: String(lon), lat: String(lat) };
  try {
    form.open(await get("fields/at", parameters), page.year?.crops ?? []);
  } catch (error) {
    if (error instanceof ServerProblem && error.status === 404) tell("その場所に筆ポリゴンの農地はありません。", null);
    else throw error;
  }
}

/**
 * @param {string} path
 * @param {unknown} json
 * @param {string} done
 */
async function change(path, json, done) {
  const before = form.plan;
  if (!before) return;
  const key = where(before);
  try {
    /** @type {Plan} */
    const kept = await send(path === "fields/plan" ? "PUT" : "POST", path, key, { json, match: before.etag });
    form.close();
    await show(false);
    tell(`${before.name}の計画を${done}。`, kept.version === before.version ? null : () => restore(key, kept.etag, before.version, before.name));
  } catch (error) {
    form.complain(error instanceof Error ? error.message : String(error));
    if (error instanceof ServerProblem && error.status === 412) form.plan = await get("fields/plan", key);
  }
}

/**
 * @param {Record<string, string>} key
 * @param {string} match
 * @param {number} version
 * @param {string} name
 */
async function restore(key, match, version, name) {
  await send("POST", "fields/plan/restore", key, { json: { version }, match });
  await show(false);
  tell(`${name}の計画を元に戻しました。`, null);
}

/**
 * What was done, with a button to take it back for a while.
 * @param {string} text
 * @param {(() => Promise<void>) | null} undo
 */
function tell(text, undo) {
  byId("done-text").textContent = text;
  byId("undo").hidden = undo === null;
  page.undo = undo;
  byId("done").hidden = false;
  clearTimeout(page.timer);
  page.timer = window.setTimeout(() => (byId("done").hidden = true), UNDO_MS);
}

/** @param {unknown} error */
function complain(error) {
  const box = byId("trouble");
  box.replaceChildren(element("span", {}, error instanceof Error ? error.message : String(error)));
  box.hidden = false;
}

function startCopy() {
  const year = page.year;
  if (!year) return;
  const others = year.years.filter((one) => one !== year.year);
  options("copy-from", others.map((one) => [String(one), season(one)]), String(others.find((one) => one < year.year) ?? others[0] ?? ""));
  byId("copy-text").textContent = others.length ? `${season(year.year)}に計画のない圃場へ写します。もう計画のある圃場はそのままです。` : "ほかの年に計画がありません。";
  input("copy-yes").disabled = !others.length;
  const box = dialog("copy-dialog");
  box.returnValue = "no";
  box.onclose = () => void (box.returnValue === "yes" && copy(Number(input("copy-from").value), year.year).catch(complain));
  box.showModal();
}

/**
 * @param {number} from
 * @param {number} to
 */
async function copy(from, to) {
  const done = await send("POST", "fields/copy", {}, { json: { from_year: from, to_year: to } });
  await show(true);
  const refused = done.refused.length ? `写せなかった圃場 ${done.refused.length}（${done.refused.slice(0, 3).map((/** @type {{field_id: string, why: string}} */ one) => `${one.field_id}：${one.why}`).join("、")}）` : "";
  tell(`${done.copied} 圃場に写しました。もう計画のあった圃場 ${done.kept}。${refused}`, null);
}

async function takeLedger() {
  const file = input("take").files?.[0];
  input("take").value = "";
  if (!file) return;
  const content = { file, type: XLSX };
  /** @type {import("./types.js").Preview} */
  const shown = await send("POST", "fields/ledger/preview", {}, content);
  byId("take-text").replaceChildren(...previewView(shown));
  input("take-yes").disabled = shown.refused.length > 0 || !shown.differences.length;
  const box = dialog("take-dialog");
  box.returnValue = "no";
  box.onclose = () => {
    if (box.returnValue !== "yes") return;
    send("POST", "fields/ledger/take", { digest: shown.digest }, content)
      .then(() => { input("year").value = String(shown.year); return show(true); })
      .then(() => tell(`台帳から ${shown.differences.length} 圃場の計画を取り込みました。`, null)).catch(complain);
  };
  box.showModal();
}

/** @param {string} id of the tab */
async function select(id) {
  for (const tab of byId("tabs").querySelectorAll("button")) {
    const on = tab.id === id;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    byId(tab.getAttribute("aria-controls") ?? "").hidden = !on;
  }
  if (id !== "tab-stations" || !page.year) return page.map?.gl.resize();
  page.stations ??= new StationsPage(page.year, complain, (text) => tell(text, null));
  await page.stations.show();
  return undefined;
}

function listen() {
  for (const id of ["year", "oaza", "crop"]) byId(id).addEventListener("change", () => void show(true).catch(complain));
  byId("filter").addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("save", (event) => void change("fields/plan", { parts: /** @type {CustomEvent} */ (event).detail }, "保存しました"));
  form.addEventListener("restore", (event) => void change("fields/plan/restore", { version: /** @type {CustomEvent} */ (event).detail }, "前の版に戻しました"));
  byId("undo").addEventListener("click", () => void page.undo?.().catch(complain));
  byId("copy").addEventListener("click", startCopy);
  byId("take").addEventListener("change", () => void takeLedger().catch(complain));
  byId("paper").addEventListener("submit", (event) => { event.preventDefault(); void paper().catch(complain); });
  const tabs = byId("tabs");
  tabs.addEventListener("click", (event) => void (event.target instanceof HTMLButtonElement && select(event.target.id).catch(complain)));
  arrowKeys(tabs);
  tabs.addEventListener("keydown", (event) => {
    const buttons = [...tabs.querySelectorAll("button")];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step ? buttons[buttons.findIndex((one) => one === document.activeElement) + step] : null;
    next?.focus();
    if (next) void select(next.id).catch(complain);
  });
  traffic.addEventListener("signedout", () => complain(new Error("ログインが終わりました。ログインし直してから、この画面を開き直してください。")));
}

/** The sheet is asked for first, so that a refusal is said here and not in another tab. */
async function paper() {
  const response = await fetch(address("fields/planting.pdf", { ...filter(), scale: input("scale").value }));
  if (!response.ok) throw new Error((await response.json()).detail);
  const url = URL.createObjectURL(await response.blob());
  const link = element("a", { href: url, download: `planting-${page.year?.year}.pdf` });
  link.click();
  tell("作付図を保存しました。A4 に等倍（100%）で印刷してください。", null);
  window.setTimeout(() => URL.revokeObjectURL(url), UNDO_MS);
}

listen();
show(true).catch(complain).then(() => page.map?.drawn()).finally(() => (document.documentElement.dataset["ready"] = "1"));
