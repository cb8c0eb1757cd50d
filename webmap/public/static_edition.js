// @ts-check
// Makes the page of a static edition ask files instead of a server, and takes away what only a server can give.

import { element } from "../shared/dom.js";
import { answerFrom } from "../shared/server.js";
import { staticGet } from "./static_server.js";

const PMTILES = "./vendor/pmtiles/4.5.0/dist/pmtiles.js";

/** Before anything is asked. */
export function startStatic() {
  answerFrom(staticGet);
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("footer a[href^='./']"))) {
    if (!new URL(link.href).pathname.endsWith(".html")) (link.closest("li") ?? link).remove();
  }
}

/** Before the map: its tiles come out of PMTiles files. */
export async function readTilesFromFiles() {
  await new Promise((done, failed) => {
    document.head.append(element("script", { src: PMTILES, onload: done, onerror: () => failed(new Error(PMTILES)) }));
  });
  // only now: the words come before the map
  const { addProtocol } = await import("maplibre-gl");
  const { Protocol } = /** @type {any} */ (globalThis).pmtiles;
  const { tile } = new Protocol();
  addProtocol("pmtiles", async (asked, cancelled) => {
    try {
      return await readAgain(() => tile(asked, cancelled), cancelled.signal);
    } catch (error) {
      // on its way to the worker a cancellation loses its name, and would be told as an error
      if (cancelled.signal.aborted) return { data: new Uint8Array() };
      throw error;
    }
  });
}

/**
 * Chromium lets a read of a part of a file fail together with an earlier one of the same part that was given up ("Failed to
 * fetch"), and a phone's line breaks for a moment: either is read once more before a tile is missing.
 * @template T
 * @param {() => Promise<T>} read
 * @param {AbortSignal} signal
 */
async function readAgain(read, signal) {
  try {
    return await read();
  } catch (error) {
    if (signal.aborted || !(error instanceof TypeError)) throw error;
    return read();
  }
}
