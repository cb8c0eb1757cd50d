// @ts-check
// The field page: puts its parts together. What is measured goes to the phone first, and from there to the town hall.

import { byId } from "../shared/dom.js";
import { Keeper } from "./database.js";
import { FieldMap } from "./field_map.js";
import { Finish } from "./finish.js";
import { Guide } from "./guide.js";
import { listView } from "./list_view.js";
import { spotOf } from "./means.js";
import { Outbox } from "./outbox.js";
import { notice, showKeys, showWaiting } from "./page_state.js";
import { Person } from "./person.js";
import { Positions } from "./positions.js";
import { Recorder, adoptDrafts } from "./recorder.js";
import { Surroundings } from "./surroundings.js";
import { Survey, tabs } from "./survey.js";
import { openMenu } from "./menu_acts.js";
import { askSettings } from "./settings.js";
import { Way } from "./way.js";
import { ringName, small } from "./words.js";

/** @typedef {import("./types.js").About} About */

const dialog = (/** @type {string} */ id) => /** @type {HTMLDialogElement} */ (byId(id));

export class FieldPage {
  /**
   * @param {Keeper} keeper
   * @param {Person} person
   * @param {About} about
   */
  constructor(keeper, person, about) {
    this.keeper = keeper;
    this.person = person;
    this.about = about;
    this.zone = about.town.zone;
    const [west, south, east, north] = about.town.bbox;
    this.map = new FieldMap(/** @type {HTMLCanvasElement} */ (byId("map")), spotOf({ lon: (west + east) / 2, lat: (south + north) / 2 }, this.zone));
    this.guide = new Guide(byId("live"));
    this.way = new Way(this.map, this.guide, this.zone);
    this.positions = new Positions();
    this.recorder = new Recorder(this.positions, keeper, this.zone);
    this.outbox = new Outbox(keeper, about.account);
    this.surroundings = new Surroundings(about.account, (ground) => this.way.stand(ground));
    this.finish = new Finish(document.createElement("section"), {
      survey: () => this.survey, zone: this.zone, unsent: () => this.outbox.now.unsent,
      drawn: (outline) => (this.map.show({ outline }), this.map.fit(outline.outer)),
      kept: () => void this.surroundings.again(), tell: (sentence) => this.guide.tell(sentence),
    });
    /** @type {Survey | null} */
    this.survey = null;
    /** @type {Record<string, any>} */
    this.options = { shakes: true, cadastral: true, farmland: true, rtk_fields: true, theme: "" };
  }

  async start() {
    this.options = { ...this.options, ...(await this.keeper.value("options")) };
    this.#obeyOptions();
    byId("fictitious").hidden = !this.about.town.fictitious;
    this.#listen();
    this.#keys();
    const current = await this.keeper.value(`current:${this.about.account}`);
    if (current) await this.open(current);
    const count = navigator.locks ? await adoptDrafts(this.keeper, this.about.account, (id) => this.surveyOf(id)) : 0;
    if (count) notice("adopted", "前に途中で終わったふちの記録を、端末から取り戻しました。");
    await this.surroundings.start();
    await this.outbox.start();
    this.outbox.isMine = this.person.isIn;
    this.outbox.again();
    this.#tellSecure();
    if (!this.about.surveys) notice("rights", "あなたの職務では測った記録を送れません。位置と線を見ることはできます。必要なときは役場に相談してください。");
    /** @type {HTMLButtonElement} */ (byId("begin")).disabled = !this.about.surveys;
    this.positions.start();
    this.show();
  }

