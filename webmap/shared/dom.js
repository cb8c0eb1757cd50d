// @ts-check
// Builds elements. Text from data only ever becomes a text node, so no name or remark can bring markup in.

/** @typedef {Node | string | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Attributes */

/**
 * An element. An attribute that starts with "on" is a listener, `true` sets an empty attribute, null and false leave it out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter(isPresent));
  return node;
}

/**
 * An SVG element, by the same rules.
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children.filter(isPresent));
  return node;
}

/**
 * The element of that id, which the page itself holds.
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {string} id
 * @returns {Kind}
 */
export function byId(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`この画面に ${id} がありません。`);
  return /** @type {Kind} */ (node);
}

/**
 * @param {Child} child
 * @returns {child is Node | string}
 */
function isPresent(child) {
  return child !== null && child !== undefined && child !== false && child !== "";
}

/**
 * Moves the focus among the buttons of a list with the arrow keys, Home and End.
 * @param {HTMLElement} list
 * @param {string} [selector] what may take the focus
 */
export function arrowKeys(list, selector = "button") {
  list.addEventListener("keydown", (event) => {
    const stops = /** @type {HTMLElement[]} */ ([...list.querySelectorAll(selector)]);
    const here = stops.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const last = stops.length - 1;
    const next = { ArrowDown: Math.min(here + 1, last), ArrowUp: Math.max(here - 1, 0), Home: 0, End: last }[event.key];
    if (next === undefined || here < 0) return;
    event.preventDefault();
    stops[next]?.focus();
  });
}
