"""A few rows of the sample's layers, put in straight, and short ways to ask for them."""

from datetime import datetime
from typing import Any

import orjson
from psycopg import sql

from gis.filters.from_text import from_text
from gis.geojson_objects import written
from gis.reference_systems import offered_systems
from layers.store.features.asked import Asked, selection_of_asked
from layers.store.features.columns import columns_of
from layers.store.features.feature_json import FeatureForm
from layers.store.features.ordering import Cursor, ordering_of
from layers.store.features.pages import Page, PageWish, read_page
from layers.store.instance import Store

SYSTEMS = offered_systems(6677)
CRS84, PLANE = SYSTEMS[0], SYSTEMS[-1]
# a corner in the middle of the town, in plane metres
X, Y = 70_000.0, 142_000.0


def put_facilities(store: Store, names: list[str | None], **columns: list[Any]) -> list[int]:
    """Facilities 10 m apart on a line to the east; returns their fids."""
    fids = []
    with store.database.transaction() as connection:
        for number, name in enumerate(names):
            given = {"name": name, **{key: values[number] for key, values in columns.items()}}
            row = connection.execute(
                sql.SQL(
                    "INSERT INTO layers.facilities (load_id, content_hash, geom, {}) VALUES (1, gen_random_uuid(), "
                    "ST_SetSRID(ST_MakePoint(%s, %s), 6677), {}) RETURNING fid"
                ).format(
                    sql.SQL(", ").join(map(sql.Identifier, given)), sql.SQL(", ").join(sql.Placeholder() * len(given))
                ),
                [X + 10 * number, Y, *given.values()],
            ).fetchone()
            assert row is not None
            fids.append(row[0])
    return fids


def put_parcels(store: Store, shapes: list[str], **columns: list[Any]) -> list[int]:
    """Parcels of those WKT shapes, in plane metres from the corner; returns their fids."""
    fids = []
    with store.database.transaction() as connection:
        for number, shape in enumerate(shapes):
            given = {"chiban": str(number + 1), **{key: values[number] for key, values in columns.items()}}
            row = connection.execute(
                sql.SQL(
                    "INSERT INTO layers.cadastral (load_id, content_hash, geom, {}) VALUES (1, gen_random_uuid(), "
                    "ST_Multi(ST_Translate(ST_GeomFromText(%s, 6677), %s, %s)), {}) RETURNING fid"
                ).format(
                    sql.SQL(", ").join(map(sql.Identifier, given)), sql.SQL(", ").join(sql.Placeholder() * len(given))
                ),
                [shape, X, Y, *given.values()],
            ).fetchone()
            assert row is not None
            fids.append(row[0])
    return fids


def ask(
    store: Store, layer: str, text: str | None = None, *, limit: int = 1_000, cursor: Cursor | None = None, **asked: Any
) -> Page:
    """A page of a layer, in plane coordinates on both sides unless `system` says in which it is written."""
    system = asked.pop("system", PLANE)
    filters = () if text is None else (from_text(text),)
    wanted = Asked(asked.pop("reference", PLANE), filters=filters, **asked)
    selection = selection_of_asked(store, store.layer(layer), wanted)
    ordering = ordering_of(wanted.sort_by, columns_of(store.layer(layer)))
    return read_page(store, selection, FeatureForm(system), PageWish(ordering, limit, cursor))


def features(page: Page) -> list[dict[str, Any]]:
    """The features of a page."""
    read: list[dict[str, Any]] = orjson.loads(written(page.features))
    return read


def ids(page: Page) -> list[int]:
    """The fids of a page."""
    return [feature["id"] for feature in features(page)]


def retire(store: Store, layer: str, fid: int, at: datetime) -> None:
    """Move a row into history, as of that moment."""
    names = ["fid", "load_id", "version", "valid_from", "content_hash", "geom"]
    names += [field.name for field in store.layer(layer).fields]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    with store.database.transaction() as connection:
        connection.execute(
            sql.SQL("INSERT INTO history.{0} ({1}, valid_to) SELECT {1}, %s FROM layers.{0} WHERE fid = %s").format(
                sql.Identifier(layer), columns
            ),
            [at, fid],
        )
        connection.execute(sql.SQL("DELETE FROM layers.{} WHERE fid = %s").format(sql.Identifier(layer)), [fid])
