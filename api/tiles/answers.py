"""A tile as an HTTP answer: status, headers and body for what the client takes and already has (RFC 9110)."""

import re
from typing import NamedTuple

from api.headers import ALWAYS
from api.tiles.addresses import MVT
from layers.store.tiles.drawn import DrawnTile

CACHE_CONTROL = "private, no-cache"
"""A browser keeps a tile and asks each time whether it still holds: an edit is seen at once, and asking costs no bytes."""
DROPPED = "X-Onomap-Dropped"
"""Features that lie in the tile but are too small to be drawn in it: `cadastral=12, roads=1` (RFC 8941 dictionary)."""
AFTER = b"x-onomap-after"
"""The `notice` of the last change that a page was told, by whichever server: a tile from before it is of no use to it."""
PENDING = "X-Onomap-Pending"
"""Layers whose overview is still being made, so that nothing of them shows at this zoom yet: `cadastral`."""

_WEIGHT = re.compile(rb"\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*", re.IGNORECASE)
_COMMON = [(name.lower().encode(), value.encode()) for name, value in ALWAYS.items()]
_PUBLIC_VARY = (b"vary", b"accept-encoding")
_PRIVATE_VARY = (b"vary", b"accept-encoding, authorization, cookie")
_TYPE = (b"content-type", MVT.encode())
_GZIP = (b"content-encoding", b"gzip")

RawHeaders = list[tuple[bytes, bytes]]


class Answer(NamedTuple):
    """What goes out."""

    status: int
    headers: RawHeaders
    body: bytes


class Wish(NamedTuple):
    """What a request says of itself: the encodings it takes, the entity tags it has, and the last change it knows of."""

    accept_encoding: bytes
    if_none_match: bytes
    after: str = ""


def wish(headers: RawHeaders) -> Wish:
    """The three headers that matter to a tile."""
    encoding = known = after = b""
    for name, value in headers:
        if name == b"accept-encoding":
            encoding = value
        elif name == b"if-none-match":
            known = value
        elif name == AFTER:
            after = value
    return Wish(encoding, known, after.decode("latin-1"))


def answer(tile: DrawnTile, wished: Wish, cache_control: str = CACHE_CONTROL) -> Answer:
    """200 with the tile, 304 when the client has it already, 204 when nothing lies there."""
    joined = tile.joined
    vary = _PRIVATE_VARY if cache_control.startswith("private") else _PUBLIC_VARY
    common = [*_COMMON, (b"cache-control", cache_control.encode()), vary]
    if joined.is_empty:
        return Answer(204, [*common, *_told(tile)], b"")
    takes_gzip = accepts_gzip(wished.accept_encoding)
    # the same tile in two encodings is two representations, and a strong tag names one (RFC 9110, 8.8.1)
    tag = f'"{tile.etag}-gzip"'.encode() if takes_gzip else f'"{tile.etag}"'.encode()
    if wished.if_none_match and knows(wished.if_none_match, tag):
        return Answer(304, [*common, (b"etag", tag)], b"")
    body = joined.gzipped() if takes_gzip else joined.plain()
    headers = [*common, _TYPE, (b"etag", tag), (b"content-length", b"%d" % len(body)), *_told(tile)]
    if takes_gzip:
        headers.append(_GZIP)
    return Answer(200, headers, body)


def accepts_gzip(header: bytes) -> bool:
    """Whether an Accept-Encoding takes gzip: named or by `*`, and not with a weight of zero."""
    taken = {}
    for item in header.lower().split(b","):
        name, _, weight = item.partition(b";")
        found = _WEIGHT.fullmatch(weight)
        taken[name.strip()] = not weight or (found is not None and float(found.group(1)) > 0)
    return taken.get(b"gzip", taken.get(b"x-gzip", taken.get(b"*", False)))


def knows(header: bytes, tag: bytes) -> bool:
    """Whether an If-None-Match names the tag; it compares weakly: a `W/` before the tag does not matter (RFC 9110, 13.1.2)."""
    return (
        header == tag
        or header.strip() == b"*"
        or any(item.strip().removeprefix(b"W/") == tag for item in header.split(b","))
    )


def _told(tile: DrawnTile) -> RawHeaders:
    """What the tile does not show, told rather than left out in silence."""
    told: RawHeaders = []
    if dropped := tile.dropped:
        told.append((DROPPED.lower().encode(), ", ".join(f"{name}={n}" for name, n in dropped.items()).encode()))
    if tile.pending:
        told.append((PENDING.lower().encode(), ", ".join(tile.pending).encode()))
    return told
