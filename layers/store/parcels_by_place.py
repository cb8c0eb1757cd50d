"""Parcels under a point, or touched by what was drawn on the map."""

import json

import shapely
from psycopg import sql
from shapely.geometry.base import BaseGeometry

from gis.errors import OnomapError
from gis.plane_shapes import plane_shape
from gis.reference_systems import offered_systems
from layers.store.instance import Store
from layers.store.parcel_hits import ParcelHit, placed_hits


class DrawingError(OnomapError):
    """What was drawn is no line and no area."""


def parcels_at(store: Store, lon: float, lat: float) -> list[ParcelHit]:
    """The parcels that hold the point (degrees, JGD2011)."""
    place = _in_plane(store, shapely.Point(lon, lat))
    if place is None:
        return []
    condition = sql.SQL("ST_Intersects(c.geom, ST_GeomFromWKB(%(wkb)s, {}))").format(sql.Literal(store.town.srid))
    with store.database.transaction() as connection:
        return placed_hits(connection, condition, {"wkb": place.wkb})


def parcels_in(store: Store, drawn: dict[str, object], limit: int) -> tuple[list[ParcelHit], bool]:
    """The first `limit` parcels that the drawn GeoJSON (degrees, JGD2011) touches, and whether there were more.

    Raises DrawingError when it is no valid line or area.
    """
    try:
        shape = shapely.from_geojson(json.dumps(drawn))
    except (shapely.errors.GEOSException, ValueError, TypeError) as error:
        raise DrawingError("描いた図形を読み取れません。もう一度描いてください。") from error
    if shape is None or shape.is_empty or not shape.is_valid:
        raise DrawingError("描いた図形の線が交わっているか、点が足りません。もう一度描いてください。")
    place = _in_plane(store, shapely.force_2d(shape))
    if place is None:
        return [], False
    condition = sql.SQL(
        "c.fid IN (SELECT n.fid FROM layers.cadastral n WHERE ST_Intersects(n.geom, "
        "ST_GeomFromWKB(%(wkb)s, {})) ORDER BY n.parcel_key LIMIT {})"
    ).format(sql.Literal(store.town.srid), sql.Literal(limit + 1))
    with store.database.transaction(timeout_s=15.0) as connection:
        hits = placed_hits(connection, condition, {"wkb": place.wkb})
    return hits[:limit], len(hits) > limit


def _in_plane(store: Store, written: BaseGeometry) -> BaseGeometry | None:
    """What of a shape in degrees lies about the town's zone, in its metres; PROJ cannot follow it to the end of the world."""
    longitude_first = offered_systems(store.town.srid)[0]
    return plane_shape(written, longitude_first, store.town.srid).geometry
