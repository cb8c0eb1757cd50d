"""What a row says, in PostgreSQL's binary form of COPY, and the hash that names it.

https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format": each field is its length in bytes and the bytes, all
numbers big-endian, a length of −1 for NULL.
"""

import struct
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from hashlib import md5

import shapely

from layers.store.definitions import FieldType, GeometryKind, Layer
from layers.store.loading.rows import ReadyRows
from layers.store.tables import has_area

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
_DAY_NOUGHT = date(2000, 1, 1).toordinal()
_length = struct.Struct(">i").pack
_integer = struct.Struct(">iq").pack
_number = struct.Struct(">id").pack
_day = struct.Struct(">ii").pack


def content_columns(layer: Layer) -> list[str]:
    """The columns that say what a row says: those from which its content hash is made, in that order."""
    names = [field.name for field in layer.fields]
    if has_area(layer):
        names.append("area_m2")
    if layer.geometry is not GeometryKind.NONE:
        names.append("geom")
    return names


def copied_columns(layer: Layer) -> list[str]:
    """The columns that `numbered` fills, in the order in which they are copied."""
    return ["content_hash", "load_id", *content_columns(layer)]


def contents(layer: Layer, srid: int, rows: ReadyRows) -> list[bytes]:
    """What each row says: its content columns as fields of COPY, made column by column, since values repeat."""
    columns = [_fields(field.type, rows.columns[field.name]) for field in layer.fields]
    if rows.area_m2 is not None:
        columns.append([_number(8, area) for area in rows.area_m2.tolist()])
    if layer.geometry is not GeometryKind.NONE:
        columns.append(_shapes(rows, srid))
    return list(map(b"".join, zip(*columns, strict=True)))


def numbered(said: Sequence[bytes], load_id: int, columns: int, seen: dict[bytes, int]) -> bytes:
    """Whole rows of `copied_columns`, of a load; `seen` tells identical rows of one edition apart."""
    before, after = columns.to_bytes(2, "big") + _length(16), _integer(8, load_id)
    return b"".join([b"%b%b%b%b" % (before, content_hash(content, seen), after, content) for content in said])


def content_hash(content: bytes, seen: dict[bytes, int]) -> bytes:
    """Names a row by what it says, in 16 bytes; the second of two identical rows gets a name of its own."""
    digest = md5(content, usedforsecurity=False).digest()
    times = seen[digest] = seen.get(digest, 0) + 1
    if times > 1:
        digest = md5(digest + str(times).encode(), usedforsecurity=False).digest()
    return digest


def _shapes(rows: ReadyRows, srid: int) -> list[bytes]:
    # Given their SRID here: GEOS would copy every shape for it.
    srid_bytes = srid.to_bytes(4, "little")
    return [
        NULL if shape is None else _extended(shape, srid_bytes) for shape in shapely.to_wkb(rows.geometry, byte_order=1)
    ]


def _extended(wkb: bytes, srid: bytes) -> bytes:
    """EWKB, little-endian: WKB whose type says in its highest byte that the SRID stands behind it."""
    return b"%b%b\x20%b%b" % (_length(len(wkb) + 4), wkb[:4], srid, wkb[5:])


def _fields(kind: FieldType, values: list[object]) -> list[bytes]:
    """Values of one field as fields of COPY, each distinct one written once."""
    distinct = set(values)
    distinct.discard(None)
    written: dict[object, bytes] = dict(zip(distinct, _WRITERS[kind](distinct), strict=True))
    written[None] = NULL
    return list(map(written.__getitem__, values))


def _texts(values: Collection[object]) -> Iterable[bytes]:
    encoded = [str(value).encode() for value in values]
    return [_length(len(text)) + text for text in encoded]


def _integers(values: Collection[object]) -> Iterable[bytes]:
    return [_integer(8, value) for value in values]


def _numbers(values: Collection[object]) -> Iterable[bytes]:
    for value in values:
        if not isinstance(value, (int, float)):
            raise TypeError(f"a number field holds {type(value).__name__}")
        yield _number(8, value + 0.0)  # −0.0, which equals 0.0, is written like it


def _booleans(values: Collection[object]) -> Iterable[bytes]:
    return [_length(1) + (b"\x01" if value else b"\x00") for value in values]


def _dates(values: Collection[object]) -> Iterable[bytes]:
    for value in values:
        if not isinstance(value, date):
            raise TypeError(f"a date field holds {type(value).__name__}")
        yield _day(4, value.toordinal() - _DAY_NOUGHT)


_WRITERS: dict[FieldType, Callable[[Collection[object]], Iterable[bytes]]] = {
    FieldType.TEXT: _texts,
    FieldType.INTEGER: _integers,
    FieldType.NUMBER: _numbers,
    FieldType.BOOLEAN: _booleans,
    FieldType.DATE: _dates,
}
