"""Mapbox vector tiles of the layers, straight from the current tables."""

from dataclasses import dataclass

from psycopg import sql

from gis.errors import OnomapError
from layers.store.database import Connection
from layers.store.definitions import GeometryKind, Layer

EXTENT = 4096
BUFFER = 64
MAX_ZOOM = 22
TILE_TIMEOUT_S = 15.0


class TileAddressError(OnomapError):
    """No such tile can exist."""


@dataclass(frozen=True)
class Tile:
    """A tile of the Web Mercator quad. Raises TileAddressError outside 0 ≤ x, y < 2^z, z ≤ 22."""

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        """Refuse an address that no map has."""
        if not (0 <= self.z <= MAX_ZOOM and 0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z):
            raise TileAddressError(f"タイル {self.z}/{self.x}/{self.y} はありません（ズームは0〜{MAX_ZOOM}）。")


def _properties(layer: Layer, z: int) -> list[str]:
    """What a tile carries of a row: what the legend and the label need; the rest is asked for by `fid`."""
    names = {name for entry in layer.legend for name in entry.values}
    if layer.label_field is not None and z >= layer.min_zoom:
        names.add(layer.label_field)
    if any(field.name == "parcel_key" for field in layer.fields):
        names.add("parcel_key")
    return [field.name for field in layer.fields if field.name in names]


def fragment(connection: Connection, layer: Layer, tile: Tile) -> bytes:
    """One layer of one tile as uncompressed MVT; empty outside the layer's zoom band or where nothing lies."""
    if layer.geometry in (GeometryKind.NONE, GeometryKind.RASTER) or tile.z < layer.min_zoom:
        return b""
    columns = [sql.SQL("t.{}").format(sql.Identifier(name)) for name in _properties(layer, tile.z)]
    statement = sql.SQL(
        "WITH env AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS e, "
        "ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {margin}) AS buffered) "
        "SELECT ST_AsMVT(m, {name}, {extent}, 'geom', 'fid') FROM (SELECT t.fid, {columns} "
        "ST_AsMVTGeom(t.geom_3857, env.e, {extent}, {buffer}, true) AS geom "
        "FROM layers.{layer} t, env WHERE t.geom_3857 && env.buffered) m"
    ).format(
        margin=sql.Literal(BUFFER / EXTENT),
        name=sql.Literal(layer.id),
        extent=sql.Literal(EXTENT),
        buffer=sql.Literal(BUFFER),
        columns=sql.SQL("").join(column + sql.SQL(", ") for column in columns),
        layer=sql.Identifier(layer.id),
    )
    row = connection.execute(statement, {"z": tile.z, "x": tile.x, "y": tile.y}).fetchone()
    return bytes(row[0]) if row is not None and row[0] is not None else b""


def vector_tile(connection: Connection, layers: list[Layer], tile: Tile) -> bytes:
    """The tile with all of `layers`: MVT layers joined, which is what the format's repeated field allows."""
    return b"".join(fragment(connection, layer, tile) for layer in layers)
