// @ts-check
// The answer of `/here` where there is no server: worked out in the browser from files that `onomap publish --static` wrote.
// It follows layers/guidance (zones.py, destinations.py, foot.py) and api/public (here_risks.py, here_sites.py) rule for rule;
// a test asks both the same 500 places.

import { toPlane } from "../shared/plane.js";
import { areaAt, holds, inside, nearest, waysFrom } from "./static_ground.js";

const RAIN = ["flood", "landslide", "inland_flood"];
const FOUND = ["applies", "near_boundary"];
const WITHOUT_BLANKS = ["ja", "zh-Hans", "zh-Hant"];
const MOST = 3;
const METRES_A_MINUTE = 60;
const FAR_M = 2000;

/** @typedef {import("./static_ground.js").Point} Point */
/** @typedef {import("./static_ground.js").Way} Way */
/** @typedef {(path: string) => Promise<any>} Read the JSON at a path below the static edition; null where there is none */
/** @typedef {(key: string, values?: Record<string, unknown>) => string} Say */

/**
 * What may happen at a place, what to do and where to go: the same JSON as `/here`.
 * @param {Read} read
 * @param {number} lon
 * @param {number} lat
 * @param {string} language
 * @param {string} today ISO day, by which data are past their update cycle or not
 */
export async function staticHere(read, lon, lat, language, today) {
  const [common, shared, own] = await Promise.all([
    read("here/common.json"), read(`i18n/${language}/common.json`), read(`i18n/${language}/here.json`),
  ]);
  const say = speaker({ ...shared, ...own });
  const told = /** @type {Told} */ ({ common, say, language, today });
  const north = toPlane(lon, lat, common.town.plane_zone);
  const point = /** @type {Point} */ ([north.y, north.x]);
  const name = `${Math.floor(point[0] / common.cell_m)}_${Math.floor(point[1] / common.cell_m)}`;
  const cell = common.cells.includes(name) ? await read(`here/${name}.json`) : null;
  const inTown = cell && (holds(cell.town, point) || nearest(cell.town_edges, point) <= common.edge_of_town_m);
  const head = { lang: language, edition: common.edition };
  if (!inTown) {
    const note = say("note.outside", { town: common.town.name });
    const place = { lon, lat, oaza: null, district: null, in_town: false };
    return { ...head, place, headline: note, first: "", risks: [], go: [], shelters: [], sources: {}, notes: [note] };
  }
  const risks = common.zones.map((/** @type {any} */ zone, /** @type {number} */ at) => riskAt(zone, cell.zones[at], point, told));
  const ways = waysFrom(common, cell.roads, point);
  const go = new Map(common.hazards.map((/** @type {string} */ hazard) => [hazard, nearestSites(ways.sites, hazard)]));
  const shelters = ways.shelters.slice(0, MOST);
  const place = { lon, lat, oaza: areaAt(common.oaza, cell.oaza, point), district: areaAt(common.districts, cell.districts, point), in_town: true };
  return {
    ...head, place, headline: headline(told, risks), first: firstWays(told, risks, go),
    risks: [...risks].sort((one, other) => Number(!FOUND.includes(one.found)) - Number(!FOUND.includes(other.found))).map((risk) => riskTold(told, risk)),
    go: goTold(told, risks, go),
    shelters: shelters.map((way) => siteTold(told, way, way.to.lies_in.filter((/** @type {string} */ one) => RAIN.includes(one)))),
    shelters_sentence: say(common.layers.shelters ? "shelters_sentence" : "shelters_none"),
    sources: Object.fromEntries(Object.keys(common.layers).map((layer) => [layer, freshness(told, layer)])),
    notes: notes(told),
  };
}

/** @typedef {{common: any, say: Say, language: string, today: string}} Told */

/**
 * @param {Record<string, string>} texts
 * @returns {Say}
 */
function speaker(texts) {
  return (key, values = {}) => {
    const text = texts[key];
    if (text === undefined) throw new Error(`no text for ${key}`);
    return text.replace(/{(\w+)}/g, (_, name) => String(values[name]));
  };
}

/**
 * @param {Told} told
 * @param {string[]} said
 */
