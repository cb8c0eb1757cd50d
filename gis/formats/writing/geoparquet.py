"""GeoParquet 1.1.0: WKB, the CRS as PROJJSON, a bounding box of each row as covering, the facts as key-values.

Coordinates are x east or longitude first whatever the CRS says, as the specification wants. A list without places is a
plain Parquet file. Compressed with zstd; a row group holds some 20,000 rows, so that a reader
can skip and a writer has little to hold.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from gis.formats.writing.errors import FailedWriteError
from gis.formats.writing.outgoing import CRS84_EPSG, GEOMETRY, Batches, Outgoing, geometries

COVERING = f"{GEOMETRY}_bbox"
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_COVERING_TYPE = pa.struct([(corner, pa.float64()) for corner in _CORNERS])
ROWS_OF_A_GROUP = 20_000


@dataclass
class _Seen:
    """What the file's own description must say of all rows once they are written."""

    bounds: list[float] = field(default_factory=lambda: [np.inf, np.inf, -np.inf, -np.inf])
    types: set[str] = field(default_factory=set)

    def note(self, bounds: np.typing.NDArray[np.float64], types: set[str]) -> None:
        """Take in the bounds (n, 4), NaN where a row has no place, and the types of some rows."""
        known = bounds[~np.isnan(bounds[:, 0])]
        if len(known):
            low, high = known.min(axis=0), known.max(axis=0)
            self.bounds = [
                float(v) for v in (*np.minimum(self.bounds[:2], low[:2]), *np.maximum(self.bounds[2:], high[2:]))
            ]
        self.types |= types


def write(outgoing: Outgoing, batches: Batches, path: Path) -> None:
    """Write one Parquet file; what its own description says of all rows is added when they are in."""
    seen = _Seen()
    try:
        with pq.ParquetWriter(path, _schema(outgoing), compression="zstd") as writer:
            for group in _groups(outgoing, batches):
                writer.write_table(_with_covering(outgoing, group, seen), row_group_size=group.num_rows)
            writer.add_key_value_metadata(_metadata(outgoing, seen))
    except (pa.ArrowException, OSError) as error:
        raise FailedWriteError(f"{outgoing.title}を Parquet に書き出せませんでした（{error}）。") from error


def _schema(outgoing: Outgoing) -> pa.Schema:
    fields = []
    for column, plain in zip(outgoing.columns, outgoing.schema, strict=False):
        told = {"label": column.label, "unit": column.unit, "codes": dict(column.codes)}
        text = {
            key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for key, value in told.items()
            if value
        }
        fields.append(plain.with_metadata(text))
    if outgoing.shape is not None:
        fields += [pa.field(GEOMETRY, pa.binary()), pa.field(COVERING, _COVERING_TYPE)]
    return pa.schema(fields)


def _groups(outgoing: Outgoing, batches: Batches) -> Iterator[pa.Table]:
    """Tables of about `ROWS_OF_A_GROUP` rows."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(part.num_rows for part in waiting) >= ROWS_OF_A_GROUP:
            yield pa.Table.from_batches(waiting, outgoing.schema)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting, outgoing.schema)


def _with_covering(outgoing: Outgoing, table: pa.Table, seen: _Seen) -> pa.Table:
    schema = _schema(outgoing)
    if outgoing.shape is None:
        return table.cast(schema)
    boxes = [_boxes(outgoing, batch, seen) for batch in table.to_batches()]
    return table.append_column(COVERING, pa.chunked_array(boxes, _COVERING_TYPE)).cast(schema)


def _boxes(outgoing: Outgoing, batch: pa.RecordBatch, seen: _Seen) -> pa.StructArray:
    shapes = geometries(batch, outgoing)
    bounds = shapely.bounds(shapes)
    seen.note(bounds, {shape.geom_type for shape in shapes if shape is not None})
    corners = [pa.array(bounds[:, corner]) for corner in range(4)]
    return pa.StructArray.from_arrays(corners, fields=list(_COVERING_TYPE), mask=pa.array(shapely.is_missing(shapes)))


def _metadata(outgoing: Outgoing, seen: _Seen) -> dict[str, str]:
    facts = {f"onomap:{fact.key}": fact.value for fact in outgoing.facts}
    if outgoing.shape is None:
        return facts
    column: dict[str, object] = {
        "encoding": "WKB",
        "geometry_types": sorted(seen.types),
        "covering": {"bbox": {corner: [COVERING, corner] for corner in _CORNERS}},
    }
    if outgoing.epsg != CRS84_EPSG:
        column["crs"] = CRS.from_epsg(outgoing.epsg).to_json_dict()
    if seen.types:
        column["bbox"] = seen.bounds
    geo = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    return {"geo": json.dumps(geo, ensure_ascii=False), **facts}
