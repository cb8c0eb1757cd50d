// @ts-check
// Paper: a canvas keeps its size of the screen, so what is printed is a picture of it.

import { byId, element } from "../shared/dom.js";

/** @param {import("./map.js").StaffMap} map */
export function startPrint(map) {
  const picture = element("img", { class: "print-picture", alt: "印刷時の地図（縮尺は正確ではありません）" });
  byId("map").after(picture);
  const take = () => {
    picture.src = map.picture();
  };
  window.addEventListener("beforeprint", take);
  matchMedia("print").addEventListener("change", ({ matches }) => matches && take());
}
