// Asks static_here.js the places on stdin, over the files in a folder; one JSON answer a line.
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [module, folder, language, today] = process.argv.slice(2);
const { staticHere } = await import(pathToFileURL(module).href);
const kept = new Map();
const read = (path) => {
  if (!kept.has(path)) kept.set(path, readFile(`${folder}/${path}`, "utf-8").then(JSON.parse));
  return kept.get(path);
};
for await (const line of createInterface({ input: process.stdin })) {
  const [lon, lat] = JSON.parse(line);
  console.log(JSON.stringify(await staticHere(read, lon, lat, language, today)));
}
