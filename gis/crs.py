"""Where coordinates are: plane zones, datums, and the steps between them, with the grids those steps need.

Projection within one datum is left to PROJ. A step between Tokyo, JGD2000 and JGD2011 is only ever made with the
parameter files of 国土地理院: PROJ without its grids moves such points by a ballpark or not at all, and says nothing.
Positions in WGS 84 (EPSG:4326, CRS84, 3857, GNSS) are taken for JGD2011 as they stand, as Japanese publishers mean
them, and the step says so. Coordinates are always x east or longitude and y north or latitude, whatever axis order the
registry gives.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError as PyprojError

from gis.errors import CrsError, MissingCrsError, MissingGridError
from gis.grids import Bools, Floats, Grid, read_grid

TKY2JGD_FILE = "TKY2JGD.par"
PATCHJGD_FILE = "touhokutaiheiyouoki2011.par"

# Accuracies the EPSG registry states for the same steps: 6712 and 6713 (GSI's grids), 9936 (JGD2011 taken for WGS 84).
GRID_ACCURACY_M = 0.2
WGS84_AS_JGD2011_M = 1.0

Move = Callable[[Floats, Floats], tuple[Floats, Floats, Bools]]


class Datum(StrEnum):
    """The three realisations met in Japanese files; heights of 測地成果2024 leave horizontal JGD2011 as it is."""

    TOKYO = "Tokyo"
    JGD2000 = "JGD2000"
    JGD2011 = "JGD2011"


_GEOGRAPHIC_EPSG = {Datum.TOKYO: 4301, Datum.JGD2000: 4612, Datum.JGD2011: 6668}
_ZONE_ONE_EPSG = {Datum.TOKYO: 30161, Datum.JGD2000: 2443, Datum.JGD2011: 6669}
_ZONES = range(1, 20)
_WGS84 = 4326
_WEB_MERCATOR = 3857
# The geographic systems, two- and three-dimensional, that a supported system may stand on.
_BASES = {4301: 4301, 4612: 4612, 4947: 4612, 6668: 6668, 6667: 6668, _WGS84: _WGS84, 4979: _WGS84}
_DATUM_OF_BASE = {4301: Datum.TOKYO, 4612: Datum.JGD2000, 6668: Datum.JGD2011, _WGS84: Datum.JGD2011}
_JAPANESE_DATUM = {Datum.TOKYO: "日本測地系", Datum.JGD2000: "JGD2000", Datum.JGD2011: "JGD2011"}
_ORDER = (Datum.TOKYO, Datum.JGD2000, Datum.JGD2011)


@dataclass(frozen=True)
class CrsDescription:
    """A supported system; `nominal` says that its positions are WGS 84 by name and are taken for JGD2011."""

    epsg: int
    datum: Datum
    zone: int | None
    geographic: bool
    name: str
    nominal: bool = False


@dataclass(frozen=True)
class Grids:
    """Paths of GSI's parameter files; None for one that the town has not got.

    `semidyna`, the folder of the yearly files or one of them, is no step between datums: it brings 今期 to 元期
    (gis.positioning.semi_dynamic).
    """

    tky2jgd: Path | None = None
    patchjgd: Path | None = None
    semidyna: Path | None = None

    def for_step_from(self, older: Datum) -> Grid:
        """Return the grid of the step from `older` to the next datum, or raise MissingGridError naming its file."""
        tokyo = older is Datum.TOKYO
        path, file = (self.tky2jgd, TKY2JGD_FILE) if tokyo else (self.patchjgd, PATCHJGD_FILE)
        newer = Datum.JGD2000 if tokyo else Datum.JGD2011
        if path is None:
            raise MissingGridError(
                f"{_JAPANESE_DATUM[older]}と{_JAPANESE_DATUM[newer]}の間の変換には国土地理院の「{file}」が必要です。"
                "入手して場所を設定してください。"
            )
        return read_grid(path)


@dataclass(frozen=True)
class Transformation:
    """The way from one system to another: what is done, in Japanese, and how far off the result may be."""

    source: CrsDescription
    target: CrsDescription
    steps: tuple[str, ...]
    accuracy_m: float
    moves: tuple[Move, ...]

    def move(self, x: Floats, y: Floats) -> tuple[Floats, Floats, Bools]:
        """Return coordinates in the target system, and where there is no result; those coordinates are NaN."""
        x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        lost = ~(np.isfinite(x) & np.isfinite(y))
        for step in self.moves:
            x, y, without_value = step(x, y)
            lost = lost | without_value
        return np.where(lost, np.nan, x), np.where(lost, np.nan, y), lost

    def apply(self, geoms: NDArray[np.object_]) -> tuple[NDArray[np.object_], Bools]:
        """Return the moved geometries (n,), without heights, and the rows that could not be moved.

        A row is lost when one of its vertices lies where a grid has no value or is not a finite number. It is None in
        the result, so that it cannot be taken for a position in the target system.
        """
        moved = np.array(geoms, dtype=object)
        if shapely.has_z(moved).any():
            moved = shapely.force_2d(moved)
        points, row = shapely.get_coordinates(moved, return_index=True)
        x, y, lost = self.move(points[:, 0], points[:, 1])
        lost_rows = np.zeros(len(moved), dtype=np.bool_)
        lost_rows[row[lost]] = True
        moved[lost_rows] = None
        if self.moves:
            keep = ~lost_rows[row]
            moved = shapely.set_coordinates(moved, np.column_stack([x[keep], y[keep]]))
        return moved, lost_rows


def plane_epsg(zone: int, datum: Datum) -> int:
    """Return the EPSG code of a plane rectangular zone (平面直角座標系 第1–19系)."""
    if zone not in _ZONES:
        raise CrsError(f"平面直角座標系に第{zone}系はありません。1から19で指定してください。")
    return _ZONE_ONE_EPSG[datum] + zone - 1


def geographic_epsg(datum: Datum) -> int:
    """Return the EPSG code of longitude and latitude in a datum."""
    return _GEOGRAPHIC_EPSG[datum]


@lru_cache(maxsize=256)
def describe(epsg: int) -> CrsDescription:
    """Say what a system is; raise CrsError for one whose datum is not Tokyo, JGD2000, JGD2011 or WGS 84."""
    try:
        crs = CRS.from_epsg(epsg)
    except PyprojError as error:
        raise CrsError(f"EPSG:{epsg} という座標系はありません。番号を確かめてください。") from error
    geodetic = crs.geodetic_crs
    base = _BASES.get(geodetic.to_epsg() or 0) if geodetic is not None else None
    if base is None:
        raise CrsError(
            f"EPSG:{epsg}（{crs.name}）は扱えません。日本測地系・JGD2000・JGD2011 の座標系で用意してください。"
        )
    datum = _DATUM_OF_BASE[base]
    zone = _zone(epsg, datum)
    geographic = not any(part.is_projected for part in (crs, *crs.sub_crs_list))
    return CrsDescription(epsg, datum, zone, geographic, _name(crs, datum, zone, geographic, base), base == _WGS84)


def _zone(epsg: int, datum: Datum) -> int | None:
    zone = epsg - _ZONE_ONE_EPSG[datum] + 1
    return zone if zone in _ZONES else None


def _name(crs: CRS, datum: Datum, zone: int | None, geographic: bool, base: int) -> str:
    label = "WGS 84" if base == _WGS84 else _JAPANESE_DATUM[datum]
    if crs.to_epsg() == _WEB_MERCATOR:
        return "Webメルカトル（WGS 84）"
    if zone is not None:
        return f"平面直角座標系 第{zone}系（{label}）"
    return f"経緯度（{label}）" if geographic else str(crs.name)


def identify(text: str) -> int:
    """Return the EPSG code that a .prj text, an authority code or a URN stands for, without guessing.

    CRS84 is 4326 here, because axis order is never the registry's. Raises MissingCrsError for an empty text, CrsError
    for one that names no registered system or one that `describe` refuses.
    """
    if not text.strip():
        raise MissingCrsError("座標系が書かれていません。EPSG の番号で指定してください。")
    try:
        crs = CRS.from_user_input(text.strip())
    except PyprojError as error:
        raise CrsError(f"座標系「{_short(text)}」を読めません。EPSG の番号で指定してください。") from error
    epsg = _WGS84 if crs.to_authority() == ("OGC", "CRS84") else crs.to_epsg()
    if epsg is None:
        raise CrsError(f"座標系「{_short(text)}」の測地系を特定できません。EPSG の番号で指定してください。")
    return describe(epsg).epsg


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:60] + "…"


def plan(source_epsg: int, target_epsg: int, grids: Grids) -> Transformation:
    """Lay out the way between two systems, reading the grids it needs.

    Raises CrsError for a system that is not supported, MissingGridError when a datum step lacks its grid.
    """
    source, target = describe(source_epsg), describe(target_epsg)
    if source_epsg == target_epsg:
        return Transformation(source, target, (), 0.0, ())
    unproject, project = _projection(source, inverse=True), _projection(target, inverse=False)
    across = _datum_steps(source.datum, target.datum, grids)
    if source.nominal != target.nominal:
        across.insert(0 if source.nominal else len(across), _wgs84_leg(entering=source.nominal))
    legs = [*unproject, *across, *project]
    return Transformation(
        source,
        target,
        steps=tuple(leg.step for leg in legs),
        accuracy_m=round(sum(leg.accuracy_m for leg in legs), 3),
        moves=tuple(leg.move for leg in legs if leg.move is not None),
    )


@dataclass(frozen=True)
class _Leg:
    step: str
    accuracy_m: float
    move: Move | None


def _projection(crs: CrsDescription, *, inverse: bool) -> list[_Leg]:
    """Return the projection of a system from its own longitude and latitude, which cannot hold a datum step."""
    if crs.geographic:
        return []
    base = _WGS84 if crs.nominal else _GEOGRAPHIC_EPSG[crs.datum]
    transformer = _transformer(crs.epsg, base) if inverse else _transformer(base, crs.epsg)

    def move(x: Floats, y: Floats) -> tuple[Floats, Floats, Bools]:
        x, y = transformer.transform(x, y)
        return x, y, ~(np.isfinite(x) & np.isfinite(y))

    return [_Leg(f"{crs.name}から経緯度へ" if inverse else f"経緯度から{crs.name}へ投影", 0.0, move)]


@lru_cache(maxsize=256)
def _transformer(source_epsg: int, target_epsg: int) -> Transformer:
    """Kept: making one takes as long as a small query. Each thread has a PROJ context of its own inside it."""
    return Transformer.from_crs(source_epsg, target_epsg, always_xy=True, allow_ballpark=False)


def _wgs84_leg(*, entering: bool) -> _Leg:
    taken = "WGS 84 の位置を JGD2011 とみなす" if entering else "JGD2011 の位置を WGS 84 とみなす"
    return _Leg(f"{taken}（座標は変えない、精度 {WGS84_AS_JGD2011_M:g} m）", WGS84_AS_JGD2011_M, None)


def _datum_steps(source: Datum, target: Datum, grids: Grids) -> list[_Leg]:
    start, end = _ORDER.index(source), _ORDER.index(target)
    if start <= end:
        return [_datum_leg(_ORDER[i], _ORDER[i + 1], grids, forward=True) for i in range(start, end)]
    return [_datum_leg(_ORDER[i], _ORDER[i + 1], grids, forward=False) for i in range(start - 1, end - 1, -1)]


def _datum_leg(older: Datum, newer: Datum, grids: Grids, *, forward: bool) -> _Leg:
    grid = grids.for_step_from(older)
    first, last = (older, newer) if forward else (newer, older)
    program = "TKY2JGD" if older is Datum.TOKYO else "PatchJGD"
    step = f"{_JAPANESE_DATUM[first]}から{_JAPANESE_DATUM[last]}へ {program}（{grid.name}、精度 {GRID_ACCURACY_M:g} m）"
    return _Leg(step, GRID_ACCURACY_M, grid.forward if forward else grid.backward)


def undeclared_datum_error_m(lon: float, lat: float, grids: Grids, fallback_m: float) -> float:
    """Return how far apart JGD2000 and JGD2011 are at a place, in metres.

    This is the error of a file that says only 世界測地系 (as MOJ map XML does). Without the grid, or where it has no
    value, it is the `fallback_m` of the caller: 1.96 m in 小野町.
    """
    if grids.patchjgd is None:
        return fallback_m
    moved_lon, moved_lat, lost = read_grid(grids.patchjgd).forward(np.array([lon]), np.array([lat]))
    if lost[0]:
        return fallback_m
    return float(Geod(ellps="GRS80").inv(lon, lat, moved_lon[0], moved_lat[0])[2])
