// @ts-check
// The publication desk: choose a layer, take it through its steps, and go back one edition when something was wrong.

import { arrowKeys, byId, element } from "../shared/dom.js";
import { get, post } from "../shared/server.js";
import { button, day, stepsOf } from "./steps_view.js";
import { step } from "./stream.js";

/** @typedef {import("./steps_view.js").Layer} Layer */
/** @typedef {{number: number, made_at: string | null, made_name: string | null, layers: number | null, served: boolean}} Edition */
/** @typedef {{caller: {name: string, department: string}, layers: Layer[], served: number | null, editions: Edition[]}} Overview */

/** @type {{overview: Overview | null, chosen: string | null, note: {text: string, edition: number} | null, busy: boolean}} */
const state = { overview: null, chosen: new URL(location.href).searchParams.get("layer"), note: null, busy: false };

async function refresh() {
  state.overview = await get("publications");
  draw();
}

function draw() {
  const overview = state.overview;
  if (!overview) return;
  byId("who").textContent = `${overview.caller.department}　${overview.caller.name}`;
  const own = overview.layers.filter((layer) => isOwn(layer, overview));
  const others = overview.layers.filter((layer) => !isOwn(layer, overview));
  byId("layers").replaceChildren(...[...own, ...others].map(layerButton));
  const chosen = overview.layers.find((layer) => layer.id === state.chosen) ?? own[0] ?? overview.layers[0];
  state.chosen = chosen?.id ?? null;
  for (const one of byId("layers").querySelectorAll("button")) {
    one.setAttribute("aria-current", String(one.dataset.layer === state.chosen));
  }
  byId("detail").replaceChildren(...(chosen ? detailOf(chosen) : [element("p", {}, "公開できるレイヤがありません。")]));
  byId("editions").replaceChildren(...editionsOf(overview));
  document.documentElement.dataset.ready = "1";
}

/**
 * @param {Layer} layer
 * @param {Overview} overview
 */
function isOwn(layer, overview) {
  return layer.may_draft || (layer.publication?.may.length ?? 0) > 0 || layer.department.startsWith(overview.caller.department);
}

/** @param {Layer} layer */
function layerButton(layer) {
  const label = badgeOf(layer);
  const choose = () => {
    state.chosen = layer.id;
    state.note = null;
    draw();
    byId("detail").focus();
  };
  const item = element(
    "button",
    { type: "button", class: "layer", "data-layer": layer.id, onclick: choose },
    element("span", { class: "title" }, layer.title),
    element("span", { class: "of" }, layer.department),
    element("span", { class: `badge ${label.kind}` }, label.text),
  );
  return element("li", {}, item);
}

/** @param {Layer} layer */
function badgeOf(layer) {
  const found = layer.publication;
  if (found && ["draft", "checked", "refused", "approved"].includes(found.state)) return { kind: found.state, text: found.state_label };
  return layer.published ? { kind: "published", text: "公開中" } : { kind: "none", text: "非公開" };
}

/** @param {Layer} layer */
function detailOf(layer) {
  const id = layer.publication?.id;
  const actions = {
    draft: () => run("publications", { layer: layer.id }, () => "確認が終わりました。"),
    approve: () => quick(`publications/${id}/approve`, {}, "承認しました。「公開する」で公開できます。"),
    cancel: () => quick(`publications/${id}/cancel`, {}, "取り下げました。"),
    publish: () => run(`publications/${id}/publish`, {}, published("公開しました。")),
    withdraw: () => run("public-editions/withdraw", { layer: layer.id }, published("公開を終えました。")),
  };
  const note = state.note;
  return [
    element("h2", { id: "detail-heading" }, layer.title),
    note &&
      element(
        "div",
        { class: "done-note" },
        element("strong", {}, note.text),
        (state.overview?.editions ?? []).some((one) => one.number < note.edition) && button("元に戻す（前の版へ）", () => rollback(null)),
      ),
    stepsOf(layer, actions),
  ].filter((part) => part instanceof HTMLElement);
}

/** @param {string} text */
function published(text) {
  return (/** @type {{edition: number}} */ result) => {
    state.note = { text: `${text}（第${result.edition}版）`, edition: result.edition };
    return state.note.text;
  };
}

/** @param {Overview} overview */
function editionsOf(overview) {
  if (!overview.editions.length) return [element("p", { class: "hint" }, "まだ何も公開していません。")];
  return overview.editions.map((one) =>
    element(
      "div",
      { class: "edition" },
      element(
        "span",
        {},
        element("strong", {}, `第${one.number}版`),
        one.made_at && element("small", {}, `${day(one.made_at)}　${one.made_name}　${one.layers}レイヤ`),
      ),
      one.served ? element("span", { class: "badge published" }, "公開中") : button("この版に戻す", () => rollback(one.number)),
    ),
  );
}

/** @param {number | null} number */
function rollback(number) {
  return quick("public-editions/rollback", { number }, "前の版の公開に戻しました。");
}

/**
 * A step that answers at once.
 * @param {string} path
 * @param {unknown} body
 * @param {string} done
 */
function quick(path, body, done) {
  state.note = null;
  return guarded(async () => {
    await post(path, body);
    say(done);
  });
}

/**
 * A step with progress.
 * @param {string} path
 * @param {unknown} body
 * @param {(result: any) => string} done
 */
function run(path, body, done) {
  state.note = null;
  return guarded(async () => {
    const bar = element("progress", { max: 1, value: 0, "aria-label": "進み具合" });
    const what = element("p", {}, "準備しています");
    byId("detail").prepend(element("div", { class: "running" }, what, bar));
    const result = await step(path, body, (text, share) => {
      what.textContent = `${text}（${Math.round(share * 100)}％）`;
      bar.value = share;
    });
    say(done(result));
  });
}

/** @param {() => Promise<void>} work */
async function guarded(work) {
  if (state.busy) return;
  state.busy = true;
  document.body.setAttribute("aria-busy", "true");
  byId("trouble").hidden = true;
  for (const one of document.querySelectorAll("button")) one.disabled = true;
  try {
    await work();
  } catch (error) {
    complain(error);
  } finally {
    state.busy = false;
    document.body.removeAttribute("aria-busy");
    await refresh().catch(complain);
    for (const one of document.querySelectorAll("button")) one.disabled = false;
  }
}

/** @param {unknown} error */
function complain(error) {
  const trouble = byId("trouble");
  trouble.textContent = error instanceof Error ? error.message : String(error);
  trouble.hidden = false;
}

/** @param {string} text */
function say(text) {
  byId("announce").textContent = text;
}

arrowKeys(byId("layers"));
refresh().catch(complain);
