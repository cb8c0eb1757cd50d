"""The reference systems in which features are asked for and given, by the URIs that OGC gives them, with their axis order.

Inside this system coordinates are always x east and y north. Outside, OGC API Features Part 2 wants them as the registry
orders the axes: latitude before longitude in EPSG:4326 and 6668, northing before easting in the Japanese plane zones.
Between JGD2011 and WGS 84 nothing is moved: PROJ has no grid for that step, the registry's own (EPSG:9936) is nought, and
`gis.crs` says so for files; every position is given in JGD2011 and only called by its WGS 84 name.
"""

from dataclasses import dataclass
from functools import cache

from pyproj import CRS

from gis.crs import Datum, geographic_epsg
from gis.errors import CrsError

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
WGS84 = 4326
_WEB_MERCATOR = 3857
SPHERE_RADIUS_M = 6_378_137.0
"""Of the sphere of EPSG:3857."""
DEGREE_DECIMALS = 9
METRE_DECIMALS = 4
"""Both are a tenth of a millimetre: less than any survey, so that a copy equals what it was made from."""


@dataclass(frozen=True)
class ReferenceSystem:
    """One system: `transform_epsg` is where positions are computed, `flipped` that the axis to the north comes first."""

    uri: str
    epsg: int
    transform_epsg: int
    flipped: bool
    geographic: bool

    @property
    def decimals(self) -> int:
        """Digits behind the point of its coordinates."""
        return DEGREE_DECIMALS if self.geographic else METRE_DECIMALS

    @property
    def is_crs84(self) -> bool:
        """Whether it is longitude and latitude as GeoJSON has them."""
        return self.uri == CRS84


def _registered(epsg: int) -> ReferenceSystem:
    crs = CRS.from_epsg(epsg)
    flipped = crs.axis_info[0].direction == "north"
    transform = geographic_epsg(Datum.JGD2011) if epsg == WGS84 else epsg
    return ReferenceSystem(f"{_EPSG}{epsg}", epsg, transform, flipped, crs.is_geographic)


@cache
def offered_systems(plane_epsg: int) -> tuple[ReferenceSystem, ...]:
    """The systems over a store in that plane zone: CRS84 first, then EPSG:4326, 3857, 6668 and the zone itself."""
    jgd2011 = geographic_epsg(Datum.JGD2011)
    crs84 = ReferenceSystem(CRS84, WGS84, jgd2011, flipped=False, geographic=True)
    return (crs84, *(_registered(epsg) for epsg in (WGS84, _WEB_MERCATOR, jgd2011, plane_epsg)))


def named_system(uri: str, offered: tuple[ReferenceSystem, ...]) -> ReferenceSystem:
    """The offered system of that URI. Raises CrsError with the URIs there are."""
    for system in offered:
        if system.uri == uri.strip():
            return system
    raise CrsError(
        f"座標系「{uri[:100]}」は使えません。{'、'.join(system.uri for system in offered)} から選んでください。"
    )
