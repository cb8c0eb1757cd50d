"""Lists of 電子基準点 as receivers' programs carry them: names in CP932, and a position only by the mesh code in each number.

The number of a point (EL05540759203) holds its third-order mesh (標準地域メッシュ, JIS X 0410), a cell of 30″ by 45″, about
0.9 by 1.1 km. Its middle is taken for the point: up to 0.7 km off, 0.6 km for most. Good enough to say which is near.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gis.errors import UnreadableFileError
from gis.formats.delimited import Row, decoded, rows_of

MESH_ERROR_M = 600.0
_NUMBER = re.compile(r"EL\d(\d{8})\d{2}")
_PLAIN = {"station_code": 0, "raw_el_code": 1, "name": 2, "municipality": 4, "site": 5}
"""Columns of a list without a heading: code, number, name, prefecture, municipality, site."""


@dataclass(frozen=True)
class GeonetStation:
    """One 電子基準点: its code, name and place in words, and the middle of its mesh in degrees."""

    code: str
    name: str
    municipality: str
    site: str
    mesh: str
    lon: float
    lat: float


@dataclass(frozen=True)
class GeonetList:
    """The stations of a list, and the rows that are none, with why."""

    stations: tuple[GeonetStation, ...]
    rejected: tuple[str, ...]


def read(raw: bytes, label: str) -> GeonetList:
    """The stations of a list in CP932 or UTF-8, with or without a heading.

    Raises UnreadableFileError for text in neither, and for a list that has no station at all.
    """
    text, _ = decoded(raw, label)
    rows = [row for row in rows_of(text, label) if any(row.cells)]
    columns = _PLAIN
    if rows and "raw_el_code" in rows[0].cells:
        columns = {name: place for place, name in enumerate(rows[0].cells)}
        rows = rows[1:]
    stations: dict[str, GeonetStation] = {}
    rejected: list[str] = []
    for row in rows:
        found = _station(row, columns)
        if found is None:
            rejected.append(f"{row.line} 行目に電子基準点の番号（EL…）がありません")
        else:
            stations[found.code] = found
    if not stations:
        raise UnreadableFileError(f"{label} に電子基準点の行がありません。GEONET の一覧のファイルを指定してください。")
    return GeonetList(tuple(stations.values()), tuple(rejected))


def mesh_middle(mesh: str) -> tuple[float, float] | None:
    """Longitude and latitude of the middle of a third-order mesh; None where the code is none.

    >>> mesh_middle("55407592")
    (140.65625, 37.32916666666667)
    """
    first, v, w = int(mesh[:4]), int(mesh[4]), int(mesh[5])
    south, east = int(mesh[6]), int(mesh[7])
    if v > 7 or w > 7:
        return None
    lat = first // 100 / 1.5 + v / 12 + south / 120 + 1 / 240
    lon = first % 100 + 100 + w / 8 + east / 80 + 1 / 160
    return lon, lat


def _station(row: Row, columns: Mapping[str, int]) -> GeonetStation | None:
    def cell(name: str) -> str:
        place = columns.get(name, len(row.cells))
        return row.cells[place] if place < len(row.cells) else ""

    number = _NUMBER.fullmatch(cell("raw_el_code"))
    middle = mesh_middle(number[1]) if number else None
    if number is None or middle is None or not cell("station_code"):
        return None
    return GeonetStation(cell("station_code"), cell("name"), cell("municipality"), cell("site"), number[1], *middle)
