"""What the guide reads of an edition: rows with their shapes, and where a layer speaks at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import sql
from shapely.geometry.base import BaseGeometry

from gis.crs import Datum, Grids, geographic_epsg, plan
from layers.store.database import Connection
from layers.store.definitions import Layer
from layers.store.editions import Edition, editions, given_coverages, municipality_outline, table_of
from layers.store.readable import Readable

LONGEST_READ_S = 30.0


@dataclass(frozen=True)
class Rows:
    """Rows of a layer: columns that the layer does not have hold None. Shapes are in plane metres."""

    layer: Layer
    fids: list[int]
    columns: Mapping[str, list[object]]
    shapes: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.fids)


@dataclass(frozen=True)
class Reader:
    """One transaction in which the layers of an edition are read; `outline` is the town's own, None where it is not there."""

    store: Readable
    connection: Connection
    held: Mapping[str, Edition]
    coverages: Mapping[str, BaseGeometry]
    outline: BaseGeometry | None

    @classmethod
    def of(cls, store: Readable, connection: Connection) -> "Reader":
        """Read what is said of the layers as a whole."""
        held = editions(connection)
        municipality = store.catalogue.get("municipality")
        outline = None if municipality is None else municipality_outline(connection, municipality, store.town, None)
        return cls(store, connection, held, given_coverages(connection, held), outline)

    def rows(self, layer_id: str, columns: Sequence[str]) -> Rows | None:
        """All rows of a layer with a shape; None where the layer is not published."""
        layer = self.store.catalogue.get(layer_id)
        if layer is None:
            return None
        known = {field.name for field in layer.fields}
        read = [name for name in columns if name in known]
        listed = sql.SQL(", ").join([*map(sql.Identifier, ["fid", *read]), sql.SQL("ST_AsBinary(geom)")])
        statement = sql.SQL("SELECT {} FROM {} WHERE geom IS NOT NULL ORDER BY fid").format(listed, table_of(layer))
        rows = self.connection.execute(statement).fetchall()
        values = {name: [row[1 + read.index(name)] if name in known else None for row in rows] for name in columns}
        shapes = np.array(shapely.from_wkb([row[-1] for row in rows]), dtype=object)
        return Rows(layer, [row[0] for row in rows], values, shapes)

    def error_m(self, layer: Layer) -> float:
        """How far off the layer's shapes may be, what its loads added included."""
        edition = self.held.get(layer.id)
        return float(layer.accuracy_m + (edition.added_error_m if edition is not None else 0.0))

    def degrees(self, points: NDArray[np.object_]) -> list[tuple[float, float]]:
        """Longitude and latitude (JGD2011) of points in the plane."""
        way = plan(self.store.town.srid, geographic_epsg(Datum.JGD2011), Grids())
        lon, lat, _ = way.move(shapely.get_x(points), shapely.get_y(points))
        return list(zip(lon.round(7).tolist(), lat.round(7).tolist(), strict=True))

    def in_plane(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape in degrees (JGD2011) in the town's plane."""
        way = plan(geographic_epsg(Datum.JGD2011), self.store.town.srid, Grids())
        return way.apply(np.array([shape], dtype=object))[0][0]
