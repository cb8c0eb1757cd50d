// @ts-check
// Fields to machines and back: choose, learn what a file does not hold, save it; or look into a file and keep its fields.

import { byId, element } from "../shared/dom.js";
import { ServerProblem, address, get } from "../shared/server.js";
import { figure } from "../shared/units.js";
import { drawing } from "./drawing.js";

/** @typedef {{id: string, properties: {field_name: string, area_m2: number, std_error_m: number, fix_quality: number | null}}} Kept */
/** @typedef {{number: number, name: string, area_m2: number | null, measured_m2: number | null, corners: number, inner_boundaries: number, has_headland: boolean, guidance_lines: number, hindrance: string | null, notes: string[]}} Found */
/** @typedef {{features: import("./drawing.js").Shown[], fields: Found[]}} Look */

const FORMS = [
  ["isoxml4", "ISOXML 4版", "トラクターの端末（ISOBUS）。外周・内側の境界・枕地・誘導線"],
  ["isoxml3", "ISOXML 3版", "4版を読めない端末。枕地は入りません"],
  ["sima", "SIMA", "測量ソフト、土地家屋調査士"],
  ["shp", "Shapefile", "GIS、営農管理ソフト"],
  ["kml", "KML", "地図アプリ、ドローンの計画"],
  ["geojson", "GeoJSON", "Web の地図、プログラム"],
  ["gpx", "GPX", "携帯型 GPS"],
];
const MOST_NAMED = 100;
const TYPE = "application/octet-stream";
const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (byId(id));
/** @type {{fields: Kept[], file: File | null, look: Look | null}} */
const page = { fields: [], file: null, look: null };

/** @param {unknown} error */
function complain(error) {
  const sentence = error instanceof ServerProblem ? error.message : "画面に不具合があります。読み込み直してください。";
  byId("trouble").textContent = sentence;
  byId("trouble").hidden = false;
  byId("done").hidden = true;
  byId("trouble").scrollIntoView({ block: "nearest" });
  if (!(error instanceof ServerProblem)) throw error;
}

/** Does one thing with its button out of reach, and tells what went wrong. @param {HTMLButtonElement | null} button @param {() => Promise<void>} act */
async function during(button, act) {
  byId("trouble").hidden = byId("done").hidden = true;
  if (button) button.disabled = true;
  try {
    await act();
  } catch (error) {
    complain(error);
  } finally {
    if (button) button.disabled = false;
  }
}

/** @param {string} name @param {string} value @param {string} kind @param {boolean} checked @param {string} title @param {string} more */
function choice(name, value, kind, checked, title, more) {
  return element("label", {}, element("input", { type: kind, name, value, checked }), element("span", {}, title, element("small", {}, more)));
}

/** @param {Kept} field */
function about({ properties }) {
  const sure = properties.fix_quality === 4 ? "RTK 固定解" : properties.fix_quality === null ? "測り方の分からない点を含む" : "RTK 固定解でない点を含む";
  return `${figure(properties.area_m2, 0)} ㎡・${sure}・標準誤差 ${figure(properties.std_error_m, 2)} m`;
}

async function listFields() {
  page.fields = (await get("./fields")).features;
  const empty = element("p", { class: "empty" }, "圃場がまだありません。「測る画面」で測るか、右（下）の「機械から」で取り込んでください。");
  const one = page.fields.length === 1;
  const rows = page.fields.map((field) => choice("field", field.id, "checkbox", one, field.properties.field_name || field.id, about(field)));
  const all = element("label", {}, element("input", { type: "checkbox", id: "all", onchange: takeAll }), element("span", {}, "全部"));
  byId("fields").replaceChildren(...(rows.length > 1 ? [all] : []), ...(rows.length ? rows : [empty]));
  /** @type {HTMLButtonElement} */ (byId("make")).disabled = !rows.length;
}

/** @returns {HTMLInputElement[]} */
function boxes() {
  return [...byId("fields").querySelectorAll("input")].filter((box) => box.name === "field");
}

function takeAll() {
  for (const box of boxes()) box.checked = input("all").checked;
}

/** What is asked of the server for a file. @returns {Record<string, string | string[]>} */
function wish() {
  const chosen = boxes().filter((box) => box.checked).map((box) => box.value);
  if (!chosen.length) throw new ServerProblem("圃場を選んでください。");
  const everything = chosen.length === page.fields.length;
  if (!everything && chosen.length > MOST_NAMED) throw new ServerProblem(`一度に選べるのは ${MOST_NAMED} 筆までです。全部を選ぶか、分けてください。`);
  const form = /** @type {HTMLInputElement} */ (document.querySelector("input[name='form']:checked"));
  /** @type {Record<string, string | string[]>} */
  const asked = { f: form.value };
  if (!everything || chosen.length === 1) asked["field_id"] = chosen;
  if (input("headland").value) asked["headland_m"] = input("headland").value;
  if (input("width").value) asked["width_m"] = input("width").value;
  return asked;
}

