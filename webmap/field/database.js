// @ts-check
// What the phone keeps: records first, in a database of their own; the kept ground beside it, so that leaving wipes that alone.

/** @typedef {import("./types.js").FieldRecord} FieldRecord */
/** @typedef {import("./types.js").Fix} Fix */
/** @typedef {import("./types.js").KeptGround} KeptGround */
/** @typedef {import("./types.js").Row} Row */
/** @typedef {import("./types.js").SurveyRow} SurveyRow */

const RECORDS = "onomap-field";
/** The login page knows this name too: who signs out takes the ground with them. */
const GROUND = "onomap-field-ground";

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** When all of it stands on the disk. @param {IDBTransaction} transaction @returns {Promise<void>} */
function done(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("端末に書き込めませんでした。空き容量を確かめてください。"));
  });
}

/**
 * @param {string} name
 * @param {(database: IDBDatabase) => void} make
 */
async function open(name, make) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => make(request.result);
  const database = await answered(request);
  database.onversionchange = () => database.close();
  return database;
}

/** A UUID, also where the page came over http and the browser makes none. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export class Keeper {
  /** @param {IDBDatabase} database */
  constructor(database) {
    this.database = database;
  }

  static async open() {
    return new Keeper(await open(RECORDS, (database) => {
      const records = database.createObjectStore("records", { keyPath: "seq", autoIncrement: true });
      records.createIndex("id", "id", { unique: true });
      records.createIndex("state", ["account", "state"]);
      records.createIndex("session", "session");
      database.createObjectStore("surveys", { keyPath: "id" }).createIndex("account", "account");
      database.createObjectStore("drafts", { keyPath: "id" });
      database.createObjectStore("values");
    }));
  }

  /** @param {string[]} stores */
  #writing(...stores) {
    return this.database.transaction(stores, "readwrite", { durability: "strict" });
  }

  /** @param {string} store */
  #reading(store) {
    return this.database.transaction(store).objectStore(store);
  }

  /** @param {SurveyRow} survey */
  async putSurvey(survey) {
    const writing = this.#writing("surveys");
    writing.objectStore("surveys").put(survey);
    await done(writing);
  }

  /** @param {string} account @returns {Promise<SurveyRow[]>} newest first */
  async surveys(account) {
    const rows = await answered(this.#reading("surveys").index("account").getAll(account));
    return rows.sort((one, other) => other.started_at.localeCompare(one.started_at));
  }

  /**
   * Changes a survey as it stands on the disk, whatever another tab has made of it, and adds records in the same stroke.
   * @param {string} id
   * @param {(survey: SurveyRow) => FieldRecord[]} change
   * @param {string} [draft] that the records take the place of
   * @returns {Promise<{survey: SurveyRow, rows: Row[]}>}
   */
  async record(id, change, draft) {
    const writing = this.#writing("surveys", "records", "drafts");
    const finished = done(writing);
    const surveys = writing.objectStore("surveys");
    /** @type {SurveyRow} */
    const survey = await answered(surveys.get(id));
    const rows = change(survey).map((record) => /** @type {Row} */ ({ id: record.id, account: survey.account, session: id, state: "unsent", record }));
    surveys.put(survey);
    for (const row of rows) writing.objectStore("records").add(row);
    if (draft) writing.objectStore("drafts").delete(draft);
    await finished;
    return { survey, rows };
  }

  /** @param {string} session @returns {Promise<Row[]>} as recorded */
  rows(session) {
    return answered(this.#reading("records").index("session").getAll(session));
  }

  /**
   * @param {string} account
   * @param {number} most
   * @returns {Promise<Row[]>} the oldest ones that wait
   */
  async unsent(account, most) {
    const rows = await answered(this.#reading("records").index("state").getAll(IDBKeyRange.only([account, "unsent"]), most));
    return rows.sort((one, other) => (one.seq ?? 0) - (other.seq ?? 0));
  }

  /** @param {string} account @param {Row["state"]} state */
  count(account, state) {
    return answered(this.#reading("records").index("state").count(IDBKeyRange.only([account, state])));
  }

  /** @param {string} account @returns {Promise<Row[]>} */
  refused(account) {
    return answered(this.#reading("records").index("state").getAll(IDBKeyRange.only([account, "refused"])));
  }

  /** Records of whoever else uses this phone. @param {string} account */
  async countOfOthers(account) {
    const accounts = new Set((await answered(this.#reading("surveys").getAll())).map((survey) => survey.account));
    accounts.delete(account);
    const counts = await Promise.all([...accounts].map((other) => this.count(other, "unsent")));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /**
   * What the server said of records.
   * @param {Map<string, {state: Row["state"], why?: string}>} verdicts by id
   */
  async judge(verdicts) {
    const writing = this.#writing("records");
    const finished = done(writing);
    const ids = writing.objectStore("records").index("id");
    for (const [id, { state, why }] of verdicts) {
      const cursor = await answered(ids.openCursor(id));
      // what is stored stays stored, whatever a later answer says
      if (cursor && cursor.value.state !== "sent") cursor.update({ ...cursor.value, state, why: why ?? "" });
    }
    await finished;
  }

  /** @param {{id: string, session: string, account: string, fixes: Fix[], source: string}} draft */
  async putDraft(draft) {
    const writing = this.#writing("drafts");
    writing.objectStore("drafts").put(draft);
    await done(writing);
  }

  /** @returns {Promise<{id: string, session: string, account: string, fixes: Fix[], source: import("./types.js").Source}[]>} */
  drafts() {
    return answered(this.#reading("drafts").getAll());
  }

  /** @param {string} name @returns {Promise<any>} */
  value(name) {
    return answered(this.#reading("values").get(name));
  }

  /** @param {string} name @param {unknown} value */
  async putValue(name, value) {
    const writing = this.#writing("values");
    writing.objectStore("values").put(value, name);
    await done(writing);
  }
}

async function groundDatabase() {
  return open(GROUND, (database) => database.createObjectStore("ground", { keyPath: "account" }));
}

/** @param {KeptGround} kept */
export async function keepGround(kept) {
  const database = await groundDatabase();
  const writing = database.transaction("ground", "readwrite");
  writing.objectStore("ground").put(kept);
  await done(writing);
  database.close();
}

/** @param {string} account @returns {Promise<KeptGround | undefined>} */
export async function keptGround(account) {
  const database = await groundDatabase();
  const found = await answered(database.transaction("ground").objectStore("ground").get(account));
  database.close();
  return found;
}

/** Takes every kept ground from this phone. */
export async function forgetGround() {
  await answered(indexedDB.deleteDatabase(GROUND));
}
