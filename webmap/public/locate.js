// @ts-check
// Where the reader is now, and how far that may be wrong.

import { byId } from "../shared/dom.js";
import { t } from "../shared/words.js";
import { metres } from "./reading.js";

/** Beyond this many metres the answer may be for another place. */
export const ROUGH_M = 100;
const LONGEST_MS = 20_000;

/**
 * @param {(place: import("./types.js").Position, name: string, accuracyM: number) => void} toPlace
 * @param {(text: string, isWarning?: boolean) => void} say
 */
export function startLocate(toPlace, say) {
  const button = /** @type {HTMLButtonElement} */ (byId("locate"));
  button.addEventListener("click", () => {
    if (!("geolocation" in navigator) || !isSecureContext) {
      say(t("locate_impossible"), true);
      return;
    }
    say(t("locating"));
    button.setAttribute("aria-busy", "true");
    const done = () => button.removeAttribute("aria-busy");
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      done();
      const isRough = coords.accuracy > ROUGH_M;
      say(t(isRough ? "located_roughly" : "located", { metres: metres(coords.accuracy) }), isRough);
      toPlace({ lon: coords.longitude, lat: coords.latitude }, t("my_position"), coords.accuracy);
    }, (error) => {
      done();
      say(t(error.code === error.PERMISSION_DENIED ? "locate_denied" : "locate_failed"), true);
    }, { enableHighAccuracy: true, timeout: LONGEST_MS, maximumAge: 0 });
  });
}