async function make() {
  byId("made").hidden = true;
  const asked = wish();
  const told = await get("./machine", { ...asked, about: "true" });
  const save = byId("save");
  save.setAttribute("href", address("./machine", asked).href);
  save.textContent = `保存する（${told.file_name}、${figure(Math.max(1, told.bytes / 1024), 0)} KB）`;
  byId("made-heading").textContent = `圃場 ${told.fields.length}筆のファイルができました`;
  byId("made-notes").replaceChildren(...told.notes.map((/** @type {string} */ note) => element("li", {}, note)));
  byId("made").hidden = false;
  byId("made-heading").focus();
}

/** @param {Record<string, string | string[]>} parameters @returns {Promise<any>} */
async function send(parameters) {
  if (!page.file) throw new ServerProblem("ファイルを選んでください。");
  let response;
  try {
    response = await fetch(address("./machine", { name: page.file.name.slice(0, 120), ...parameters }), { method: "POST", headers: { "content-type": TYPE }, body: page.file });
  } catch {
    throw new ServerProblem("サーバーに接続できません。電波の届く所で、もう一度してください。", { offline: true });
  }
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  const answer = isJson ? await response.json() : {};
  if (!response.ok) throw new ServerProblem(answer.detail ?? `サーバーが応えられませんでした（${response.status}）。`, { status: response.status });
  return answer;
}

async function look() {
  page.look = null;
  byId("from").hidden = true;
  page.file = input("file").files?.[0] ?? null;
  if (!page.file) return;
  page.look = await send({});
  const fields = page.look?.fields ?? [];
  byId("found-heading").textContent = `「${page.file.name}」に圃場が ${fields.length}筆あります`;
  byId("found").replaceChildren(...fields.map(foundView));
  draw();
  byId("from").hidden = false;
  byId("found-heading").focus();
}

/** @param {Found} one */
function foundView(one) {
  const areas = [
    one.measured_m2 === null ? "面積は測れません" : `線の内側 ${figure(one.measured_m2, 0)} ㎡`,
    one.area_m2 === null ? "" : `ファイルの面積 ${figure(one.area_m2, 0)} ㎡`,
    `内側の境界 ${one.inner_boundaries}`,
    `枕地${one.has_headland ? "あり" : "なし"}`,
    `誘導線 ${one.guidance_lines}`,
  ].filter(Boolean).join("・");
  const box = element("input", { type: "checkbox", name: "number", value: one.number, checked: !one.hindrance, disabled: Boolean(one.hindrance), onchange: draw });
  return element("li", {},
    element("label", {}, box, element("span", {}, `${one.number}　${one.name}`, element("small", {}, areas))),
    one.hindrance && element("p", { class: "hindrance" }, one.hindrance),
    one.notes.length > 0 && element("ul", { class: "notes" }, ...one.notes.map((note) => element("li", {}, note))));
}

/** @returns {string[]} the numbers of the chosen fields */
function chosenNumbers() {
  return [...byId("found").querySelectorAll("input")].filter((box) => box.checked).map((box) => box.value);
}

function draw() {
  const chosen = new Set(chosenNumbers().map(Number));
  const features = page.look?.features ?? [];
  byId("drawing").replaceChildren(drawing(features, chosen, `ファイルの圃場の図。選んだ圃場は ${chosen.size}筆`));
}

async function keep() {
  const number = chosenNumbers();
  if (!number.length) throw new ServerProblem("保存する圃場を選んでください。");
  if (number.length > MOST_NAMED) throw new ServerProblem(`一度に保存できるのは ${MOST_NAMED} 筆までです。分けて保存してください。`);
  const told = await send({ keep: "true", surveyed_on: input("day").value, accuracy_m: input("accuracy").value, number });
  const names = told.kept.map((/** @type {{field_name: string, is_new: boolean}} */ one) => `${one.field_name}${one.is_new ? "" : "（前に保存済み）"}`);
  await listFields();
  byId("done").textContent = `保存しました: ${names.join("、")}`;
  byId("done").hidden = false;
  byId("done").scrollIntoView({ block: "nearest" });
}

/** @param {string} id @param {string} button @param {() => Promise<void>} act */
function onSubmit(id, button, act) {
  byId(id).addEventListener("submit", (event) => {
    event.preventDefault();
    void during(/** @type {HTMLButtonElement} */ (byId(button)), act);
  });
}

async function begin() {
  byId("forms").replaceChildren(...FORMS.map(([form, title, more], at) => choice("form", form, "radio", at === 0, title, more)));
  onSubmit("to", "make", make);
  onSubmit("from", "keep", keep);
  byId("to").addEventListener("change", () => { byId("made").hidden = true; });
  input("file").addEventListener("change", () => void during(null, look));
  input("day").max = new Date().toLocaleDateString("sv-SE");
  await during(null, listFields);
  document.documentElement.dataset["ready"] = "1";
}

void begin();
