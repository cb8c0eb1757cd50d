// @ts-check
// Keeps the part of an address behind "#", which the server never sees, over the login: a link to a place on the map leads there.

const next = document.getElementById("next");
if (next instanceof HTMLInputElement && location.hash && !next.value.includes("#")) next.value += location.hash;

// What the field page has taken along stays on the phone of whoever is signed in; records that wait to be sent stay in any case.
if (new URLSearchParams(location.search).has("left") && "indexedDB" in window) indexedDB.deleteDatabase("onomap-field-ground");
