"""The coordinate system in which a client sends positions: named by `Content-Crs`, axes in the registry's order."""

import re
from dataclasses import dataclass

from gis.errors import CrsError
from layers.store.settings import Municipality

_EPSG = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/EPSG/[\d.]+/|urn:ogc:def:crs:EPSG:[\d.]*:|EPSG:)(\d{1,6})$", re.IGNORECASE
)
_CRS84 = re.compile(
    r"(?:https?://www\.opengis\.net/def/crs/OGC/(?:1\.3|0)/|urn:ogc:def:crs:OGC:(?:1\.3)?:|OGC:)CRS84$", re.IGNORECASE
)
_NORTH_FIRST = (4326, 6668)


@dataclass(frozen=True)
class RequestCrs:
    """An EPSG code, and whether the first number of a position is the one that grows northwards."""

    epsg: int
    north_first: bool


CRS84 = RequestCrs(4326, north_first=False)
"""GeoJSON's own: longitude, latitude."""


def request_crs(header: str | None, town: Municipality) -> RequestCrs:
    """The system that a `Content-Crs` header names, CRS84 without one.

    Plane coordinates of the town and degrees of EPSG come with the northward axis first, as the registry has it (OGC API
    Features Part 2, 6.3). Raises CrsError for any other system: a datum step is a matter for loads, which report it.
    """
    if header is None:
        return CRS84
    name = header.strip().removeprefix("<").removesuffix(">").strip("[]")
    if _CRS84.match(name):
        return CRS84
    found = _EPSG.match(name)
    epsg = int(found[1]) if found else 0
    if epsg == 3857:
        return RequestCrs(epsg, north_first=False)
    if epsg in (*_NORTH_FIRST, town.srid):
        return RequestCrs(epsg, north_first=True)
    raise CrsError(
        f"座標系「{name[:100]}」では受け取れません。"
        f"CRS84、EPSG:4326、EPSG:6668、EPSG:3857、EPSG:{town.srid} のどれかにしてください。"
    )
