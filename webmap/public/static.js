// @ts-check

/** Whether this page was written by `onomap publish --static`. */
export function isStatic() {
  return document.querySelector('meta[name="onomap-static"]') !== null;
}
