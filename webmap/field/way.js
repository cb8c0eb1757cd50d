// @ts-check
// Where one is and where the nearest corner and line are: in words, with how sure that is.

import { byId, element } from "../shared/dom.js";
import { meanOf, ownError, spotOf } from "./means.js";
import { nearestCorner, nearestLine, ringsOf } from "./nearest.js";
import { direction, distance, qualityName, small } from "./words.js";

/** @typedef {import("./types.js").Fix} Fix */
/** @typedef {import("./types.js").Ground} Ground */
/** @typedef {import("./nearest.js").Near} Near */

/** @type {Record<string, string>} */
const LINES = { cadastral: "地番図", farmland: "農地の線", rtk_fields: "前に測った圃場" };
/** Beyond this a ground that was taken along says nothing of where one is. */
const FARTHEST_M = 2000;
/** Nearer than this there is no direction. */
const HERE_M = 0.005;

export class Way {
  /**
   * @param {import("./field_map.js").FieldMap} map
   * @param {import("./guide.js").Guide} guide
   * @param {number} zone
   */
  constructor(map, guide, zone) {
    this.map = map;
    this.guide = guide;
    this.zone = zone;
    /** @type {import("./nearest.js").Ring[]} */
    this.rings = [];
    this.outer = 0;
    /** @type {Set<string>} the layers that are measured against */
    this.against = new Set(Object.keys(LINES));
    /** @type {Fix[]} */
    this.last = [];
  }

  /** @param {Ground | null} ground */
  stand(ground) {
    this.rings = ground ? ringsOf(ground) : [];
    this.map.show({ rings: this.rings });
    this.show(this.last);
  }

  /** @param {Fix[]} last the last fixes, newest last */
  show(last) {
    this.last = last;
    const fix = last.at(-1);
    if (!fix) return;
    const here = spotOf(fix, this.zone);
    const mean = meanOf(last, this.zone);
    this.#gauges(fix, last.length > 1 ? mean.scatter_m : null, last.length);
    const rings = this.rings.filter((ring) => this.against.has(ring.of.layer));
    const corner = within(nearestCorner(rings, here));
    const line = within(nearestLine(rings, here));
    this.map.show({ here, sigma: ownError(fix), goal: corner });
    const words = corner ? `あと ${toward(corner, here, ownError(fix))}` : this.#without();
    const [way = "", error = ""] = words.split(/(?=（±)/);
    byId("to-corner").replaceChildren(way, element("span", {}, error));
    byId("to-line").textContent = corner && line
      ? `${named(corner)}の角。いちばん近い線（${named(line)}）まで ${toward(line, here, ownError(fix))}`
      : "";
    this.#turn(corner && corner.distance >= HERE_M ? Math.atan2(corner.east - here.east, corner.north - here.north) : null);
    if (corner) this.guide.way(`角まで${words}`);
  }

  #without() {
    return this.rings.length ? "この近くに線がありません" : "線がまだありません（メニューの「この周りを持ち出す」）";
  }

  /** @param {Fix} fix @param {number | null} scatter @param {number} count */
  #gauges(fix, scatter, count) {
    const quality = qualityName(fix.quality);
    const accuracy = fix.accuracy_m === undefined && fix.quality !== 4 ? "" : `±${small(ownError(fix))}`;
    byId("accuracy").textContent = [quality, accuracy].filter(Boolean).join(" ") || "不明";
    byId("scatter-of").textContent = scatter === null ? "ばらつき" : `ばらつき（${count}回）`;
    byId("scatter").textContent = scatter === null ? "—" : small(scatter);
  }

  /** @param {number | null} angle radians from north */
  #turn(angle) {
    const arrow = /** @type {HTMLElement} */ (/** @type {unknown} */ (document.querySelector("#arrow")));
    arrow.toggleAttribute("hidden", angle === null);
    if (angle !== null) arrow.style.transform = `rotate(${angle}rad)`;
  }
}

/** @param {Near | null} near */
function within(near) {
  return near && near.distance <= FARTHEST_M ? near : null;
}

/** @param {Near} near */
function named({ ring }) {
  return `${LINES[ring.of.layer] ?? ""} ${ring.of.label}`;
}

/**
 * How far and where to; the error of the position and that of the line together.
 * @param {Near} near
 * @param {import("./types.js").Spot} here
 * @param {number} own
 */
function toward(near, here, own) {
  const error = Math.hypot(own, near.ring.of.accuracy_m);
  if (near.distance < HERE_M) return `0.00 m ここです（±${distance(error)}）`;
  return `${distance(near.distance)} ${direction(near.east - here.east, near.north - here.north)}（±${distance(error)}）`;
}
