// @ts-check
// What is sent besides plain JSON: a version in If-Match, a file, a number of parameters.

import { ServerProblem, address } from "../shared/server.js";

/**
 * @param {string} method
 * @param {string} path
 * @param {Record<string, string>} parameters
 * @param {{json?: unknown, file?: Blob, type?: string, match?: string}} [content]
 * @returns {Promise<any>}
 */
export async function send(method, path, parameters, { json, file, type, match } = {}) {
  /** @type {Record<string, string>} */
  const headers = { "content-type": type ?? "application/json" };
  if (match) headers["if-match"] = match;
  const response = await reached(fetch(address(path, parameters), { method, headers, body: file ?? (json === undefined ? null : JSON.stringify(json)) }));
  if (response.ok) return response.json();
  const isProblem = (response.headers.get("content-type") ?? "").includes("json");
  const problem = isProblem ? await response.json() : {};
  throw new ServerProblem(typeof problem.detail === "string" ? problem.detail : `サーバーが応えられませんでした（${response.status}）。`, { status: response.status });
}

/** @param {Promise<Response>} asked */
async function reached(asked) {
  try {
    return await asked;
  } catch {
    throw new ServerProblem("サーバーに接続できません。電波の届く所で、もう一度してください。", { offline: true });
  }
}
