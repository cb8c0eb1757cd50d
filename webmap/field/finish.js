// @ts-check
// From what was measured to the boundary that the town hall computes, and to the field that is kept.

import { element } from "../shared/dom.js";
import { figure } from "../shared/units.js";
import { ServerProblem, address } from "../shared/server.js";
import { spotOf } from "./means.js";
import { areaWords, small } from "./words.js";

/** @typedef {import("./survey.js").Survey} Survey */
/** @typedef {import("./types.js").Outline} Outline */

const ANSWER_MS = 60_000;

/** A refusal with what goes with it: a picture of where the line crosses itself. */
class Refusal extends ServerProblem {
  /** @param {any} problem @param {number} status */
  constructor(problem, status) {
    super(typeof problem.detail === "string" ? problem.detail : `サーバーが応えられませんでした（${status}）。`, { status });
    this.picture = typeof problem.picture === "string" ? problem.picture : "";
  }
}

export class Finish {
  /**
   * @param {HTMLElement} place
   * @param {{survey: () => Survey | null, zone: number, unsent: () => number, drawn: (outline: Outline) => void, kept: () => void, tell: (sentence: string) => void}} page
   */
  constructor(place, page) {
    this.place = place;
    this.page = page;
    this.said = element("div", { class: "stack", role: "status" });
    this.more = element("div", { class: "stack" });
  }

  /** What is there to be said of the survey now. */
  show() {
    const survey = this.page.survey();
    if (!survey) return;
    const preview = survey.preview;
    const area = preview
      ? element("p", {}, `端末での仮の面積：${areaWords(preview.area_m2)}。役場で計算するまでの目安です。`)
      : element("p", { class: "hint" }, "外まわりに角が3つ以上あると、面積の目安が出ます。");
    const compute = element("button", { type: "button", id: "compute", class: "main", onclick: () => void this.#compute(survey) }, "役場で計算する");
    compute.disabled = !survey.row.begun;
    this.said.replaceChildren();
    this.more.replaceChildren();
    if (survey.row.kept) this.more.append(element("p", {}, "この測量の圃場は保存済みです。"), links(survey.row.kept));
    this.place.replaceChildren(element("h3", {}, "仕上げ"), area, element("div", { class: "keys" }, compute), this.said, this.more);
  }

  /** @param {Survey} survey */
  async #compute(survey) {
    const waiting = this.page.unsent();
    if (!navigator.onLine || waiting) {
      const why = navigator.onLine ? `未送信の記録が${waiting}件あります。送り終わってから計算できます。` : "いまは通信できません。電波のある所で、もう一度押してください。";
      this.said.replaceChildren(element("p", {}, `${why}図の破線は、端末で作った仮の形です。`));
      return;
    }
    this.said.replaceChildren(element("p", {}, "計算しています…"));
    try {
      const answer = await ask(`surveys/${survey.row.id}/boundary`, {});
      this.#showBoundary(survey, answer);
    } catch (error) {
      this.#refused(error);
    }
  }

  /** @param {unknown} error */
  #refused(error) {
    if (!(error instanceof ServerProblem)) throw error;
    const picture = error instanceof Refusal && error.picture
      ? element("img", { class: "picture", alt: "線が重なっている場所の図", src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(error.picture)}` })
      : null;
    this.said.replaceChildren(...[element("p", { class: "bad" }, error.message), picture].filter((node) => node !== null));
  }

  /** @param {Survey} survey @param {any} answer */
  #showBoundary(survey, answer) {
    const { outline, worst_m, sigma_m2 } = outlineOf(answer, this.page.zone);
    this.page.drawn(outline);
    // the next thing to be pressed is the one that stands out
    this.place.querySelector("#compute")?.classList.remove("main");
    const sure = `角の誤差は大きい所で±${small(worst_m)}です。`;
    this.said.replaceChildren(
      element("p", { class: "area", id: "area" }, `${areaWords(outline.area_m2)}　面積の誤差 ±${figure(sigma_m2, 1)}㎡`),
      element("p", {}, `角 ${outline.outer.length}、内側の囲み ${outline.inners.length}。${sure}筆界（境界）を確定するものではありません。`),
      element("div", { class: "keys" }, element("button", { type: "button", id: "keep", class: "main", onclick: () => void this.#keep(survey) }, "この圃場を保存する")));
  }

  /** @param {Survey} survey */
  async #keep(survey) {
    try {
      const known = survey.row.kept || survey.row.settings.field_id;
      const version = known ? await versionOf(known) : null;
      const kept = await ask(`surveys/${survey.row.id}/field`, {}, version ? { "if-match": version } : {});
      const id = String(kept.properties.field_id);
      await survey.change({ finished: true, kept: id });
      this.page.kept();
      this.more.replaceChildren(element("p", {}, "保存しました。"), links(id));
      this.page.tell("圃場を保存しました。");
    } catch (error) {
      this.#refused(error);
    }
  }
}

/** What machines read, by the name that the server gives it. */
const MACHINES = { isoxml4: "ISOXML 4版", isoxml3: "ISOXML 3版", shp: "Shapefile", kml: "KML", geojson: "GeoJSON", gpx: "GPX", sima: "SIMA" };

/** The ways on from a field that is kept. @param {string} id */
export function links(id) {
  const base = `./surveys/fields/${encodeURIComponent(id)}`;
  const files = Object.entries(MACHINES).map(([form, name]) => element("a", { class: "button", href: `${base}/machine?f=${form}`, download: true }, name));
  return element("div", { class: "stack" },
    element("a", { class: "button", href: `${base}/truth?f=html` }, "地図の線とくらべる"),
    element("p", {}, "機械へ渡すファイル"), element("p", { class: "links" }, ...files),
    element("a", { class: "button", href: "./surveys/transfer" }, "枕地・誘導線を付ける、機械から取り込む"));
}

/** The version of a field that is there already: what is kept now comes after that one and no other. @param {string} id */
async function versionOf(id) {
  const response = await reached(fetch(address(`surveys/fields/${encodeURIComponent(id)}`), { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) }));
  if (!response.ok) throw new Refusal(await response.json(), response.status);
  return response.headers.get("etag");
}

/**
 * @param {string} path
 * @param {unknown} body
 * @param {Record<string, string>} [more] headers
 * @returns {Promise<any>}
 */
async function ask(path, body, more = {}) {
  const headers = { "content-type": "application/json", ...more };
  const response = await reached(fetch(address(path), { method: "POST", headers, body: JSON.stringify(body), signal: AbortSignal.timeout(ANSWER_MS) }));
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  const answer = isJson ? await response.json() : {};
  if (!response.ok) throw new Refusal(answer, response.status);
  return answer;
}

/** @param {Promise<Response>} asked */
async function reached(asked) {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) throw new ServerProblem("サーバーに接続できません。電波のある所で、もう一度押してください。", { offline: true });
    throw error;
  }
}

/**
 * The boundary as the server gives it: a GeoJSON feature in degrees, with the errors of its corners and of its area.
 * @param {any} answer
 * @param {number} zone
 * @returns {{outline: Outline, worst_m: number, sigma_m2: number}}
 */
function outlineOf({ geometry, properties }, zone) {
  const rings = geometry.coordinates.map((/** @type {[number, number][]} */ ring) => ring.slice(0, -1).map(([lon, lat]) => spotOf({ lon, lat }, zone)));
  const [outer, ...inners] = rings;
  const outline = { outer, inners, area_m2: properties.area_m2, from: /** @type {const} */ ("server") };
  return { outline, worst_m: properties.std_error_m, sigma_m2: properties.area_sigma_m2 };
}
