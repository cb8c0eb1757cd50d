"""Whole requests for tiles that are kept, answered from their bytes: what a line and a header block mean is read once."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple, TypeVar

from api.staff.people.credentials import Credential, credential_of
from api.staff.tile_front import GuardedFront
from api.tiles.addresses import asked_for, tile_of
from api.tiles.answers import Answer, RawHeaders, Wish, accepts_gzip, answer, knows, wish
from gis.errors import OnomapError
from gis.mvt import FINAL_BLOCK, GZIP_HEADER, Fragment, gzip_trailer, join
from layers.store.tiles.cache import FragmentCache, Key
from layers.store.tiles.drawn import DrawnTile

_LINE = re.compile(rb"GET (/tiles/[A-Za-z0-9_,./]+) HTTP/1\.1")
_HEADER = re.compile(
    rb"([A-Za-z0-9!#$&'*+.^_`|~-]+): *([\x21-\x7e\x80-\xff](?:[\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)? *"
)
"""Without tabs and DEL, which the parser sees in its own way."""
_END = b"\r\n\r\n"
_CHANGES_MEANING = frozenset(
    {b"content-length", b"transfer-encoding", b"upgrade", b"expect", b"te", b"trailer", b"proxy-connection"}
)
_MOST_REMEMBERED = 8_192
_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
    for status in (HTTPStatus.OK, HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
}

Value = TypeVar("Value")
Parts = tuple[bytes, ...]
"""Bytes that go out one after the other; the tile's own are not copied to put them together."""


@dataclass(frozen=True)
class _Prepared:
    """Heads of the answers to those who take gzip, as long as the fragments have these digests.

    A head ends before the headers of the moment (the date) and the empty line.
    """

    digests: list[bytes]
    tag: bytes
    whole: bytes
    not_modified: bytes
    trailer: bytes


class _Place:
    """A tile that a request line asks for, and the answers prepared for it."""

    __slots__ = ("keys", "names", "prepared")

    def __init__(self, names: tuple[str, ...], keys: tuple[Key, ...]) -> None:
        self.names = names
        self.keys = keys
        self.prepared: _Prepared | None = None


class _Asks(NamedTuple):
    """What a header block means."""

    wish: Wish
    credential: Credential


class KeptTiles:
    """Answers whole requests for kept tiles, where nothing in them asks for anything unusual."""

    def __init__(self, front: GuardedFront, cache: FragmentCache) -> None:
        self._front = front
        self._cache = cache
        self._places: dict[bytes, _Place | None] = {}
        self._wishes: dict[bytes, _Asks | None] = {}
        self._always: tuple[RawHeaders, bytes] = ([], _END[2:])

    def answer(self, request: bytes, always: RawHeaders) -> Parts | None:
        """The bytes of the answer, `always` among its headers; None where the usual way must be gone."""
        end = request.find(b"\r\n")
        place = _remembered(self._places, request[:end], self._place)
        asks = _remembered(self._wishes, request[end:], self._asks)
        if place is None or asks is None or self._front.lags_behind(asks.wish):
            return None
        wished = asks.wish
        # whoever was not asked about within the last second goes the usual way, through the gate
        entrant = self._front.door.remembered(asks.credential)
        if entrant is None or not entrant.view.tiles.drawn.issuperset(place.names):
            return None
        parts = self._cache.get_all(place.keys)
        if parts is None:
            return None
        digests = [part.digest for part in parts]
        prepared = place.prepared
        if prepared is None or prepared.digests != digests:
            prepared = place.prepared = _prepare(place.names, parts, digests)
        last = self._last_headers(always)
        if not prepared.tag:
            return prepared.whole, last
        if wished.if_none_match and knows(wished.if_none_match, prepared.tag):
            return prepared.not_modified, last
        return prepared.whole, last, GZIP_HEADER, *[part.deflated for part in parts], prepared.trailer

    def _last_headers(self, always: RawHeaders) -> bytes:
        """The server's own headers and the empty line; the server makes a new list each second."""
        if self._always[0] is not always:
            self._always = (always, _headers(always) + b"\r\n")
        return self._always[1]

    def _place(self, line: bytes) -> _Place | None:
        found = _LINE.fullmatch(line)
        asked = asked_for(found.group(1).decode(), b"") if found else None
        if asked is None:
            return None
        try:
            names, tile = self._front.source.names(asked.names), tile_of(asked)
        except OnomapError:
            return None
        return _Place(names, tuple(Key(name, *tile) for name in names))

    def _asks(self, block: bytes) -> _Asks | None:
        """What a header block says, when it shows a credential, takes gzip and changes nothing else about the answer."""
        if not block.endswith(_END) or block.find(_END) != len(block) - len(_END):
            return None
        headers: RawHeaders = []
        for line in block[2 : -len(_END)].split(b"\r\n"):
            found = _HEADER.fullmatch(line)
            if found is None:
                return None
            headers.append((found.group(1).lower(), found.group(2) or b""))
        names = [name for name, _ in headers]
        is_plain = _CHANGES_MEANING.isdisjoint(names) and len(names) == len(set(names))
        keeps_open = dict(headers).get(b"connection", b"keep-alive").lower() == b"keep-alive"
        wished = wish(headers)
        takes_gzip = accepts_gzip(wished.accept_encoding)
        is_usual = is_plain and keeps_open and takes_gzip and self._front.is_for_us(headers)
        credential = credential_of(headers) if is_usual else None
        return None if credential is None else _Asks(wished, credential)


def _prepare(names: tuple[str, ...], parts: Sequence[Fragment], digests: list[bytes]) -> _Prepared:
    drawn = DrawnTile(names, join(parts))
    whole = answer(drawn, Wish(b"gzip", b""))
    tag = dict(whole.headers).get(b"etag", b"")
    not_modified = answer(drawn, Wish(b"gzip", tag)) if tag else whole
    return _Prepared(digests, tag, _head(whole), _head(not_modified), FINAL_BLOCK + gzip_trailer(parts))


def _head(found: Answer) -> bytes:
    return _STATUS_LINES[found.status] + _headers(found.headers)


def _headers(headers: RawHeaders) -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in headers)


def _remembered(memory: dict[bytes, Value], text: bytes, read: Callable[[bytes], Value]) -> Value:
    try:
        return memory[text]
    except KeyError:
        if len(memory) >= _MOST_REMEMBERED:
            memory.clear()
        return memory.setdefault(text, read(text))
