"""Every query of the API under the role of every post: it works, and the spatial index serves it as it serves the owner."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg import sql
from psycopg.types.numeric import Int4

from gis.filters.from_text import from_text
from gis.filters.tree import Box
from gis.formats.writing.formats import format_named
from gis.reference_systems import offered_systems
from layers.inquiries.archive import issue, recall, recent
from layers.inquiries.inquire import InquiryRequest, inquire
from layers.inquiries.map_context import map_context
from layers.store.database import Connection
from layers.store.export import Halt, plan, write_file
from layers.store.features.asked import Asked, Period, selection_of_asked
from layers.store.features.columns import columns_of
from layers.store.features.extents import extents
from layers.store.features.feature_json import FeatureForm
from layers.store.features.ordering import ordering_of
from layers.store.features.pages import PageWish, read_page
from layers.store.features.single import read_feature
from layers.store.instance import Store
from layers.store.load_register import load_rows, loads
from layers.store.nearby import RowQuery
from layers.store.overview import overview
from layers.store.parcel_search import an_interesting_parcel, resolve
from layers.store.parcels_by_place import parcels_at, parcels_in
from layers.store.place_search import search_oaza, search_places
from layers.store.rights.caller import Post
from layers.store.selection import Selection, whole
from layers.store.tiles.statements import tile_statement
from layers.store.unplaced_sheets import sheets
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, tile_at

BOX = Box(140.6250, 37.2850, 140.6256, 37.2855)
RING = "140.6250 37.2850, 140.6256 37.2850, 140.6256 37.2855, 140.6250 37.2855, 140.6250 37.2850"
RELATIONS = ("S_INTERSECTS", "S_WITHIN", "S_CONTAINS", "S_TOUCHES", "S_CROSSES", "S_OVERLAPS", "S_EQUALS")
SPATIAL = re.compile(r"&&|<->|ST_(Intersects|Within|Contains|Touches|Crosses|Overlaps|Equals)\(")
DUTIES = ("viewer", "editor", "approver")
CRS84 = offered_systems(6677)[0]


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Any, Any]]]:
    """Every statement that goes out, with what is bound to it."""
    told: list[tuple[Any, Any]] = []
    with monkeypatch.context() as patched:
        for kind in (psycopg.Cursor, psycopg.ServerCursor):
            original = kind.execute

            def execute(self: Any, query: Any, params: Any = None, *, _original: Any = original, **rest: Any) -> Any:
                told.append((query, params))
                return _original(self, query, params, **rest)

            patched.setattr(kind, "execute", execute)
        yield told


def ask_everything(store: Store, folder: Path, parcel: str) -> None:
    """What the API asks of the store, by every way that leads to rows or places."""
    cadastral = store.layer("cadastral")
    form = FeatureForm(CRS84)
    filters = [f"{name}(geom, POLYGON(({RING})))" for name in RELATIONS]
    filters += [f"S_INTERSECTS(geom, POLYGON(({RING}))) AND registered_area_m2 > 100"]
    asked = [Asked(CRS84, filters=(from_text(text),)) for text in filters]
    asked += [
        Asked(CRS84, box=BOX),
        Asked(CRS84, box=BOX, sort_by=("-registered_area_m2",)),
        Asked(CRS84, box=BOX, as_of=datetime(2026, 11, 1, tzinfo=UTC)),
        Asked(CRS84, box=BOX, during=Period(None, datetime.now(UTC)), properties=("chiban",)),
    ]
    for one in asked:
        chosen = selection_of_asked(store, cadastral, one)
        ordering = ordering_of(one.sort_by, columns_of(cadastral))
        for exact in (False, True):
            read_page(store, chosen, form, PageWish(ordering, 20, exact_count=exact))
    first = read_page(store, whole(cadastral), form, PageWish(ordering_of((), columns_of(cadastral)), 1))
    read_feature(store, whole(cadastral), form, str(first.features[0]["id"]))
    extents(store, list(store.catalogue.values()))
    overview(store)
    parcels_at(store, 140.625, 37.285)
    parcels_in(store, {"type": "LineString", "coordinates": [[140.62, 37.28], [140.63, 37.29]]}, 50)
    resolve(store, "小野新町 1", limit=5)
    search_places(store, "集会")
    search_oaza(store, "小野新町")
    sheets(store)
    load_rows(store, int(str(loads(store, None)[0]["id"])))
    answer = inquire(store, InquiryRequest((parcel,)))
    issued = issue(store, answer)
    recall(store, str(issued.id))
    recent(store)
    map_context(store, answer)
    _nearby(store)
    selection = Selection(cadastral, cadastral.fields, most=50)
    write_file(store, plan(store, selection, format_named("csv"), None), folder / "parcels.csv", Halt())


def _nearby(store: Store) -> None:
    boxes = np.array([[70_000.0, 142_000.0, 70_200.0, 142_200.0], [71_000.0, 142_000.0, 71_200.0, 142_200.0]])
    with store.database.transaction() as connection:
        for name in ("cadastral", "roads", "landslide"):
            query = RowQuery(connection, store.layer(name), 6677)
            for one in (boxes[:1], boxes):
                query.touching(one).rows()
            point = connection.execute("SELECT ST_AsBinary(ST_MakePoint(70000, 142000))").fetchone()
            assert point is not None
            query.nearest([bytes(point[0])], {}).rows()


def explained(connection: Connection, query: Any, parameters: Any) -> str:
    """The plan without its figures."""
    text = query if isinstance(query, sql.Composable) else sql.SQL(query if isinstance(query, str) else query.decode())
    row = connection.execute(sql.SQL("EXPLAIN (COSTS OFF) ") + text, parameters).fetchall()
    return "\n".join(line[0] for line in row)


def _rows(query: Any, connection: Connection) -> str:
    text = query.as_string(connection) if isinstance(query, sql.Composable) else str(query)
    return text if text.lstrip().upper().startswith(("SELECT", "WITH")) else ""


def test_every_query_works_and_is_planned_for_each_post_as_for_the_owner(
    sample_store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parcel = an_interesting_parcel(sample_store)
    departments = ["町民生活課", sample_store.layer("cadastral").department]
    posts = [
        Post(department, frozenset({"viewer", *duties}))
        for department in departments
        for count in range(len(DUTIES))
        for duties in combinations(DUTIES[1:], count)
    ]
    walked = compared = 0
    for post in posts:
        seen = sample_store.seen_by(post)
        with recorded(monkeypatch) as told:
            ask_everything(seen, tmp_path, parcel)
        statements = _distinct(told, sample_store)
        walked += len(statements)
        compared += _compare(sample_store, seen, statements)
    with capsys.disabled():
        sys.stdout.write(
            f"\nplans: {len(posts)} posts, {walked} queries, {compared} of them spatial, each by its index\n"
        )
    assert compared >= 15 * len(posts)


def _distinct(told: list[tuple[Any, Any]], store: Store) -> dict[str, tuple[Any, Any]]:
    with store.database.transaction() as connection:
        return {text: (query, bound) for query, bound in told if (text := _rows(query, connection))}


def _compare(owner: Store, seen: Store, statements: dict[str, tuple[Any, Any]]) -> int:
    spatial = 0
    with owner.database.transaction() as whole_store, seen.database.transaction() as of_post:
        for text, (query, bound) in statements.items():
            assert explained(of_post, query, bound) == explained(whole_store, query, bound), text
        of_post.execute("SET LOCAL enable_seqscan = off")
        for text, (query, bound) in statements.items():
            if SPATIAL.search(text):
                assert re.search(r"_geom(_3857)?\b", explained(of_post, query, bound)), text
                spatial += 1
    return spatial


def test_every_tile_is_drawn_by_way_of_the_spatial_index(sample_store: Store) -> None:
    """Tiles are the owner's for everybody, since they are kept; who may have them is asked before."""
    looked_at = 0
    with sample_store.database.transaction() as connection:
        connection.execute("SET LOCAL enable_seqscan = off")
        for layer in sample_store.catalogue.values():
            for zoom in (12, 14, 16):
                statement = tile_statement(layer, zoom)
                if statement is None:
                    continue
                tile = tile_at(EAST_M, NORTH_M, zoom)
                bound = {name: Int4(value) for name, value in (("z", tile.z), ("x", tile.x), ("y", tile.y))}
                plan_told = explained(connection, statement, bound)
                assert re.search(r"Index Cond: \(.*geom_3857 &&", plan_told), (layer.id, zoom, plan_told)
                looked_at += 1
    assert looked_at > 30


def test_a_post_that_sees_less_is_answered_with_less_and_never_with_an_error(
    open_again: Callable[..., Store],
) -> None:
    narrow = """
[[duty]]
id = "viewer"
label = "閲覧"
[[grant]]
duty = "viewer"
verbs = ["read"]
classes = ["public"]
layers = ["cadastral", "street_lights", "roads"]
"""
    store = open_again(narrow).seen_by(Post("税務課", frozenset({"viewer"})))
    assert set(store.catalogue) == {"cadastral", "street_lights", "roads"}
    hidden = [field.name for field in open_again().layer("cadastral").fields if field.column_class != "public"]
    assert hidden
    for layer in store.catalogue.values():
        assert not set(hidden) & {field.name for field in layer.fields} or layer.id != "cadastral"
        read_page(store, whole(layer), FeatureForm(CRS84), PageWish(ordering_of((), columns_of(layer)), 10))
    extents(store, list(store.catalogue.values()))
    overview(store)
