// @ts-check
// Keeps the part of an address behind "#", which the server never sees, over the login: a link to a place on the map leads there.

const next = document.getElementById("next");
if (next instanceof HTMLInputElement && location.hash && !next.value.includes("#")) next.value += location.hash;
