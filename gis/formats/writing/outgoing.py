"""What a writer is told of rows before it sees them, and the form in which it then gets them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyproj import CRS

FID = "fid"
VERSION = "version"
GEOMETRY = "geom"
"""The column of a batch that holds WKB; no layer may declare a field of this name."""

CRS84_EPSG = 4326
"""Longitude and latitude in WGS 84, in this order whatever the registry says: OGC's CRS84."""

Batches = Iterable[pa.RecordBatch]
"""Rows by columns in the order of `Outgoing.columns`, then WKB (x east or longitude, y north or latitude) if any."""


class ColumnType(StrEnum):
    """Types that a column may have."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"


ARROW_TYPES: Mapping[ColumnType, pa.DataType] = {
    ColumnType.TEXT: pa.string(),
    ColumnType.INTEGER: pa.int64(),
    ColumnType.NUMBER: pa.float64(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.DATE: pa.date32(),
}


@dataclass(frozen=True)
class Column:
    """One attribute; `codes` maps a stored code (as text) to its Japanese label."""

    name: str
    type: ColumnType
    label: str
    unit: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)

    @property
    def heading(self) -> str:
        """The label with its unit, as a person reads it: 登記地積（㎡）."""
        return f"{self.label}（{self.unit}）" if self.unit else self.label


@dataclass(frozen=True)
class Fact:
    """One thing a file says of itself: its key for programs, its label and value for people."""

    key: str
    label: str
    value: str


@dataclass(frozen=True)
class Style:
    """One row of the legend: rows whose values (as text) are those of `when` are drawn so; colours are #RRGGBB."""

    label: str
    when: Mapping[str, str]
    fill: str | None
    line: str | None
    width: float


@dataclass(frozen=True)
class Outgoing:
    """A set of rows on its way out.

    `name` is a plain ASCII identifier. `shape` is Point, MultiLineString or MultiPolygon, None for a list without
    places. `epsg` is the CRS of the WKB. `label_column` names the column that a map would write beside the feature.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    shape: str | None
    epsg: int
    facts: tuple[Fact, ...] = ()
    styles: tuple[Style, ...] = ()
    label_column: str | None = None

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of every batch."""
        fields = [pa.field(column.name, ARROW_TYPES[column.type]) for column in self.columns]
        return pa.schema([*fields, *([pa.field(GEOMETRY, pa.binary())] if self.shape else [])])

    @property
    def is_geographic(self) -> bool:
        """Whether coordinates are degrees."""
        return bool(CRS.from_epsg(self.epsg).is_geographic)

    @property
    def wkt(self) -> str:
        """The CRS as WKT, as GDAL takes it."""
        return str(CRS.from_epsg(self.epsg).to_wkt())

    @property
    def description(self) -> str:
        """All facts in lines of label and value, for formats that have room for one text."""
        return "\n".join(f"{fact.label}: {fact.value}" for fact in self.facts)

    def unused_name(self, wanted: str) -> str:
        """`wanted`, lengthened by low lines until no column has that name."""
        names = {column.name for column in self.columns}
        while wanted in names:
            wanted += "_"
        return wanted


def values(batch: pa.RecordBatch, outgoing: Outgoing) -> list[list[object]]:
    """The attributes of a batch as Python values, column by column."""
    return [batch.column(position).to_pylist() for position in range(len(outgoing.columns))]


def geometries(batch: pa.RecordBatch, outgoing: Outgoing) -> NDArray[np.object_]:
    """The geometries of a batch (n,), None where a row has none."""
    if outgoing.shape is None:
        return np.full(batch.num_rows, None, dtype=object)
    wkb = batch.column(len(outgoing.columns)).to_numpy(zero_copy_only=False)
    return shapely.from_wkb(wkb)  # type: ignore[no-any-return]


DEGREE_DECIMALS = 9
METRE_DECIMALS = 4
"""Decimals of coordinates in text formats: 0.1 mm on the ground either way, a tenth of what a survey states."""


def rounded(shapes: NDArray[np.object_], decimals: int) -> NDArray[np.object_]:
    """The same geometries with coordinates to `decimals`."""
    return shapely.transform(shapes, lambda points: np.round(points, decimals))  # type: ignore[no-any-return]


_PICTURES = {code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A, 0x0D)} | {
    0xFFFE: 0xFFFD,
    0xFFFF: 0xFFFD,
}


def for_xml(text: str) -> str:
    """The text with control characters, which XML 1.0 (§2.2) cannot hold in any form, as their pictures (U+0001 → ␁)."""
    return text.translate(_PICTURES)


@dataclass
class Pulled:
    """Batches on their way through a library that swallows what went wrong while it pulled them; `error` keeps it."""

    batches: Batches
    error: BaseException | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """The batches, remembering the error that ends them."""
        try:
            yield from self.batches
        except BaseException as error:
            self.error = error
            raise
