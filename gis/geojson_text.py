"""Geometries of many features as GeoJSON texts at once: their numbers are turned and rounded together, not feature by feature."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
NULL = b"null"
_SPHERE_RADIUS_M = 6_378_137.0
_NUMBERS = orjson.OPT_SERIALIZE_NUMPY


def shapes_of(wkb: Sequence[bytes | None]) -> Shapes:
    """The geometries of WKB or EWKB, None where there is none; outer rings run counter-clockwise (RFC 7946, 3.1.6)."""
    shapes: Shapes = shapely.from_wkb(np.array(wkb, dtype=object))
    oriented: Shapes = shapely.orient_polygons(shapes)
    return oriented


def sphere_to_degrees(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitude and latitude in degrees of x, y in metres of EPSG:3857 (n × 2): the way back from its sphere.

    The definition of EPSG method 1024, which PROJ follows, too.
    """
    lon = np.rad2deg(coordinates[:, 0] / _SPHERE_RADIUS_M)
    lat = np.rad2deg(np.arctan(np.sinh(coordinates[:, 1] / _SPHERE_RADIUS_M)))
    return np.column_stack((lon, lat))


def geometry_texts(shapes: Shapes, decimals: int, *, is_sphere: bool = False, flipped: bool = False) -> list[bytes]:
    """Each geometry as GeoJSON with at most `decimals` digits behind the point, `null` where there is none.

    `is_sphere` says that they are in EPSG:3857 and are wanted in degrees; `flipped` writes y before x. The geometries are
    of one kind, single or multiple: a mixture of both is written as multiple ones. Heights are left out.
    """
    present = ~shapely.is_missing(shapes)
    if not present.any():
        return [NULL] * len(shapes)
    kind, coordinates, offsets = shapely.to_ragged_array(shapes[present], include_z=False)
    if is_sphere:
        coordinates = sphere_to_degrees(coordinates)
    # a negative nought is nought
    numbers = np.round(coordinates, decimals) + 0.0
    texts = _nested(np.ascontiguousarray(numbers[:, ::-1]) if flipped else numbers, offsets)
    head = b'{"type":"%b","coordinates":' % _NAMES[kind]
    written = iter([b"%b%b}" % (head, text) for text in texts])
    return [next(written) if is_there else NULL for is_there in present.tolist()]


_NAMES = {
    shapely.GeometryType.POINT: b"Point",
    shapely.GeometryType.LINESTRING: b"LineString",
    shapely.GeometryType.POLYGON: b"Polygon",
    shapely.GeometryType.MULTIPOINT: b"MultiPoint",
    shapely.GeometryType.MULTILINESTRING: b"MultiLineString",
    shapely.GeometryType.MULTIPOLYGON: b"MultiPolygon",
}


def _nested(numbers: NDArray[np.float64], offsets: Sequence[NDArray[Any]]) -> list[bytes]:
    """The texts of the outermost lists: positions in rings, rings in polygons, polygons in geometries."""
    if not offsets:
        # an empty point has no numbers
        return [b"[]" if np.isnan(pair).any() else orjson.dumps(pair, option=_NUMBERS) for pair in numbers]
    innermost, *outer = (level.tolist() for level in offsets)
    texts = [orjson.dumps(numbers[begin:end], option=_NUMBERS) for begin, end in itertools.pairwise(innermost)]
    for level in outer:
        texts = [b"[%b]" % b",".join(texts[begin:end]) for begin, end in itertools.pairwise(level)]
    return texts
