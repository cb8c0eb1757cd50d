"""A parcel as a search shows it: its number, its facts, and where it is."""

import json
from dataclasses import dataclass

from psycopg import sql

from gis.parcel_numbers import display
from layers.store.database import Connection

COLUMNS = sql.SQL(
    "c.fid, c.parcel_key, c.area_m2, c.registered_area_m2, c.land_category, c.accuracy_class, c.undetermined, c.map_name, "
    "ST_AsGeoJSON(ST_Transform(c.geom, 6668), 8), ST_AsGeoJSON(ST_Transform(ST_PointOnSurface(c.geom), 6668), 8)"
)


@dataclass(frozen=True)
class ParcelHit:
    """One parcel found; `geometry` is GeoJSON in longitude and latitude (JGD2011), None on a 任意座標系 sheet."""

    fid: int | None
    key: str
    number: str
    area_m2: float | None
    registered_area_m2: float | None
    land_category: str | None
    accuracy_class: str | None
    undetermined: bool
    sheet: str | None
    geometry: dict[str, object] | None
    center: list[float] | None

    def as_json(self) -> dict[str, object]:
        """The hit as the staff page reads it."""
        return {
            "fid": self.fid,
            "key": self.key,
            "number": self.number,
            "area_m2": self.area_m2,
            "registered_area_m2": self.registered_area_m2,
            "land_category": self.land_category,
            "accuracy_class": self.accuracy_class,
            "undetermined": self.undetermined,
            "sheet": self.sheet,
            "placed": self.geometry is not None,
            "geometry": self.geometry,
            "center": self.center,
            "bbox": _bbox(self.geometry),
        }


def _bbox(geometry: dict[str, object] | None) -> list[float] | None:
    if geometry is None:
        return None
    coordinates = geometry["coordinates"]
    assert isinstance(coordinates, list)  # noqa: S101 - GeoJSON of a MultiPolygon
    points = [point for polygon in coordinates for ring in polygon for point in ring]
    lons, lats = [point[0] for point in points], [point[1] for point in points]
    return [min(lons), min(lats), max(lons), max(lats)]


def placed_hits(connection: Connection, condition: sql.Composable, parameters: dict[str, object]) -> list[ParcelHit]:
    """Hits among the placed parcels that meet `condition` on the alias `c`, in the order of their keys."""
    statement = sql.SQL(
        "SELECT {columns} FROM layers.cadastral c WHERE {condition} ORDER BY c.parcel_key, c.fid"
    ).format(columns=COLUMNS, condition=condition)
    hits = []
    for row in connection.execute(statement, parameters):
        geometry = json.loads(row[8]) if row[8] else None
        center = json.loads(row[9])["coordinates"] if row[9] else None
        hits.append(
            ParcelHit(
                fid=row[0],
                key=row[1],
                number=display(row[1]),
                area_m2=row[2],
                registered_area_m2=row[3],
                land_category=row[4],
                accuracy_class=row[5],
                undetermined=bool(row[6]),
                sheet=row[7],
                geometry=geometry,
                center=center,
            )
        )
    return hits


def unplaced_hits(connection: Connection, keys: list[str]) -> list[ParcelHit]:
    """Hits among the parcels of 任意座標系 sheets with those keys."""
    rows = connection.execute(
        "SELECT f.parcel_key, ST_Area(f.geom), f.attributes, s.name FROM onomap.unplaced_features f "
        "JOIN onomap.unplaced_sheets s ON s.id = f.sheet_id WHERE f.parcel_key = ANY(%s) ORDER BY f.id",
        [keys],
    ).fetchall()
    return [
        ParcelHit(
            fid=None,
            key=row[0],
            number=display(row[0]),
            area_m2=row[1],
            registered_area_m2=row[2].get("registered_area_m2"),
            land_category=row[2].get("land_category"),
            accuracy_class=row[2].get("accuracy_class"),
            undetermined=bool(row[2].get("undetermined")),
            sheet=row[3],
            geometry=None,
            center=None,
        )
        for row in rows
    ]
