// @ts-check
// Keeps the address of the page equal to what it shows, and copies it.

import { byId, element } from "../shared/dom.js";
import { writeView } from "../shared/permalink.js";

const PAUSE_MS = 250;

/**
 * @param {import("./state.js").State} state
 * @param {import("./map_pane.js").MapPane} map
 */
export function keepLink(state, map) {
  let waiting = 0;
  const write = () => {
    const hash = writeView({
      map: map.view(),
      layers: state.catalogue.layers.filter((layer) => state.shown.has(layer.id)).map((layer) => layer.id),
      opacities: state.opacities,
      parcels: [...new Set(state.selection.map((parcel) => parcel.key))],
    });
    history.replaceState(null, "", hash);
  };
  const soon = () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(write, PAUSE_MS);
  };
  state.addEventListener("selection", soon);
  state.addEventListener("layers", soon);
  map.addEventListener("move", soon);
  window.addEventListener("hashchange", () => location.reload());
  byId("copy-link").addEventListener("click", () => {
    write();
    void copy(location.href);
  });
}

/**
 * Puts an address on the clipboard; where the browser gives none (plain http inside the hall), shows it to be copied by hand.
 * @param {string} text
 */
async function copy(text) {
  const button = byId("copy-link");
  try {
    await navigator.clipboard.writeText(text);
  } catch (error) {
    if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
    offerByHand(button, text);
    return;
  }
  button.textContent = "コピーしました";
  byId("announce").textContent = "この画面のリンクをコピーしました。";
  setTimeout(() => (button.textContent = "リンクをコピー"), 2000);
}

/**
 * @param {HTMLElement} button
 * @param {string} text
 */
function offerByHand(button, text) {
  const field = element("input", { type: "text", readonly: true, value: text, "aria-label": "この画面のリンク" });
  button.after(field);
  field.select();
  field.addEventListener("blur", () => field.remove());
}
