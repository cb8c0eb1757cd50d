// @ts-check
// Who is signed in; and when the session has ended while the map is open, a bar with a link, and the map as it was.

import { byId, element } from "../shared/dom.js";
import { ServerProblem, get, traffic } from "../shared/server.js";

/** How often it is looked whether somebody has signed in again, in another tab, while the bar is there. */
const LOOK_MS = 3_000;

/** @typedef {{account: string, name: string, department: string, administrator: boolean, verbs: Record<string, string[]>, token: string | null}} Me */

/**
 * @param {import("../shared/changes.js").Changes} changes
 * @param {() => void} again what is fetched anew when the person is back
 * @returns {Promise<void>} when the head of the page is as it will be
 */
export function startSession(changes, again) {
  const bar = new SignedOutBar(again);
  traffic.addEventListener("signedout", () => bar.show());
  // the stream ends with the session; that it was lost may also mean that the server is away
  changes.addEventListener("lost", () => void look().catch(offline));
  return look().catch(offline);
}

async function look() {
  /** @type {Me} */
  const me = await get("me");
  showPerson(me);
}

/** @param {unknown} error */
function offline(error) {
  if (!(error instanceof ServerProblem)) throw error;
}

/** @param {Me} me */
function showPerson(me) {
  const people = me.administrator && me.token ? element("a", { class: "button", href: "./people" }, "利用者の管理") : null;
  const has = (/** @type {string} */ verb) => Object.values(me.verbs).some((verbs) => verbs.includes(verb));
  const publication = me.administrator || has("edit") || has("approve") ? element("a", { class: "button", href: "./publication" }, "地図の公開") : null;
  const situation = element("a", { class: "button", href: "./bosai" }, "災害時");
  const fields = element("a", { class: "button", href: "./fields" }, "圃場・作付");
  const place = `${me.department} ${me.name}（自分の設定）`;
  const person = element("a", { class: "button", href: "./account", title: place, "aria-label": place }, me.name);
  const leave = me.token
    ? element("form", { method: "post", action: "./logout" }, element("input", { type: "hidden", name: "token", value: me.token }), element("button", { type: "submit" }, "ログアウト"))
    : null;
  byId("person").replaceChildren(...[fields, situation, publication, people, person, leave].filter((node) => node !== null));
}

class SignedOutBar {
  /** @param {() => void} again */
  constructor(again) {
    this.again = again;
    this.timer = 0;
  }

  show() {
    const bar = byId("signed-out");
    if (!bar.hidden) return;
    const link = element("a", { class: "button", href: "./login", target: "_blank", rel: "noopener" }, "ログインの画面を開く");
    bar.replaceChildren(
      element("span", {}, "ログインが終わりました。画面の内容はそのまま残っています。新しいタブでログインすると、続きから使えます。"), link);
    bar.hidden = false;
    this.timer = window.setInterval(() => void this.#look(), LOOK_MS);
  }

  async #look() {
    if (document.hidden) return;
    try {
      await look();
    } catch (error) {
      offline(error);
      return;
    }
    clearInterval(this.timer);
    byId("signed-out").hidden = true;
    this.again();
  }
}
