"""What is said about a layer's tiles: their zooms, fields, extent, and how they are generalised."""

from dataclasses import dataclass

from psycopg import sql

from layers.store.database import Connection
from layers.store.definitions import Layer, LayerField
from layers.store.editions import table_of
from layers.store.readable import Readable
from layers.store.tiles.band_plan import Band, bands_of, shown_fields

MERGED_ROWS = "merged_rows"
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class TileLayer:
    """One layer as tiles show it; `bounds` are west, south, east, north in degrees, None while it has no row."""

    layer: Layer
    fields: tuple[LayerField, ...]
    bands: tuple[Band, ...]
    bounds: Bounds | None

    @property
    def min_zoom(self) -> int:
        """The lowest zoom with anything to show."""
        return self.layer.first_zoom

    @property
    def max_zoom(self) -> int:
        """The highest zoom worth asking for; a map enlarges its tiles beyond."""
        return max(self.layer.max_zoom, self.layer.min_zoom)

    @property
    def is_merged(self) -> bool:
        """Whether the lowest zooms show several rows as one shape, which then carries `merged_rows`."""
        return self.layer.overview is not None


def described(layer: Layer, bounds: Bounds | None) -> TileLayer:
    """One layer whose extent is known."""
    bands = bands_of(layer)
    names = {*shown_fields(layer), *(name for band in bands for name in shown_fields(layer, band))}
    return TileLayer(layer, tuple(field for field in layer.fields if field.name in names), bands, bounds)


def describe(store: Readable, names: tuple[str, ...]) -> list[TileLayer]:
    """The layers of these ids, in that order, with their present extent."""
    with store.database.transaction(timeout_s=10.0) as connection:
        layers = [store.layer(name) for name in names]
        return [described(layer, _bounds(connection, layer)) for layer in layers]


def bounds_of(layers: list[TileLayer], otherwise: Bounds) -> Bounds:
    """The extent of all layers together; `otherwise` where none has a row."""
    boxes = [layer.bounds for layer in layers if layer.bounds is not None]
    if not boxes:
        return otherwise
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _bounds(connection: Connection, layer: Layer) -> Bounds | None:
    statement = sql.SQL(
        "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM (SELECT ST_Transform("
        "ST_SetSRID(ST_Extent(geom_3857)::geometry, 3857), 4326) AS b FROM {}) e WHERE b IS NOT NULL"
    ).format(table_of(layer))
    row = connection.execute(statement).fetchone()
    return (row[0], row[1], row[2], row[3]) if row is not None else None
