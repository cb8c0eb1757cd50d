// @ts-check
// Starts the page: asks for the layers, restores the link, and lets the parts listen to one another.

import { Changes } from "../shared/changes.js";
import { byId, element } from "../shared/dom.js";
import { readView } from "../shared/permalink.js";
import { ServerProblem, get } from "../shared/server.js";
import { AnswerPanel } from "./answer_panel.js";
import { startFrame } from "./frame.js";
import { startHits } from "./hits.js";
import { startLayers } from "./layer_panel.js";
import { startLedgers } from "./ledger_panel.js";
import { keepLink } from "./link.js";
import { startLive } from "./live.js";
import { startMap } from "./map_pane.js";
import { restoreParcels, sayUnfound } from "./restore.js";
import { startSelection } from "./selection_panel.js";
import { startSession } from "./session.js";
import { startSheets } from "./sheets_panel.js";
import { State } from "./state.js";

/** @typedef {import("../shared/types.js").Catalogue} Catalogue */

async function start() {
  const frame = startFrame();
  const changes = new Changes();
  const view = readView(location.hash);
  let refresh = () => {};
  // who is signed in stands in the head, whose height the map's first view depends on
  const session = startSession(changes, () => refresh());
  /** @type {Catalogue} */
  const catalogue = await get("layers");
  await session;
  const state = new State(catalogue);
  if (view.layers) state.shown = new Set(view.layers.filter((id) => catalogue.layers.some((layer) => layer.id === id)));
  state.opacities = view.opacities;
  frame.name(catalogue.municipality);

  startSelection(byId("selection"), state, frame);
  const ledgers = startLedgers(byId("ledger"), state, frame);
  const answers = new AnswerPanel(byId("answer"), byId("issue"), state, frame);
  startLayers(byId("layers"), state);
  startSheets(byId("sheets"), frame);
  const restored = restoreParcels(view.parcels);
  const map = await startMap(state, frame, view.map);
  const live = map.map ? startLive(changes, map.map, byId("status")) : null;
  refresh = () => live?.refreshAll();
  startHits(state, map, frame);
  keepLink(state, map);
  const { parcels, unfound } = await restored;
  if (parcels.length) state.add(parcels);
  state.past = [];
  sayUnfound(unfound, frame);
  if (parcels.length && !view.map) map.fitParcels(parcels);
  await Promise.all([map.settled(), answers.settled(), ledgers]);
  document.documentElement.dataset["ready"] = "1";
}

start().catch((error) => {
  if (!(error instanceof ServerProblem)) throw error;
  const again = element("button", { type: "button", onclick: () => location.reload() }, "再試行");
  const box = byId("trouble");
  box.replaceChildren(element("span", {}, `${error.message} 庁内ネットワークとサーバーの状態を確かめて、もう一度お試しください。`), again);
  box.hidden = false;
});
