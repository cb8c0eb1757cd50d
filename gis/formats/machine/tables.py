"""GeoJSON and Shapefiles of fields, read by the house's own readers: rows of areas and lines put together into fields."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis.crs import Datum, Grids, geographic_epsg, plan
from gis.errors import MissingCrsError
from gis.formats import geojson, vector
from gis.formats.archive import Member
from gis.formats.machine.model import MachineField, Position, Ring
from gis.formats.machine.pieces import Piece, Pieces, Role
from gis.formats.machine.rings import open_ring, position
from gis.formats.table import SourceTable

_NAMES = ("name", "field_name", "圃場名", "名称", "title", "地番", "fieldname", "field")
_IDS = ("field_id", "圃場id", "polygon_uuid")
_FARMERS = ("farmer", "農業者", "耕作者", "owner_farmer")


def read_geojson(member: Member, *, grids: Grids) -> list[MachineField]:
    """The fields of a GeoJSON file. Raises UnreadableFileError, UnsupportedFileError, CrsError."""
    return _fields(geojson.read(member), member.label, None, grids)


def read_shapefiles(
    mains: Sequence[Member], members: Sequence[Member], *, zone_epsg: int | None, grids: Grids
) -> list[MachineField]:
    """The fields of the Shapefiles of one zip, of which one may hold boundaries and others lines.

    Raises MissingCrsError for one without .prj whose numbers are no degrees when `zone_epsg` is None.
    """
    tables = (table for main in mains for table in vector.read(main, members, encoding=None, layer_name=None))
    return _fields(tables, mains[0].label, zone_epsg, grids)


def _fields(tables: Iterable[SourceTable], label: str, zone_epsg: int | None, grids: Grids) -> list[MachineField]:
    pieces = Pieces(label)
    for table in tables:
        for rejected in table.rejected:
            pieces.note(f"{table.source} の{rejected.ref}の図形は取り込みません（{rejected.reason}）。")
        shapes = _in_degrees(table, zone_epsg, grids, pieces)
        columns = {key.lower(): values for key, values in table.columns.items()}
        for row, shape in enumerate(shapes):
            _take_row(shape, {key: values[row] for key, values in columns.items()}, table.refs[row], pieces)
    return pieces.fields()


def _in_degrees(
    table: SourceTable, zone_epsg: int | None, grids: Grids, pieces: Pieces
) -> Sequence[BaseGeometry | None]:
    """The shapes in JGD2011 degrees; WGS 84 is taken for JGD2011 as it stands, as gis.crs says."""
    epsg = table.crs.epsg
    if epsg is None:
        epsg = zone_epsg
        if epsg is None or table.crs.stated not in (".prj なし", ".prj が空"):
            raise MissingCrsError(
                f"{table.source} の座標系が分かりません（{table.crs.stated}）。.prj を一緒に入れるか、座標系を指定してください。"
            )
        bounds = shapely.total_bounds(table.geometry)
        if np.isfinite(bounds).all() and 120 < bounds[0] <= bounds[2] < 160 and 20 < bounds[1] <= bounds[3] < 50:
            raise MissingCrsError(
                f"{table.source} に .prj がなく、経緯度らしい数が入っています。測地系を記した .prj を一緒に入れてください。"
            )
        pieces.note(f"{table.source} に座標系がないため、EPSG:{epsg} の平面直角座標として読みました。")
    moved, lost = plan(epsg, geographic_epsg(Datum.JGD2011), grids).apply(table.geometry)
    gone = int((lost & np.array([shape is not None for shape in table.geometry], dtype=np.bool_)).sum())
    if gone:
        pieces.note(f"{table.source} の{gone}件は、座標を変換できないため取り込みません。")
    return list(moved)


def _take_row(shape: BaseGeometry | None, row: Mapping[str, object], ref: str, pieces: Pieces) -> None:
    if shape is None or shape.is_empty:
        pieces.note(f"{ref}には図形がないため取り込みません。")
        return
    role = _role(row)
    parts = list(getattr(shape, "geoms", [shape]))
    areas = [part for part in parts if isinstance(part, shapely.Polygon)]
    lines = [part for part in parts if isinstance(part, shapely.LineString)]
    if left := len(parts) - len(areas) - len(lines):
        pieces.note(f"点など、面でも線でもない図形 {left}個は取り込みません。")
    own_id = _text(row, _IDS) or (ref if len(areas) > 1 else "")
    for area in areas:
        _take_area(area, role or Role.BOUNDARY, own_id, row, pieces)
    for line in lines:
        _take_line(line, role, own_id, row, pieces)


def _take_area(area: shapely.Polygon, role: Role, own_id: str, row: Mapping[str, object], pieces: Pieces) -> None:
    pieces.found.append(
        Piece(
            role,
            _ring(area.exterior, pieces.label),
            _text(row, _NAMES),
            own_id,
            inners=[_ring(hole, pieces.label) for hole in area.interiors],
            farmer=_text(row, _FARMERS),
            area_m2=_metres(row, "area_m2"),
        )
    )


def _take_line(
    line: shapely.LineString, role: Role | None, own_id: str, row: Mapping[str, object], pieces: Pieces
) -> None:
    if role is None or role is Role.BOUNDARY:
        pieces.note("圃場の境界（面）でも、おのマップの誘導線でもない線は取り込みません。")
        return
    places = _places(line, pieces.label)
    if role is not Role.GUIDANCE:
        places = open_ring(places)
    pieces.found.append(Piece(role, places, _text(row, _NAMES), own_id, width_m=_metres(row, "width_m")))


def _role(row: Mapping[str, object]) -> Role | None:
    word = row.get("role")
    return Role(word) if isinstance(word, str) and word in set(Role) else None


def _text(row: Mapping[str, object], names: Sequence[str]) -> str:
    for name in names:
        value = row.get(name)
        if isinstance(value, (str, int)) and str(value).strip():
            return str(value).strip()
    return ""


def _metres(row: Mapping[str, object], name: str) -> float | None:
    value = row.get(name)
    usable = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e12
    return float(value) if usable else None  # type: ignore[arg-type]


def _ring(ring: shapely.LinearRing, label: str) -> Ring:
    return open_ring(_places(ring, label))


def _places(line: shapely.LineString, label: str) -> Sequence[Position]:
    return [position(lon, lat, label) for lon, lat in shapely.get_coordinates(line).tolist()]
