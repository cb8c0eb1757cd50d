"""Geometries of many features as GeoJSON at once: their numbers are turned and rounded together, not feature by feature."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from gis.reference_systems import SPHERE_RADIUS_M

Shapes = NDArray[np.object_]


def shapes_of(wkb: Sequence[bytes | None]) -> Shapes:
    """The geometries of WKB or EWKB, None where there is none; outer rings run counter-clockwise (RFC 7946, 3.1.6)."""
    shapes: Shapes = shapely.from_wkb(np.array(wkb, dtype=object))
    oriented: Shapes = shapely.orient_polygons(shapes)
    return oriented


def sphere_to_degrees(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitude and latitude in degrees of x, y in metres of EPSG:3857 (n × 2): the way back from its sphere.

    The definition of EPSG method 1024, which PROJ follows, too.
    """
    lon = np.rad2deg(coordinates[:, 0] / SPHERE_RADIUS_M)
    lat = np.rad2deg(np.arctan(np.sinh(coordinates[:, 1] / SPHERE_RADIUS_M)))
    return np.column_stack((lon, lat))


def geometry_objects(
    shapes: Shapes, decimals: int, *, is_sphere: bool = False, flipped: bool = False
) -> list[dict[str, object] | None]:
    """Each geometry as the object that GeoJSON has for it, for `written`; None where there is none.

    Numbers have at most `decimals` digits behind the point. `is_sphere` says that the shapes are in EPSG:3857 and are wanted
    in degrees; `flipped` puts y before x. The geometries are of one kind, single or multiple: a mixture of both is given as
    multiple ones. Heights are left out.
    """
    present = ~shapely.is_missing(shapes)
    if not present.any():
        return [None] * len(shapes)
    kind, coordinates, offsets = shapely.to_ragged_array(shapes[present], include_z=False)
    if is_sphere:
        coordinates = sphere_to_degrees(coordinates)
    # a negative nought is nought
    numbers = np.round(coordinates, decimals) + 0.0
    nested = iter(_nested(np.ascontiguousarray(numbers[:, ::-1]) if flipped else numbers, offsets))
    name = _NAMES[kind]
    return [{"type": name, "coordinates": next(nested)} if is_there else None for is_there in present.tolist()]


def written(document: object) -> bytes:
    """JSON in UTF-8 of what holds such objects."""
    return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)


_NAMES = {
    shapely.GeometryType.POINT: "Point",
    shapely.GeometryType.LINESTRING: "LineString",
    shapely.GeometryType.POLYGON: "Polygon",
    shapely.GeometryType.MULTIPOINT: "MultiPoint",
    shapely.GeometryType.MULTILINESTRING: "MultiLineString",
    shapely.GeometryType.MULTIPOLYGON: "MultiPolygon",
}


def _nested(numbers: NDArray[np.float64], offsets: Sequence[NDArray[Any]]) -> list[Any]:
    """The outermost lists: positions in rings, rings in polygons, polygons in geometries."""
    if not offsets:
        # an empty point has no numbers
        return [[] if np.isnan(pair).any() else pair for pair in numbers]
    innermost, *outer = (level.tolist() for level in offsets)
    lists: list[Any] = [numbers[begin:end] for begin, end in itertools.pairwise(innermost)]
    for level in outer:
        lists = [lists[begin:end] for begin, end in itertools.pairwise(level)]
    return lists
