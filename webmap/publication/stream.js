// @ts-check
// A long step on the server: its progress as it comes, line by line, and its result or its problem at the end.

import { address, ServerProblem } from "../shared/server.js";

/**
 * @param {string} path
 * @param {unknown} body sent as JSON
 * @param {(what: string, share: number) => void} hear
 * @returns {Promise<any>} the result
 */
export async function step(path, body, hear) {
  const response = await begin(path, body);
  if (!response.ok || !response.body) throw await refusal(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new ServerProblem("サーバーとの接続が切れました。一覧で結果を確かめてください。", { offline: true });
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const told = JSON.parse(line);
      if (told.problem) throw new ServerProblem(told.problem.detail, { status: told.problem.status });
      if (told.result) return told.result;
      hear(told.what, told.share);
    }
  }
}

/**
 * @param {string} path
 * @param {unknown} body
 */
async function begin(path, body) {
  const headers = { "content-type": "application/json" };
  try {
    return await fetch(address(path), { method: "POST", headers, body: JSON.stringify(body) });
  } catch {
    throw new ServerProblem("サーバーに接続できません。", { offline: true });
  }
}

/** @param {Response} response */
async function refusal(response) {
  const isProblem = (response.headers.get("content-type") ?? "").includes("json");
  const problem = isProblem ? await response.json() : {};
  return new ServerProblem(problem.detail ?? `サーバーが応えられませんでした（${response.status}）。`, { status: response.status });
}
