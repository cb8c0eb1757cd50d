// @ts-check
// The view as an address: to copy, to photograph as a QR code, to print.

import { byId, element } from "../shared/dom.js";
import { address } from "../shared/server.js";
import { t } from "../shared/words.js";
import { isStatic } from "./static.js";

/** @param {import("./view.js").View} view */
export function startShare(view) {
  const link = element("input", { type: "url", readonly: true, id: "share-link", value: view.address().href });
  const said = element("p", { role: "status" });
  const code = element("img", { id: "qr", alt: t("qr_alt"), width: 200, height: 200, hidden: true });
  const sheet = element("a", { class: "big", id: "sheet", target: "_blank", rel: "noopener", hidden: true }, t("print_sheet"));
  const scale = element("p", { class: "print-only", id: "print-scale" });
  const lead = () => leadToSheet(view.place, sheet, scale);
  lead();
  const draw = () => code.setAttribute("src", address("qr.svg", { to: own(view.address()) }).href);
  view.addEventListener("changed", () => {
    link.value = view.address().href;
    lead();
    if (!code.hidden) draw();
  });
  byId("share").replaceChildren(
    element("p", {}, sheet),
    element("label", { for: "share-link" }, t("share_link")), link,
    element("p", { class: "line" },
      element("button", { type: "button", onclick: () => copy(link, said) }, t("copy")),
      element("button", { type: "button", onclick: () => { draw(); code.hidden = false; } }, t("show_qr")),
      element("button", { type: "button", onclick: () => window.print() }, t("print"))),
    said, code, element("p", { class: "about" }, t("share_note")));
  byId("map-part").append(scale);
  window.addEventListener("beforeprint", () => { draw(); code.hidden = false; });
}

/**
 * Only a sheet that the server sets is to scale, and only of a place: what a browser prints says that it is not.
 * @param {import("./types.js").Position | null} place
 * @param {HTMLAnchorElement} sheet
 * @param {HTMLElement} scale
 */
function leadToSheet(place, sheet, scale) {
  sheet.hidden = place === null || isStatic();
  if (place && !sheet.hidden) sheet.href = address("here.pdf", { lon: String(place.lon), lat: String(place.lat) }).href;
  scale.textContent = t("print_scale") + (sheet.hidden ? "" : ` ${t("print_scale_at", { address: sheet.href })}`);
}

/** @param {URL} url what of it stands after the server's name and the page's own place there */
function own(url) {
  const base = new URL("./", document.baseURI);
  return `/${url.href.slice(base.href.length)}`;
}

/**
 * @param {HTMLInputElement} link
 * @param {HTMLElement} said
 */
async function copy(link, said) {
  try {
    await navigator.clipboard.writeText(link.value);
    said.textContent = t("copied");
  } catch (error) {
    if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
    link.select();
    said.textContent = t("copy_failed");
  }
}
