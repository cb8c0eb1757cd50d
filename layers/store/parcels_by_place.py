"""Parcels under a point, or touched by what was drawn on the map."""

import json

import shapely
from psycopg import sql

from gis.errors import OnomapError
from layers.store.instance import Store
from layers.store.parcel_hits import ParcelHit, placed_hits


class DrawingError(OnomapError):
    """What was drawn is no line and no area."""


def parcels_at(store: Store, lon: float, lat: float) -> list[ParcelHit]:
    """The parcels that hold the point (degrees, JGD2011)."""
    condition = sql.SQL(
        "ST_Intersects(c.geom, ST_Transform(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 6668), {}))"
    ).format(sql.Literal(store.town.srid))
    with store.database.transaction() as connection:
        return placed_hits(connection, condition, {"lon": lon, "lat": lat})


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
    condition = sql.SQL(
        "c.fid IN (SELECT n.fid FROM layers.cadastral n WHERE ST_Intersects(n.geom, "
        "ST_Transform(ST_GeomFromWKB(%(wkb)s, 6668), {})) ORDER BY n.parcel_key LIMIT {})"
    ).format(sql.Literal(store.town.srid), sql.Literal(limit + 1))
    with store.database.transaction(timeout_s=15.0) as connection:
        hits = placed_hits(connection, condition, {"wkb": shape.wkb})
    return hits[:limit], len(hits) > limit
