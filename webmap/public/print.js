// @ts-check
// Paper: a canvas keeps its size of the screen, so what is printed is a picture of it.

import { byId, element } from "../shared/dom.js";
import { t } from "../shared/words.js";

/** @param {{picture: () => string}} map */
export function startPrint(map) {
  const picture = element("img", { class: "print-picture", alt: t("map_title") });
  byId("map").after(picture);
  const take = () => {
    picture.src = map.picture();
  };
  window.addEventListener("beforeprint", take);
  matchMedia("print").addEventListener("change", ({ matches }) => matches && take());
}