const sentences = (told, said) => said.join(WITHOUT_BLANKS.includes(told.language) ? "" : " ");

// risks

/**
 * @param {any} zone
 * @param {any} here
 * @param {Point} point
 * @param {Told} told
 */
function riskAt(zone, here, point, told) {
  const risk = { hazard: zone.hazard, layer: zone.layer, band: zone.band_m, parts: /** @type {any[]} */ ([]), grade: null, reason: "does_not_apply", found: "" };
  if (!zone.is_there) return { ...risk, found: "no_data", outcome: "no_data", reason: "not_published", layer: null };
  risk.parts = partsAt(zone, here, point);
  if (risk.parts.length) {
    const isInside = risk.parts.some((part) => part.inside !== null);
    risk.found = isInside && nearest(here.edges, point) > zone.band_m ? "applies" : "near_boundary";
    risk.grade = gravest(zone, risk.parts.map((part) => part.near));
  } else if (zone.is_given && !(holds(here.cover, point) && nearest(here.cover_edges, point) > zone.band_m)) {
    return { ...risk, found: "no_data", outcome: "no_data", reason: "not_covered" };
  } else {
    risk.found = "does_not_apply";
  }
  const layer = told.common.layers[zone.layer];
  return { ...risk, outcome: layer && told.today > layer.stale_after ? "stale" : risk.found };
}

/**
 * @param {any} zone
 * @param {any} here
 * @param {Point} point
 */
function partsAt(zone, here, point) {
  const found = new Map();
  for (const [owner, rings] of here.areas) {
    const isIn = inside(rings, point);
    if (!isIn && nearest(rings, point) > zone.band_m) continue;
    const [group, grade] = zone.rows[owner];
    const key = JSON.stringify(group);
    const part = found.get(key) ?? { group, holding: [], near: [] };
    part.near.push(grade);
    if (isIn) part.holding.push(grade);
    found.set(key, part);
  }
  const parts = [...found.values()].map(({ group, holding, near }) => ({
    group, inside: holding.length ? gravest(zone, holding) : null, near: gravest(zone, near),
  }));
  const order = (/** @type {any} */ part) => zone.gravest_first.indexOf(part.near);
  const name = (/** @type {any} */ part) => part.group.map((/** @type {any} */ value) => value ?? "").join("\u0000");
  return parts.sort((one, other) => order(one) - order(other) || (name(one) < name(other) ? -1 : 1));
}

/**
 * @param {any} zone
 * @param {number[]} grades
 */
const gravest = (zone, grades) => zone.gravest_first.find((/** @type {number} */ grade) => grades.includes(grade));

/**
 * @param {Told} told
 * @param {any[]} risks
 */
function headline(told, risks) {
  const kinds = /** @type {[string, (risk: any) => boolean][]} */ ([
    ["danger", (risk) => FOUND.includes(risk.found)],
    ["unknown", (risk) => risk.found === "no_data"],
    ["outside", (risk) => risk.found === "does_not_apply"],
  ]);
  const said = kinds.map(([key, is]) => [key, risks.filter(is)]).filter(([, list]) => list?.length).map(([key, list]) =>
    told.say(`headline.${key}`, { hazards: /** @type {any[]} */ (list).map((risk) => told.say(`short.${risk.hazard}`)).join(told.say("join")) }));
  return sentences(told, said);
}

/**
 * @param {Told} told
 * @param {any} risk
 */
function riskTold(told, risk) {
  const { say } = told;
  const sentence = risk.hazard === "flood" ? floodSentence(told, risk) : landslideSentence(told, risk);
  const advice = risk.found === "no_data" ? "no_data" : risk.grade ?? "none";
  return {
    hazard: risk.hazard, outcome: risk.outcome, found: risk.found, grade: risk.grade,
    outcome_label: say(`outcome.${risk.outcome}`), title: say(`hazard.${risk.hazard}`),
    sentence: risk.outcome === "stale" ? sentences(told, [say("stale"), sentence]) : sentence,
    advice: say(`${risk.hazard}.advice.${advice}`),
    details: risk.parts.map((/** @type {any} */ part) => (risk.hazard === "flood" ? floodDetail(told, part) : landslideDetail(told, part))),
    ...freshness(told, risk.layer),
  };
}

