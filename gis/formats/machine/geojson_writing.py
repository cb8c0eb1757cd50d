"""Fields into GeoJSON (RFC 7946): areas of role boundary, lines of role headland and guidance, by the id of their field."""

import json
from collections.abc import Iterator, Sequence

import shapely

from gis.formats.machine.model import MachineField, Position
from gis.formats.machine.pieces import Role
from gis.formats.machine.rings import DECIMALS, check_writable, closed, polygon

Json = dict[str, object]


def document(fields: Sequence[MachineField]) -> tuple[bytes, list[str]]:
    """One FeatureCollection; GeoJSON holds all of a field. Raises UnwritableError."""
    check_writable(fields)
    collection = {"type": "FeatureCollection", "features": [f for item in fields for f in features(item)]}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(), []


def features(item: MachineField) -> Iterator[Json]:
    """The features of one field, the boundary first; rings follow the right-hand rule."""
    shape = shapely.orient_polygons(polygon(item.outer, item.inners))
    rings = [_rounded(list(ring.coords)) for ring in (shape.exterior, *shape.interiors)]
    properties: Json = {"role": Role.BOUNDARY.value, "field_id": item.id, "name": item.name}
    if item.farmer:
        properties["farmer"] = item.farmer
    if item.area_m2 is not None:
        properties["area_m2"] = item.area_m2
    yield _feature("Polygon", rings, properties)
    if item.headland is not None:
        about: Json = {"role": Role.HEADLAND.value, "field_id": item.id, "name": f"{item.name} 枕地"}
        yield _feature("LineString", _rounded(closed(item.headland)), about)
    for line in item.guidance:
        about = {"role": Role.GUIDANCE.value, "field_id": item.id, "name": line.name}
        if line.width_m is not None:
            about["width_m"] = line.width_m
        yield _feature("LineString", _rounded(line.positions), about)


def _feature(kind: str, coordinates: object, properties: Json) -> Json:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def _rounded(places: Sequence[Position]) -> list[list[float]]:
    return [[round(lon, DECIMALS), round(lat, DECIMALS)] for lon, lat in places]
