// @ts-check
// What the clerk has chosen: parcels (with a way back), layers and their opacities. The rest of the page listens.

/** @typedef {import("../shared/types.js").Parcel} Parcel */

/** Usual layers of a page that was opened without a link. */
const USUAL_LAYERS = ["municipality", "districts", "roads", "cadastral"];
const UNDO_STEPS = 50;

/**
 * What tells one parcel from another; parcels of 任意座標系 sheets have no number of their own in the store.
 * @param {Parcel} parcel
 */
export function identity(parcel) {
  return parcel.fid === null ? `${parcel.sheet ?? ""}#${parcel.key}` : String(parcel.fid);
}

/** Events: "selection", "layers". */
export class State extends EventTarget {
  /** @param {import("../shared/types.js").Catalogue} catalogue */
  constructor(catalogue) {
    super();
    this.catalogue = catalogue;
    /** @type {Parcel[]} */
    this.selection = [];
    /** @type {Parcel[][]} */
    this.past = [];
    this.shown = new Set(catalogue.layers.filter((layer) => USUAL_LAYERS.includes(layer.id) && layer.loaded).map((layer) => layer.id));
    /** @type {Record<string, number>} */
    this.opacities = {};
    /** A click, a drawn area or a hit adds to the selection instead of taking its place. */
    this.adding = false;
  }

  /** @param {Parcel} wanted */
  isSelected(wanted) {
    return this.selection.some((parcel) => identity(parcel) === identity(wanted));
  }

  /**
   * Takes the place of the selection, or adds to it while `adding` is on.
   * @param {Parcel[]} parcels
   */
  choose(parcels) {
    this.#change(this.adding ? [...this.selection, ...parcels] : parcels);
  }

  /** @param {Parcel[]} parcels */
  add(parcels) {
    this.#change([...this.selection, ...parcels]);
  }

  /** @param {Parcel} unwanted */
  remove(unwanted) {
    this.#change(this.selection.filter((parcel) => identity(parcel) !== identity(unwanted)));
  }

  clear() {
    this.#change([]);
  }

  /** Takes back the last change of the selection; false when there is none. */
  undo() {
    const before = this.past.pop();
    if (!before) return false;
    this.selection = before;
    this.dispatchEvent(new Event("selection"));
    return true;
  }

  /**
   * @param {string} id
   * @param {boolean} visible
   */
  show(id, visible) {
    if (visible) this.shown.add(id);
    else this.shown.delete(id);
    this.dispatchEvent(new Event("layers"));
  }

  /**
   * @param {string} id
   * @param {number} opacity 0 to 1
   */
  fade(id, opacity) {
    this.opacities = { ...this.opacities, [id]: opacity };
    this.dispatchEvent(new Event("layers"));
  }

  /** @param {Parcel[]} parcels */
  #change(parcels) {
    const unique = [...new Map(parcels.map((parcel) => [identity(parcel), parcel])).values()];
    if (unique.length === this.selection.length && unique.every((parcel) => this.isSelected(parcel))) return;
    this.past = [...this.past, this.selection].slice(-UNDO_STEPS);
    this.selection = unique;
    this.dispatchEvent(new Event("selection"));
  }
}
