"""Rows put straight into a layer, and tiles read back in Web Mercator metres."""

import asyncio
import uuid
from collections.abc import Iterable
from typing import Any

import mapbox_vector_tile
import shapely
from psycopg import sql

from gis.generalise import unit_m
from layers.store.instance import Store
from layers.store.tiles.address import WORLD_M, Tile
from layers.store.tiles.drawn import DrawnTile
from layers.store.tiles.source import TileSource

EAST_M, NORTH_M = 15_654_500.0, 4_477_500.0
"""A point in the middle of the sample town, in Web Mercator metres."""


def insert(store: Store, layer: str, shapes: Iterable[shapely.Geometry], srid: int = 3857, **columns: Any) -> list[int]:
    """Insert shapes given in `srid` as rows of a layer; a column is one value for all. Returns their fids."""
    names = ["content_hash", "load_id", *columns]
    statement = sql.SQL("INSERT INTO layers.{layer} ({names}, geom) VALUES ({values}, {shape}) RETURNING fid").format(
        layer=sql.Identifier(layer),
        names=sql.SQL(", ").join(map(sql.Identifier, names)),
        values=sql.SQL(", ").join(sql.Placeholder() * len(names)),
        shape=sql.SQL("ST_Transform(ST_GeomFromWKB(%s, %s), {})").format(sql.Literal(store.town.srid)),
    )
    fids = []
    with store.database.transaction() as connection:
        for shape in shapes:
            values = [uuid.uuid4(), 1, *columns.values(), shapely.to_wkb(shape), srid]
            row = connection.execute(statement, values).fetchone()
            assert row is not None
            fids.append(row[0])
    return fids


def tile_at(x: float, y: float, zoom: int) -> Tile:
    """The tile over a point in Web Mercator metres."""
    side = WORLD_M / 2**zoom
    return Tile(zoom, int((x + WORLD_M / 2) / side), int((WORLD_M / 2 - y) / side))


def drawn(source: TileSource, names: str, tile: Tile) -> DrawnTile:
    """The tile, asked for as the server does."""

    async def ask() -> DrawnTile:
        wanted = source.names(names)
        return source.kept(wanted, tile) or await source.tile(wanted, tile)

    return asyncio.run(ask())


def features(tile: DrawnTile, layer: str) -> list[dict[str, Any]]:
    """The features of one layer of a tile: id, properties, and `shape` in tile units, y downwards."""
    decoded = mapbox_vector_tile.decode(tile.joined.plain(), default_options={"y_coord_down": True})
    found = decoded.get(layer, {"features": []})["features"]
    return [feature | {"shape": shapely.geometry.shape(feature["geometry"])} for feature in found]


def placed(shape: shapely.Geometry, tile: Tile) -> shapely.Geometry:
    """A shape in tile units as one in Web Mercator metres."""
    unit = unit_m(tile.z)
    west, north = tile.x * unit * 4096 - WORLD_M / 2, WORLD_M / 2 - tile.y * unit * 4096
    return shapely.transform(shape, lambda points: points * [unit, -unit] + [west, north])
