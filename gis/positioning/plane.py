"""Fixes in degrees of the station's datum → metres of the town's plane, with nothing moved in silence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from gis.crs import Datum, Grids, Transformation, geographic_epsg, plan
from gis.errors import CrsError
from gis.positioning.model import Epoch, Fix, FixQuality, Station
from gis.positioning.semi_dynamic import to_reference_epoch

_WGS84 = 4326
_DATUMS = {
    "jgd2011": Datum.JGD2011,
    "jgd2024": Datum.JGD2011,
    "jgd2000": Datum.JGD2000,
    "tokyo": Datum.TOKYO,
    "日本測地系": Datum.TOKYO,
}
_SEMI_DYNAMIC_M = 0.02
"""What the semi-dynamic correction leaves within Japan, one axis; 国土地理院 states about 2 cm."""


@dataclass(frozen=True)
class Antenna:
    """How the antenna stood: its height over the ground along the pole, and how far the pole leaned."""

    height_m: float = 0.0
    tilt_deg: float = 0.0

    @property
    def above_ground_m(self) -> float:
        """The vertical part of the pole."""
        return self.height_m * math.cos(math.radians(self.tilt_deg))

    @property
    def aside_m(self) -> float:
        """How far the tip is from below the antenna, in a direction nobody recorded."""
        return abs(self.height_m * math.sin(math.radians(self.tilt_deg)))


@dataclass(frozen=True)
class PlaneFix:
    """One fix in metres of the plane: x east, y north; `height_m` is the ground's, above mean sea level.

    `placing_m` is what does not average out: the datum step, the epoch, a leaning pole, missing
    digits; one axis, in metres.
    """

    x: float
    y: float
    height_m: float | None
    placing_m: float
    fix: Fix

    @property
    def at(self) -> datetime | None:
        """When it was measured."""
        return self.fix.at

    @property
    def quality(self) -> FixQuality | None:
        """The class of the fix."""
        return self.fix.quality


def to_plane(
    fixes: Sequence[Fix], station: Station, plane_epsg: int, grids: Grids, antenna: Antenna = Antenna()
) -> list[PlaneFix]:
    """The fixes in the plane `plane_epsg`, in their order, none left out.

    Positions of 今期 are brought to 元期 with the semi-dynamic file of `grids`; another datum is stepped with its grid.
    Raises MissingGridError naming the file that is wanting, CrsError for a datum that is not known or a position that
    lies outside of a grid.
    """
    way = way_to_plane(station, plane_epsg, grids)
    lon = np.array([fix.lon for fix in fixes], np.float64)
    lat = np.array([fix.lat for fix in fixes], np.float64)
    placing = math.hypot(way.accuracy_m, antenna.aside_m / math.sqrt(2))
    if station.epoch is Epoch.CURRENT:
        lon, lat = to_reference_epoch(lon, lat, [fix.at for fix in fixes], grids.semidyna)
        placing = math.hypot(placing, _SEMI_DYNAMIC_M)
    x, y, lost = way.move(lon, lat)
    if lost.any():
        first = fixes[int(np.flatnonzero(lost)[0])]
        raise CrsError(
            f"北緯 {first.lat:.6f}° 東経 {first.lon:.6f}° は座標変換の範囲の外です。基準局の測地系と位置を確かめてください。"
        )
    return [
        PlaneFix(
            float(east), float(north), _ground(fix, antenna), math.hypot(placing, fix.resolution_m / math.sqrt(12)), fix
        )
        for east, north, fix in zip(x, y, fixes, strict=True)
    ]


def way_to_plane(station: Station, plane_epsg: int, grids: Grids) -> Transformation:
    """The steps from the station's degrees to the plane, epoch aside, and how far off they may be."""
    return plan(degrees_epsg(station.datum), plane_epsg, grids)


def degrees_epsg(datum: str) -> int:
    """The EPSG code of longitude and latitude in the datum that a station names; CrsError for a name not known.

    WGS 84 is allowed, and its positions then carry the metre by which it is not JGD2011.
    """
    name = datum.strip().casefold().replace(" ", "").replace("-", "")
    if name in ("wgs84", "wgs1984"):
        return _WGS84
    known = _DATUMS.get(name.removeprefix("世界測地系").strip("()（）") or name)
    if known is None:
        raise CrsError(
            f"基準局の測地系「{datum}」が分かりません。JGD2011・JGD2000・WGS84 のどれか、"
            "補正情報の配信元に確かめて入れてください。"
        )
    return geographic_epsg(known)


def _ground(fix: Fix, antenna: Antenna) -> float | None:
    return None if fix.height_m is None else fix.height_m - antenna.above_ground_m
