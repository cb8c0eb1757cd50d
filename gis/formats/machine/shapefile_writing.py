"""Fields into Shapefiles in one zip: boundaries, and beside them headlands and guidance lines where there are any.

WGS 84 longitude and latitude, which terminals take without asking; CP932 with .cpg, as the house's Shapefile writer has it.
"""

import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from gis.formats.machine.model import MachineField
from gis.formats.machine.pieces import Role
from gis.formats.machine.rings import check_writable, closed, polygon
from gis.formats.writing import dbase, shapefile
from gis.formats.writing.outgoing import CRS84_EPSG, Column, ColumnType, Outgoing

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_TEXT = ("role", "field_id", "name", "farmer")
_NUMBERS = ("area_m2", "width_m")
_LABELS = {
    "role": "役割", "field_id": "圃場の番号", "name": "名前", "farmer": "農業者", "area_m2": "面積", "width_m": "作業幅",
}  # fmt: skip
_Row = tuple[BaseGeometry, Mapping[str, object]]


def parts_of(fields: Sequence[MachineField]) -> tuple[dict[str, bytes], list[str]]:
    """The files by name, and which texts a .dbf cannot hold as they are. Raises UnwritableError, FailedWriteError."""
    check_writable(fields)
    boundaries, headlands, guidance = _rows(fields)
    files: dict[str, bytes] = {}
    for name, shape, rows in (
        ("fields", "MultiPolygon", boundaries),
        ("headlands", "MultiLineString", headlands),
        ("guidance", "MultiLineString", guidance),
    ):
        if rows:
            files |= _files(name, shape, rows)
    return files, _changes([*boundaries, *headlands, *guidance])


def _rows(fields: Sequence[MachineField]) -> tuple[list[_Row], list[_Row], list[_Row]]:
    boundaries: list[_Row] = []
    headlands: list[_Row] = []
    guidance: list[_Row] = []
    for item in fields:
        facts: dict[str, object] = {"field_id": item.id, "name": item.name, "farmer": item.farmer}
        area = shapely.MultiPolygon([polygon(item.outer, item.inners)])
        boundaries.append((area, facts | {"role": Role.BOUNDARY.value, "area_m2": item.area_m2}))
        if item.headland is not None:
            ring = shapely.MultiLineString([closed(item.headland)])
            headlands.append((ring, facts | {"role": Role.HEADLAND.value}))
        for line in item.guidance:
            about = {"role": Role.GUIDANCE.value, "name": line.name, "width_m": line.width_m}
            guidance.append((shapely.MultiLineString([line.positions]), facts | about))
    return boundaries, headlands, guidance


def _files(name: str, shape: str, rows: Sequence[_Row]) -> dict[str, bytes]:
    columns = (
        Column("fid", ColumnType.INTEGER, "番号"),
        *(Column(key, ColumnType.TEXT, _LABELS[key]) for key in _TEXT),
        *(Column(key, ColumnType.NUMBER, _LABELS[key], "㎡" if key == "area_m2" else "m") for key in _NUMBERS),
    )
    outgoing = Outgoing(name, name, columns, shape, CRS84_EPSG)
    values: list[list[object]] = [list(range(1, len(rows) + 1))]
    values += [[facts.get(key) for _shape, facts in rows] for key in (*_TEXT, *_NUMBERS)]
    values.append([shapely.to_wkb(geometry) for geometry, _facts in rows])
    arrays = [pa.array(column, kind.type) for column, kind in zip(values, outgoing.schema, strict=True)]
    with TemporaryDirectory(prefix="onomap-") as folder:
        path = Path(folder) / f"{name}.zip"
        shapefile.write(outgoing, [pa.RecordBatch.from_arrays(arrays, schema=outgoing.schema)], path)
        with zipfile.ZipFile(BytesIO(path.read_bytes())) as archive:
            return {f"{name}{suffix}": archive.read(f"{name}{suffix}") for suffix in PARTS}


def _changes(rows: Sequence[_Row]) -> list[str]:
    texts = dict.fromkeys(str(facts[key]) for _shape, facts in rows for key in _TEXT if facts.get(key))
    notes = []
    for text in texts:
        raw, reason = dbase.encoded(text)
        if reason is not None:
            notes.append(f"「{text}」は {reason} のため、dbf では「{raw.decode(dbase.ENCODING)}」にしました。")
    return notes
