"""CSV (RFC 4180, UTF-8 with BOM so that Excel takes it for what it is), as pieces of text.

The heading holds the field names, so that what is written can be loaded again; with `labels` it holds the Japanese
labels, and each coded column is followed by one with the codes' labels. Nothing stands between two commas where there
is no value, `""` where the text is empty. Points are two columns, other shapes one column `WKT`. In plane coordinates
the two columns are `easting` and `northing`, never x and y: in 平面直角座標系 the X axis points north.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import shapely

from gis.formats.writing.formulas import defused
from gis.formats.writing.outgoing import (
    DEGREE_DECIMALS,
    METRE_DECIMALS,
    Batches,
    Column,
    ColumnType,
    Outgoing,
    geometries,
    values,
)

BOM = b"\xef\xbb\xbf"
_QUOTED = frozenset(',"\r\n')


def rows(outgoing: Outgoing, batches: Batches, *, labels: bool = False) -> Iterator[bytes]:
    """The heading, then the rows, each ended with CR LF."""
    yield BOM + (",".join(_text(name) for name in _heading(outgoing, labels=labels)) + "\r\n").encode()
    for batch in batches:
        columns = list(_columns(outgoing, batch, labels=labels))
        yield "".join(",".join(row) + "\r\n" for row in zip(*columns, strict=True)).encode()


def _heading(outgoing: Outgoing, *, labels: bool) -> Iterator[str]:
    for column in outgoing.columns:
        yield column.heading if labels else column.name
        if labels and column.codes:
            yield f"{column.label}（表示名）"
    yield from place_names(outgoing, labels=labels)


def place_names(outgoing: Outgoing, *, labels: bool) -> list[str]:
    """The names of the columns that say where a row is."""
    if outgoing.shape is None:
        return []
    if outgoing.shape != "Point":
        return ["WKT"]
    if labels:
        return ["経度", "緯度"] if outgoing.is_geographic else ["東西座標（m、東が正）", "南北座標（m、北が正）"]
    pair = ("longitude", "latitude") if outgoing.is_geographic else ("easting", "northing")
    return [outgoing.unused_name(name) for name in pair]


def _columns(outgoing: Outgoing, batch: pa.RecordBatch, *, labels: bool) -> Iterator[Sequence[str]]:
    for column, column_values in zip(outgoing.columns, values(batch, outgoing), strict=True):
        yield _cells(column, column_values)
        if labels and column.codes:
            yield [_text(defused(label_of(column, value))) for value in column_values]
    if outgoing.shape is not None:
        yield from _places(outgoing, batch)


def label_of(column: Column, value: object) -> str:
    """What a code means; the code itself where the catalogue has no label for it, nothing for no value."""
    return "" if value is None else column.codes.get(code_text(value), str(value))


def code_text(value: object) -> str:
    """A value as the catalogue writes codes: true and false in small letters, numbers as digits."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cells(column: Column, column_values: list[object]) -> list[str]:
    if column.type is ColumnType.TEXT:
        return ["" if value is None else _text(defused(str(value))) for value in column_values]
    return ["" if value is None else code_text(value) for value in column_values]


def _text(value: str) -> str:
    if value and _QUOTED.isdisjoint(value) and value[0] != " " and value[-1] != " ":
        return value
    return '"' + value.replace('"', '""') + '"'


def _places(outgoing: Outgoing, batch: pa.RecordBatch) -> list[list[str]]:
    shapes = geometries(batch, outgoing)
    decimals = DEGREE_DECIMALS if outgoing.is_geographic else METRE_DECIMALS
    if outgoing.shape == "Point":
        return [_coordinates(axis(shapes), decimals) for axis in (shapely.get_x, shapely.get_y)]
    texts = shapely.to_wkt(shapes, rounding_precision=decimals)
    return [["" if text is None else f'"{text}"' for text in texts]]


def _coordinates(numbers: np.typing.NDArray[np.float64], decimals: int) -> list[str]:
    return ["" if number != number else repr(number) for number in np.round(numbers, decimals).tolist()]  # noqa: PLR0124