/**
 * @param {Told} told
 * @param {any} risk
 */
function floodSentence(told, risk) {
  const { say } = told;
  if (risk.grade === null) return say(`flood.${risk.reason}`);
  const depth = say(`depth.${risk.grade}`);
  if (risk.found === "near_boundary") return say("flood.near_boundary", { band: Math.ceil(risk.band), depth });
  const here = Math.max(...risk.parts.map((/** @type {any} */ part) => part.inside ?? 0));
  const said = [say("flood.applies", { depth: say(`depth.${here}`) })];
  if (risk.grade > here) said.push(say("flood.deeper_near", { depth }));
  return sentences(told, said);
}

/**
 * @param {Told} told
 * @param {any} risk
 */
function landslideSentence(told, risk) {
  const { say } = told;
  if (risk.grade === null) return say(`landslide.${risk.reason}`);
  const zones = (/** @type {any[]} */ parts, /** @type {string} */ grade) => parts.map((part) =>
    say("landslide.zone", { kind: say(`kind.${part.group[0]}`), zone_class: say(`class.${part[grade]}`) })).join(say("landslide.join"));
  const effect = say(`landslide.effect.${[2, 4].includes(risk.grade) ? "special" : "warning"}`);
  if (risk.found === "near_boundary") {
    return sentences(told, [say("landslide.near_boundary", { zones: zones(risk.parts, "near"), band: Math.ceil(risk.band) }), effect]);
  }
  const within = risk.parts.filter((/** @type {any} */ part) => part.inside !== null);
  const near = risk.parts.filter((/** @type {any} */ part) => part.near !== part.inside);
  const said = [say("landslide.applies", { zones: zones(within, "inside") })];
  if (near.length) said.push(say("landslide.worse_near", { zones: zones(near, "near") }));
  return sentences(told, [...said, effect]);
}

/**
 * @param {Told} told
 * @param {any} part
 */
function floodDetail(told, part) {
  const [river, scenario] = part.group;
  const label = told.say("detail.flood", { river: river || told.say("river_unknown"), scenario: told.say(`scenario.${scenario || "unknown"}`) });
  return { label, value: valueOf(told, part, "depth_short"), colour: colourOf(told, "flood", { depth_rank: part.inside ?? part.near }) };
}

/**
 * @param {Told} told
 * @param {any} part
 */
function landslideDetail(told, part) {
  const colour = colourOf(told, "landslide", { phenomenon: part.group[0], zone_class: part.inside ?? part.near });
  return { label: told.say(`kind.${part.group[0]}`), value: valueOf(told, part, "class"), colour };
}

/**
 * @param {Told} told
 * @param {any} part
 * @param {string} scale
 */
function valueOf({ say }, part, scale) {
  const near = say(`${scale}.${part.near}`);
  if (part.inside === null) return say("detail.near", { value: near });
  const here = say(`${scale}.${part.inside}`);
  return part.inside === part.near ? here : say("detail.worse_near", { value: here, worse: near });
}

/**
 * @param {Told} told
 * @param {string} layer
 * @param {Record<string, unknown>} values
 */
function colourOf({ common }, layer, values) {
  const row = common.legends[layer]?.find((/** @type {any} */ one) =>
    Object.keys(one.values).length === Object.keys(values).length && Object.entries(values).every(([name, value]) => one.values[name] === String(value)));
  return row?.fill ?? null;
}

/**
 * @param {Told} told
 * @param {string | null} layer
 */
function freshness({ common }, layer) {
  const found = layer === null ? undefined : common.layers[layer];
  return { source: found?.source ?? null, data_date: found?.data_date ?? null };
}

// where to go

/**
 * @param {any} place
 * @param {string} hazard
 * @returns {string[]}
 */
const dangers = (place, hazard) => place.lies_in.filter((/** @type {string} */ one) => (RAIN.includes(hazard) ? RAIN : [hazard]).includes(one));

/**
 * @param {Way[]} ways
 * @param {string} hazard
 */
