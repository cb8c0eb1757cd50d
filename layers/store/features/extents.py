"""Where the layers lie and since when, without reading their rows."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from layers.store.definitions import GeometryKind, Layer
from layers.store.readable import Readable

_EXTENT_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Extent:
    """West, south, east, north in degrees (JGD2011), and the first load; None where nothing is known."""

    box: tuple[float, float, float, float] | None
    since: datetime | None


def extents(store: Readable, layers: list[Layer]) -> dict[str, Extent]:
    """By layer, a box around all its present rows, at most a metre too large, and when it was first loaded.

    The box is the root of the geometry index, so it costs nothing however many rows there are.
    """
    with store.database.transaction(timeout_s=_EXTENT_TIMEOUT_S) as connection:
        dates = store.dates(connection)
        boxes = {}
        for layer in layers:
            if layer.geometry not in (GeometryKind.NONE, GeometryKind.RASTER) and layer.id in dates:
                boxes[layer.id] = connection.execute(_box_statement(layer), {"srid": store.town.srid}).fetchone()
    found = {}
    for layer in layers:
        row = boxes.get(layer.id)
        box = (row[0], row[1], row[2], row[3]) if row is not None and row[0] is not None else None
        found[layer.id] = Extent(box, dates[layer.id].since if layer.id in dates else None)
    return found


def _box_statement(layer: Layer) -> sql.Composed:
    # edges are divided, because a straight edge of the plane bulges in degrees
    return sql.SQL(
        "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM (SELECT ST_Transform(ST_Segmentize("
        "ST_SetSRID(ST_EstimatedExtent('layers', {}, 'geom')::geometry, %(srid)s), 1000), 6668) AS b) e"
    ).format(sql.Literal(layer.id))
