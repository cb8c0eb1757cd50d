"""Places by name: features of layers with searchable names, kana as good as kanji; and the 大字 of the town."""

from psycopg import sql

from gis.parcel_numbers import kana_fold
from layers.store.definitions import GeometryKind, Layer
from layers.store.instance import Store

MOST = 30


def _searchable(layer: Layer) -> list[str]:
    return [field.name for field in layer.fields if field.searchable]


def search_places(store: Store, text: str) -> list[dict[str, object]]:
    """Up to 30 features whose searchable names hold `text`, compared without regard to width, kana script or blanks."""
    wanted = kana_fold(text)
    if not wanted:
        return []
    found: list[dict[str, object]] = []
    with store.database.transaction() as connection:
        for layer in store.catalogue.values():
            names = _searchable(layer)
            if not names or layer.geometry in (GeometryKind.NONE, GeometryKind.RASTER) or layer.id == "cadastral":
                continue
            address = next((field.name for field in layer.fields if field.name == "address"), None)
            statement = sql.SQL(
                "SELECT l.fid, {names}, {address}, ST_X(c), ST_Y(c) FROM layers.{layer} l, "
                "LATERAL ST_Transform(ST_PointOnSurface(l.geom), 6668) c LIMIT 20000"
            ).format(
                names=sql.SQL(", ").join(sql.SQL("l.{}").format(sql.Identifier(name)) for name in names),
                address=sql.SQL("l.{}").format(sql.Identifier(address)) if address else sql.SQL("NULL"),
                layer=sql.Identifier(layer.id),
            )
            for row in connection.execute(statement):
                values = [str(value) for value in row[1 : 1 + len(names)] if value is not None]
                if any(wanted in kana_fold(value) for value in values):
                    found.append(_place(layer, row[0], values, row[-3:]))
    found.sort(key=lambda place: (not kana_fold(str(place["name"])).startswith(wanted), len(str(place["name"]))))
    return found[:MOST]


def _place(layer: Layer, fid: int, values: list[str], rest: tuple[object, ...]) -> dict[str, object]:
    return {
        "layer": layer.id,
        "title": layer.title,
        "fid": fid,
        "name": values[0],
        "kana": values[1] if len(values) > 1 else None,
        "address": rest[0],
        "center": [rest[1], rest[2]],
    }


def search_oaza(store: Store, text: str) -> list[dict[str, object]]:
    """The 大字 whose name is in `text`, or in whose name `text` is, with the box of their parcels."""
    wanted = kana_fold(text).removeprefix("大字")
    if not wanted:
        return []
    with store.database.transaction() as connection:
        names = connection.execute(
            "SELECT DISTINCT split_part(parcel_key, '/', 1) FROM layers.cadastral WHERE parcel_key IS NOT NULL"
        ).fetchall()
        hits = [row[0] for row in names if row[0] and (wanted in kana_fold(row[0]) or kana_fold(row[0]) in wanted)]
        return [
            _oaza(connection.execute(_BOX, [store.town.srid, f"{name}/%"]).fetchone(), name) for name in sorted(hits)
        ]


_BOX = (
    "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM "
    "(SELECT ST_Transform(ST_SetSRID(ST_Extent(geom)::geometry, %s::integer), 6668) b "
    "FROM layers.cadastral WHERE parcel_key LIKE %s) e"
)


def _oaza(box: tuple[float, ...] | None, name: str) -> dict[str, object]:
    west, south, east, north = box if box is not None else (0.0, 0.0, 0.0, 0.0)
    return {"name": name, "bbox": [west, south, east, north], "center": [(west + east) / 2, (south + north) / 2]}
