// @ts-check
// Talks to the server: addresses relative to the page, problem+json turned into a sentence a person can act on.

/** What went wrong, in a sentence; `offline` when the server did not answer at all. */
export class ServerProblem extends Error {
  /**
   * @param {string} sentence
   * @param {{offline?: boolean, status?: number}} [about]
   */
  constructor(sentence, { offline = false, status = 0 } = {}) {
    super(sentence);
    this.offline = offline;
    this.status = status;
  }
}

/** Tells the page how many requests are under way ("busy"), whether the server answers ("reachable"), and that nobody is signed in any more ("signedout"). */
export const traffic = new EventTarget();
let underWay = 0;

/**
 * An address of this server; the page may live below a sub-path.
 * @param {string} path without a leading slash
 * @param {Record<string, string | string[]>} [parameters]
 */
export function address(path, parameters = {}) {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, one);
  }
  return url;
}

/** @typedef {(path: string, parameters: Record<string, string | string[]>, signal?: AbortSignal) => Promise<any>} Answerer */

/** @type {Answerer | null} */
let standIn = null;

/** From now on this answers in the place of a server. @param {Answerer} answerer */
export function answerFrom(answerer) {
  standIn = answerer;
}

/**
 * @param {string} path
 * @param {Record<string, string | string[]>} [parameters]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export function get(path, parameters, signal) {
  if (standIn) return standIn(path, parameters ?? {}, signal);
  return request(address(path, parameters), { signal: signal ?? null });
}

/**
 * @param {string} path
 * @param {unknown} body sent as JSON
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export function post(path, body, signal) {
  const headers = { "content-type": "application/json" };
  return request(address(path), { method: "POST", headers, body: JSON.stringify(body), signal: signal ?? null });
}

/**
 * @param {URL} url
 * @param {RequestInit} init
 */
async function request(url, init) {
  announce(1);
  try {
    const response = await fetch(url, init);
    traffic.dispatchEvent(new CustomEvent("reachable", { detail: true }));
    if (response.status === 401) traffic.dispatchEvent(new Event("signedout"));
    if (!response.ok) throw await problemOf(response);
    return await response.json();
  } catch (error) {
    if (error instanceof ServerProblem || (error instanceof DOMException && error.name === "AbortError")) throw error;
    traffic.dispatchEvent(new CustomEvent("reachable", { detail: false }));
    throw new ServerProblem("サーバーに接続できません。", { offline: true });
  } finally {
    announce(-1);
  }
}

/** @param {Response} response */
async function problemOf(response) {
  const isProblem = (response.headers.get("content-type") ?? "").includes("json");
  const problem = isProblem ? await response.json() : {};
  const sentence = typeof problem.detail === "string" ? problem.detail : `サーバーが応えられませんでした（${response.status}）。`;
  return new ServerProblem(sentence, { status: response.status });
}

/** @param {1 | -1} change */
function announce(change) {
  underWay += change;
  traffic.dispatchEvent(new CustomEvent("busy", { detail: underWay }));
}