  #tellSecure() {
    if (this.positions.isPossible) return;
    notice("insecure", isSecureContext
      ? "このブラウザーでは位置を受け取れません。メニューから、位置の入力や受信機の記録の送信ができます。"
      : "この接続（http）では、ブラウザーが位置を渡さず、電波のない所でも使えません。https で開くか、メニューから位置の入力や受信機の記録の送信をしてください。");
  }

  #listen() {
    this.positions.addEventListener("fix", () => {
      this.way.show(this.positions.last);
      this.surroundings.near(this.positions.now);
    });
    this.positions.addEventListener("trouble", (event) => notice("position", /** @type {CustomEvent} */ (event).detail));
    this.recorder.addEventListener("change", () => this.show());
    this.recorder.addEventListener("recorded", (event) => this.#recorded(/** @type {CustomEvent} */ (event).detail));
    this.recorder.addEventListener("trouble", (event) => notice("writing", /** @type {CustomEvent} */ (event).detail));
    this.outbox.addEventListener("change", (event) => showWaiting(/** @type {CustomEvent} */ (event).detail));
    this.outbox.addEventListener("judged", () => void this.survey?.load());
    this.person.addEventListener("in", () => {
      this.outbox.isMine = true;
      this.outbox.now.state = "idle";
      this.outbox.again();
      void this.surroundings.again();
    });
    tabs.addEventListener("message", ({ data }) => {
      void this.outbox.look();
      if (data.session === this.survey?.row.id) void this.survey?.load();
    });
  }

  #keys() {
    const on = (/** @type {string} */ id, /** @type {() => unknown} */ act) => byId(id).addEventListener("click", () => void act());
    on("begin", () => this.begin());
    on("corner", () => this.survey && this.recorder.startCorner(this.survey));
    on("track", () => this.survey && this.recorder.startTrack(this.survey));
    on("undo", () => this.undo());
    on("open-list", () => this.openList());
    on("accept", () => this.recorder.accept());
    on("cancel", () => this.recorder.cancel());
    on("pause", () => (this.recorder.state === "paused" ? this.recorder.resume() : this.recorder.pause()));
    on("stop", () => this.recorder.stop());
    on("open-more", () => openMenu(this));
    on("waiting", () => openMenu(this));
    on("zoom-in", () => this.map.zoom(1.6));
    on("zoom-out", () => this.map.zoom(1 / 1.6));
    on("follow", () => this.map.follow());
    for (const button of document.querySelectorAll("dialog .close")) button.addEventListener("click", () => button.closest("dialog")?.close());
    byId("claim").addEventListener("change", (event) => void this.#claim(/** @type {HTMLInputElement} */ (event.target).checked));
  }

  /** The tick that the receiver says FIX, which a browser does not tell; it counts from the first record on. @param {boolean} claimed */
  async #claim(claimed) {
    await this.keeper.putValue("claim", claimed);
    if (this.survey && !this.survey.row.begun) await this.survey.change({ settings: { ...this.survey.row.settings, claimed_fix: claimed } });
  }

  /** Asks for the settings and begins a survey with them. */
  async begin() {
    const settings = await askSettings(this.keeper, this.surroundings.fields, /** @type {HTMLInputElement} */ (byId("claim")).checked);
    if (!settings) return;
    this.map.show({ outline: null });
    this.#use(await Survey.begin(this.keeper, this.about.account, settings, this.zone));
    await this.#remember();
    byId("corner").focus();
  }

  /** @param {string} id */
  async surveyOf(id) {
    if (this.survey?.row.id === id) return this.survey;
    const row = (await this.keeper.surveys(this.about.account)).find((survey) => survey.id === id);
    return row ? new Survey(this.keeper, row, this.zone).load() : null;
  }

  /** Goes on with a survey of before. @param {string} id */
  async open(id) {
    const survey = await this.surveyOf(id);
    if (!survey) return;
    this.map.show({ outline: null });
    this.#use(survey);
    await this.#remember();
  }

  #remember() {
    return this.keeper.putValue(`current:${this.about.account}`, this.survey?.row.id);
  }

  /** @param {Survey} survey */
  #use(survey) {
    this.survey = survey;
    const claim = /** @type {HTMLInputElement} */ (byId("claim"));
    claim.checked = survey.row.settings.claimed_fix;
    survey.addEventListener("change", () => this.show());
    this.show();
  }

  /** @param {{kind: string, mean: import("./types.js").Mean | null, ring: number}} what */
  #recorded({ kind, mean, ring }) {
    this.outbox.again();
    void this.outbox.look();
    const number = this.survey?.itemsOf(ring).filter((item) => item.kind === "corner").length ?? 0;
    const sentence = kind === "corner" && mean
      ? `${ring ? ringName(ring) : ""}角 ${number} を記録しました（±${small(mean.sigma_m)}）`
      : `${ringName(ring)}のふちを記録しました`;
    this.guide.tell(sentence);
    this.show();
    byId("doing").textContent = sentence;
  }

  async undo() {
    await this.recorder.writing;
    const item = await this.survey?.undo();
    this.outbox.again();
    await this.outbox.look();
    this.guide.tell(item ? `最後の${item.kind === "corner" ? "角" : "ふち"}を取り消しました` : "取り消すものがありません", [40, 60, 40]);
  }

  openList() {
    const { survey } = this;
    if (!survey) return;
    const fill = () => {
      byId("list-body").replaceChildren(listView(survey, {
        ring: async (ring) => (await survey.change({ ring }), fill()),
        takeBack: async (item) => (await survey.undo(item.id), this.outbox.again(), fill()),
      }), this.finish.place);
      this.finish.show();
    };
    fill();
    dialog("list").showModal();
  }

  /** @param {string} name @param {boolean | string} value */
  set(name, value) {
    this.options[name] = value;
    this.#obeyOptions();
    void this.keeper.putValue("options", this.options);
  }

  #obeyOptions() {
    const { theme, voice, shakes } = this.options;
    if (theme) document.documentElement.dataset["theme"] = theme;
    else delete document.documentElement.dataset["theme"];
    this.guide.voice = Boolean(voice);
    this.guide.shakes = Boolean(shakes);
    this.way.against = new Set(["cadastral", "farmland", "rtk_fields"].filter((layer) => this.options[layer]));
    this.way.show(this.positions.last);
    this.map.recolour();
  }

  /** Everything as it stands. */
  show() {
    showKeys(this.recorder, this.survey);
    void this.guide.awake(this.recorder.state !== "idle");
    const { survey, recorder } = this;
    if (!survey) return;
    const under = recorder.state === "track" ? recorder.fixes.map((fix) => spotOf(fix, this.zone)) : [];
    const measured = survey.ringNumbers.map((ring) => ({
      line: [...survey.line(ring), ...(ring === survey.row.ring ? under : [])],
      closed: recorder.state === "idle" && survey.line(ring).length > 2,
      marks: survey.itemsOf(ring).filter((item) => item.kind === "corner").map((item, index) => ({ spot: item.mean, name: String(index + 1) })),
    }));
    this.map.show({ measured });
  }
}

async function start() {
  const keeper = await Keeper.open();
  const person = new Person(keeper);
  const about = await person.look();
  if (!about) {
    byId("doing").textContent = "この端末ではまだ使えません。電波のある所で一度ログインして、この画面を開いてください。";
    /** @type {HTMLButtonElement} */ (byId("begin")).disabled = true;
  } else {
    await new FieldPage(keeper, person, about).start();
  }
  document.documentElement.dataset["ready"] = "1";
  person.watch();
  await person.keepPage();
}

void start();
