"""Places by name: features of layers with searchable names, kana as good as kanji; and the 大字 of the town."""

from dataclasses import dataclass
from typing import Any

from psycopg import sql

from gis.parcel_numbers import kana_fold
from layers.store.definitions import GeometryKind, Layer
from layers.store.editions import table_of
from layers.store.place_readings import oaza_readings
from layers.store.readable import Readable

MOST = 30


def _searchable(layer: Layer) -> list[str]:
    return [field.name for field in layer.fields if field.searchable]


@dataclass(frozen=True)
class Place:
    """A feature with a name: `folded` is what its names are compared by."""

    layer: Layer
    fid: int
    names: tuple[str, ...]
    address: str | None
    center: tuple[float, float]
    folded: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The place as it goes out."""
        return {
            "layer": self.layer.id,
            "title": self.layer.title,
            "fid": self.fid,
            "name": self.names[0],
            "kana": self.names[1] if len(self.names) > 1 else None,
            "address": self.address,
            "center": list(self.center),
        }


def search_places(store: Readable, text: str) -> list[dict[str, object]]:
    """Up to 30 features whose searchable names hold `text`, compared without regard to width, kana script or blanks."""
    return found_among(named_places(store), text) if kana_fold(text) else []


def found_among(places: list[Place], text: str) -> list[dict[str, object]]:
    """The same among places that were read before."""
    wanted = kana_fold(text)
    if not wanted:
        return []
    found = [place for place in places if any(wanted in name for name in place.folded)]
    found.sort(key=lambda place: (not place.folded[0].startswith(wanted), len(place.names[0])))
    return [place.as_json() for place in found[:MOST]]


def named_places(store: Readable) -> list[Place]:
    """Every feature with a searchable name, at most 20,000 of a layer."""
    found: list[Place] = []
    with store.database.transaction() as connection:
        for layer in store.catalogue.values():
            names = _searchable(layer)
            if not names or layer.geometry in (GeometryKind.NONE, GeometryKind.RASTER) or layer.id == "cadastral":
                continue
            address = next((field.name for field in layer.fields if field.name == "address"), None)
            statement = sql.SQL(
                "SELECT l.fid, {names}, {address}, ST_X(c), ST_Y(c) FROM {table} l, "
                "LATERAL ST_Transform(ST_PointOnSurface(l.geom), 6668) c LIMIT 20000"
            ).format(
                names=sql.SQL(", ").join(sql.SQL("l.{}").format(sql.Identifier(name)) for name in names),
                address=sql.SQL("l.{}").format(sql.Identifier(address)) if address else sql.SQL("NULL"),
                table=table_of(layer),
            )
            found += [place for row in connection.execute(statement) if (place := _place(layer, row)) is not None]
    return found


def _place(layer: Layer, row: tuple[Any, ...]) -> Place | None:
    """The place of a row: fid, names, address, longitude, latitude; None where it has no name."""
    fid, *values, address, lon, lat = row
    names = tuple(str(value) for value in values if value is not None)
    return Place(layer, fid, names, address, (lon, lat), tuple(map(kana_fold, names))) if names else None


def search_oaza(store: Readable, text: str) -> list[dict[str, object]]:
    """The 大字 whose name or reading is in `text`, or in whose `text` is, with the box of their parcels."""
    wanted = kana_fold(text).removeprefix("大字").removeprefix("おおあざ")
    if not wanted:
        return []
    with store.database.transaction() as connection:
        names = connection.execute(
            "SELECT DISTINCT split_part(parcel_key, '/', 1) FROM layers.cadastral WHERE parcel_key IS NOT NULL"
        ).fetchall()
        readings = oaza_readings(connection)
        hits = [name for (name,) in names if name and _is_meant(wanted, [name, *readings.get(name, ())])]
        return [
            _oaza(connection.execute(_BOX, [store.town.srid, f"{name}/%"]).fetchone(), name) for name in sorted(hits)
        ]


def _is_meant(wanted: str, spellings: list[str]) -> bool:
    forms = [kana_fold(spelling) for spelling in spellings]
    return any(wanted in form or form in wanted for form in forms)


_BOX = (
    "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM "
    "(SELECT ST_Transform(ST_SetSRID(ST_Extent(geom)::geometry, %s::integer), 6668) b "
    "FROM layers.cadastral WHERE parcel_key LIKE %s) e"
)


def _oaza(box: tuple[float, ...] | None, name: str) -> dict[str, object]:
    west, south, east, north = box if box is not None else (0.0, 0.0, 0.0, 0.0)
    return {"name": name, "bbox": [west, south, east, north], "center": [(west + east) / 2, (south + north) / 2]}
