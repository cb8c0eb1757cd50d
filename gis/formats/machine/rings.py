"""Positions and rings as files give them: checked before they are believed, never swapped, never closed twice."""

import math
import re
from collections.abc import Iterable, Sequence

import shapely
from pyproj import Geod

from gis.errors import UnreadableFileError
from gis.formats.machine.model import MachineField, Position, Ring
from gis.formats.writing.errors import UnwritableError

DECIMALS = 9
"""A nanodegree is 0.1 mm of latitude. ISO 11783-10 allows no more; the other formats follow."""
CROSSING = "境界線が自分と交わるか、内側の境界が外周からはみ出しています。地図で確かめて直してください。"
JAPAN = (122.0, 20.0, 154.0, 46.0)
GEOD = Geod(ellps="GRS80")
_NUMBER = re.compile(r"[+-]?(\d{1,20}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?", re.ASCII)
_ROUNDING_DEG = 2e-8


def number(text: str, label: str) -> float:
    """A decimal number as files write it. Raises UnreadableFileError for anything else, NaN and infinity included."""
    stripped = text.strip()
    value = float(stripped) if _NUMBER.fullmatch(stripped) else math.nan
    if not math.isfinite(value):
        raise UnreadableFileError(f"{label} の「{stripped[:40]}」は数ではありません。ファイルを確かめてください。")
    return value


def position(lon: float, lat: float, label: str) -> Position:
    """A position on earth. Raises UnreadableFileError, saying so where only the other order would be one.

    In Japan longitude is beyond 90°, so that no swapped position of a town can pass.
    """
    if abs(lat) <= 90 and abs(lon) <= 180:
        return (lon, lat)
    if abs(lon) <= 90 and abs(lat) <= 180:
        raise UnreadableFileError(
            f"{label} は緯度と経度が入れ替わっています（緯度が {lat:g} 度）。"
            "緯度・経度の順を直して、もう一度書き出してください。"
        )
    raise UnreadableFileError(
        f"{label} に地球上にない位置があります（緯度 {lat:g}、経度 {lon:g}）。ファイルを確かめてください。"
    )


def open_ring(positions: Iterable[Position]) -> Ring:
    """The positions once each in a row: a repeated first one at the end goes, and so do repetitions that follow each other."""
    ring: list[Position] = []
    for place in positions:
        if not ring or ring[-1] != place:
            ring.append(place)
    while len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    return tuple(ring)


def is_ring(ring: Ring) -> bool:
    """Whether it can enclose anything."""
    return len(set(ring)) >= 3


def closed(ring: Ring) -> list[Position]:
    """The ring with its first position said again at the end, as most files want it."""
    return [*ring, ring[0]]


def polygon(outer: Ring, inners: Sequence[Ring] = ()) -> shapely.Polygon:
    """The ring with its holes as a shape, in the ring's own coordinates; it may be invalid."""
    return shapely.Polygon(outer, [inner for inner in inners if is_ring(inner)])


def covers(outer: Ring, inner: Ring) -> bool:
    """Whether one ring lies within another, whatever knots either has, to the two millimetres that files round away."""
    within = polygon(inner)
    place = shapely.point_on_surface(within if within.is_valid else shapely.make_valid(within))
    around = polygon(outer)
    return bool(shapely.dwithin(around if around.is_valid else shapely.make_valid(around), place, _ROUNDING_DEG))


def area_m2(field: MachineField) -> float:
    """The area as stated, else on the ellipsoid without what lies in inner boundaries, in square metres."""
    if field.area_m2 is not None:
        return field.area_m2
    outer, *inners = (_ring_area_m2(ring) for ring in (field.outer, *field.inners))
    return max(outer - sum(inners), 0.0)


def _ring_area_m2(ring: Ring) -> float:
    lons, lats = [lon for lon, _lat in ring], [lat for _lon, lat in ring]
    return abs(float(GEOD.polygon_area_perimeter(lons, lats)[0]))


def doubts(field: MachineField) -> list[str]:
    """What is wrong with the boundary as it was read, in sentences; nothing is mended here."""
    if not field.outer:
        return []
    found = []
    shape = polygon(field.outer, field.inners)
    if not shape.is_valid:
        found.append(CROSSING)
    west, south, east, north = shape.bounds
    if west < JAPAN[0] or south < JAPAN[1] or east > JAPAN[2] or north > JAPAN[3]:
        found.append("日本の外の位置です。座標系が合っているか確かめてください。")
    return found


def check_writable(fields: Sequence[MachineField]) -> None:
    """Raises UnwritableError for nothing to write, a field without a boundary, and a position that is none."""
    if not fields:
        raise UnwritableError("書き出す圃場がありません。圃場を選んでください。")
    for field in fields:
        named = f"圃場「{field.name or field.id}」"
        if not all(is_ring(ring) for ring in (field.outer, *field.inners)):
            raise UnwritableError(f"{named}は境界の点が足りないため書き出せません。3点以上で囲んでください。")
        if field.headland is not None and not is_ring(field.headland):
            raise UnwritableError(f"{named}の枕地の線は点が足りないため書き出せません。作り直してください。")
        if any(len(line.positions) < 2 for line in field.guidance):
            raise UnwritableError(f"{named}の誘導線は点が足りないため書き出せません。2点以上で引いてください。")
        lines = [line.positions for line in field.guidance]
        for ring in (field.outer, *field.inners, field.headland or (), *lines):
            for lon, lat in ring:
                if not (math.isfinite(lon) and math.isfinite(lat) and abs(lat) <= 90 and abs(lon) <= 180):
                    raise UnwritableError(
                        f"{named}に地球上にない位置（緯度 {lat:g}、経度 {lon:g}）があります。緯度と経度の順を確かめてください。"
                    )