function nearestSites(ways, hazard) {
  const fit = ways.filter((way) => way.to.hazards.includes(hazard));
  const chosen = fit.slice(0, MOST);
  const safe = fit.filter((way) => !dangers(way.to, hazard).length);
  if (safe[0] && !chosen.some((way) => safe.includes(way))) chosen[chosen.length - 1] = safe[0];
  const danger = (/** @type {Way} */ { to }) => (to.lies_in.includes(hazard) ? 2 : Number(dangers(to, hazard).length > 0));
  return chosen.sort((one, other) => danger(one) - danger(other));
}

/**
 * @param {Told} told
 * @param {any[]} risks
 * @param {Map<string, Way[]>} go
 */
function firstWays(told, risks, go) {
  const said = [];
  for (const { hazard, found } of risks) {
    const [way] = go.get(hazard) ?? [];
    if (found !== "does_not_apply" && way) {
      said.push(told.say("headline.go", { hazard: told.say(`short.${hazard}`), name: way.to.name, distance: distance(told.say, way.length) }));
    }
  }
  return sentences(told, said);
}

/**
 * @param {Told} told
 * @param {any[]} risks
 * @param {Map<string, Way[]>} go
 */
function goTold(told, risks, go) {
  const here = risks.filter((risk) => FOUND.includes(risk.found)).map((risk) => risk.hazard);
  const explained = risks.map((risk) => risk.hazard);
  const order = [...go.keys()].sort((one, other) => Number(!here.includes(one)) - Number(!here.includes(other)));
  return order.map((hazard) => {
    const ways = go.get(hazard) ?? [];
    return {
      hazard,
      title: told.say("go.title", { hazard: told.say(`${explained.includes(hazard) ? "short" : "hazard"}.${hazard}`) }),
      sentence: goSentence(told, hazard, ways),
      sites: ways.map((way) => siteTold(told, way, dangers(way.to, hazard))),
      ...freshness(told, "evacuation_sites"),
    };
  });
}

/**
 * @param {Told} told
 * @param {string} hazard
 * @param {Way[]} ways
 */
function goSentence(told, hazard, ways) {
  const { say, common } = told;
  if (!common.layers.evacuation_sites) return say("go.not_published");
  const short = say(`short.${hazard}`);
  if (!ways.length) return say("go.none", { hazard: short });
  const isLast = ways.some((way) => dangers(way.to, hazard).length > 0);
  const said = [say(isLast ? "go.sentence_last" : "go.sentence", { hazard: short })];
  if (RAIN.includes(hazard) && Math.min(...ways.map((way) => way.length)) > FAR_M) said.push(say("go.far"));
  return sentences(told, said);
}

/**
 * @param {Told} told
 * @param {Way} way
 * @param {string[]} danger
 */
function siteTold(told, { to, straight, walk, length }, danger) {
  const { say } = told;
  const values = { name: to.name, distance: distance(say, length), minutes: Math.max(1, Math.ceil(length / METRES_A_MINUTE)) };
  const said = [say(walk === null ? "site.straight" : "site.by_road", values)];
  const zones = [...danger].sort();
  if (zones.length) said.push(say("site.danger", { zones: zones.map((one) => say(`danger.${one}`)).join(say("join")) }));
  return {
    layer: to.layer, id: to.id, name: to.name, name_kana: to.name_kana, address: to.address, lon: to.lon, lat: to.lat,
    walk_m: walk === null ? null : Math.round(walk), straight_m: Math.round(straight), by_road: walk !== null, dangers: zones,
    sentence: sentences(told, said), state: null,
  };
}

/**
 * @param {Say} say
 * @param {number} metres
 */
function distance(say, metres) {
  const tens = Math.max(10, Math.round(metres / 10) * 10);
  return tens < 1000 ? say("metres", { value: tens }) : say("kilometres", { value: (metres / 1000).toFixed(1) });
}

/** @param {Told} told */
function notes({ common, say, today }) {
  const stale = ["evacuation_sites", "shelters", "roads"].filter((layer) => common.layers[layer] && today > common.layers[layer].stale_after);
  return [
    ...(common.town.fictitious ? [say("fictitious")] : []),
    ...stale.map((layer) => say("note.stale", { layer: common.titles[layer] })),
    say("note.levels"), say("note.elsewhere"), say("note.walk"),
  ];
}
