"""From what a file says of its coordinates (WKT, EPSG code, GeoJSON crs member) to `SourceCrs`, never by guess.

What cannot be named with certainty comes back with its own words and no code: the one who loads it must then declare it.
"""

import re

import pyproj
from pyproj.exceptions import CRSError

from gis.formats.table import SourceCrs

_GEOGRAPHIC = {"JGD2011": 6668, "JGD2000": 4612, "Tokyo": 4301, "WGS84": 4326}
_PLANE_BEFORE_ZONE_1 = {"JGD2011": 6668, "JGD2000": 2442, "Tokyo": 30160}
"""EPSG numbers the 19 zones in a row: zone n is this plus n."""

_DATUM_WORDS = (
    ("JGD2011", "JGD2011"),
    ("JAPANESEGEODETICDATUM2011", "JGD2011"),
    ("JGD2000", "JGD2000"),
    ("JAPANESEGEODETICDATUM2000", "JGD2000"),
    ("TOKYO", "Tokyo"),
    ("WGS1984", "WGS84"),
    ("WORLDGEODETICSYSTEM1984", "WGS84"),
    ("WGS84", "WGS84"),
)

_ZONE_ORIGINS = {
    1: (33.0, 129.5), 2: (33.0, 131.0), 3: (36.0, 132 + 10 / 60), 4: (33.0, 133.5), 5: (36.0, 134 + 20 / 60),
    6: (36.0, 136.0), 7: (36.0, 137 + 10 / 60), 8: (36.0, 138.5), 9: (36.0, 139 + 50 / 60), 10: (40.0, 140 + 50 / 60),
    11: (44.0, 140.25), 12: (44.0, 142.25), 13: (44.0, 144.25), 14: (26.0, 142.0), 15: (26.0, 127.5), 16: (26.0, 124.0),
    17: (26.0, 131.0), 18: (20.0, 136.0), 19: (26.0, 154.0),
}  # fmt: skip
"""Latitude and longitude of each origin: 平面直角座標系（平成14年国土交通省告示第9号）."""

_UNDEFINED = ("UNDEFINED", "UNKNOWN", "ENGCRS", "LOCAL_CS")


def from_epsg(code: int, stated: str) -> SourceCrs:
    """A CRS by its EPSG number; plane zones of Japan are named as such."""
    for datum, before in _PLANE_BEFORE_ZONE_1.items():
        if 1 <= code - before <= 19:
            return SourceCrs(stated, epsg=code, zone=code - before, datum=datum)
    for datum, geographic in _GEOGRAPHIC.items():
        if code == geographic and datum != "WGS84":
            return SourceCrs(stated, epsg=code, datum=datum)
    return SourceCrs(stated, epsg=code)


def from_wkt(text: str) -> SourceCrs:
    """A CRS by its WKT (OGC or ESRI)."""
    try:
        crs = pyproj.CRS.from_wkt(text)
    except CRSError:
        return SourceCrs("座標系の記述を読めない")
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.source_crs is not None and crs.is_bound:
        crs = crs.source_crs
    if crs.name.upper().startswith(_UNDEFINED) or crs.is_engineering:
        return SourceCrs(f"座標系の記載なし（{crs.name}）")
    code = _epsg(crs)
    if code is None:
        return SourceCrs(f"座標系「{crs.name}」を特定できない")
    return from_epsg(code, crs.name)


def from_gdal(text: str | None) -> SourceCrs:
    """A CRS as GDAL reports it: "EPSG:6677", a WKT, or nothing."""
    if not text:
        return SourceCrs("座標系の記載なし")
    code = re.fullmatch(r"EPSG:(\d+)", text)
    return from_epsg(int(code[1]), text) if code else from_wkt(text)


def from_geojson(member: object) -> SourceCrs:
    """The (old) `crs` member of GeoJSON by name; without one RFC 7946 says WGS 84 longitude and latitude."""
    if member is None:
        return SourceCrs("GeoJSON（WGS 84／CRS84 と規定）", epsg=4326)
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(name, str):
        if re.fullmatch(r"(urn:ogc:def:crs:)?OGC:([\d.]*:)?CRS84", name):
            return from_epsg(4326, name)
        code = re.fullmatch(r"(?:urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?(\d+)", name)
        if code:
            return from_epsg(int(code[1]), name)
    return SourceCrs(f"座標系「{str(name)[:80]}」を特定できない")


def _epsg(crs: pyproj.CRS) -> int | None:
    datum = _datum(crs)
    if crs.is_geographic and datum:
        return _GEOGRAPHIC[datum]
    zone = _plane_zone(crs)
    if zone and datum in _PLANE_BEFORE_ZONE_1:
        return _PLANE_BEFORE_ZONE_1[datum] + zone
    return crs.to_epsg(min_confidence=70)


def _datum(crs: pyproj.CRS) -> str | None:
    geodetic = crs.geodetic_crs
    if geodetic is None or geodetic.datum is None:
        return None
    # ESRI writes D_JGD_2011, EPSG "Japanese Geodetic Datum 2011"; an ensemble name carries a suffix.
    spoken = re.sub(r"[^A-Z0-9]", "", f"{geodetic.datum.name}/{geodetic.name}".upper())
    return next((datum for word, datum in _DATUM_WORDS if word in spoken), None)


def _plane_zone(crs: pyproj.CRS) -> int | None:
    """The zone whose origin, scale 0.9999 and zero offsets the projection has, whatever it is called."""
    operation = crs.coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        return None
    values = {parameter.name: float(parameter.value) for parameter in operation.params}
    if abs(values.get("Scale factor at natural origin", 1.0) - 0.9999) > 1e-9 or crs.axis_info[0].unit_name != "metre":
        return None
    if abs(values.get("False easting", 0.0)) > 1e-6 or abs(values.get("False northing", 0.0)) > 1e-6:
        return None
    latitude = values.get("Latitude of natural origin", 0.0)
    longitude = values.get("Longitude of natural origin", 0.0)
    for zone, origin in _ZONE_ORIGINS.items():
        if abs(origin[0] - latitude) < 1e-6 and abs(origin[1] - longitude) < 1e-6:
            return zone
    return None
