"""Word of changes: what the triggers say, who hears it, and what happens when the listener's connection is lost."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import geopandas as gpd
import psycopg
import pytest
import shapely

from layers.store.catalogue import load_catalogue
from layers.store.change_triggers import CHANNEL
from layers.store.changes import Box, Changes
from layers.store.cluster import Cluster
from layers.store.editing.editor import Editor
from layers.store.editing.incoming import Incoming
from layers.store.editing.precondition import Precondition
from layers.store.instance import Store
from layers.store.loading.load import LoadRequest, load
from layers.store.migrate import migrate

PATIENCE_S = 10.0
ANY = Precondition(anything=True)


class Ear:
    """Writes down what it is told; `deaf` makes it fail instead."""

    def __init__(self, *, deaf: bool = False) -> None:
        self.heard: list[tuple[str, Sequence[Box] | None]] = []
        self.flushes = 0
        self._deaf = deaf
        self._news = threading.Condition()

    def changed(self, layer: str, boxes: Sequence[Box] | None) -> None:
        if self._deaf:
            raise ValueError("deaf")
        with self._news:
            self.heard.append((layer, boxes))
            self._news.notify_all()

    def flush(self) -> None:
        with self._news:
            self.flushes += 1
            self._news.notify_all()

    def wait(self, enough: Callable[["Ear"], bool]) -> None:
        with self._news:
            assert self._news.wait_for(lambda: enough(self), PATIENCE_S), (self.heard, self.flushes)


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def changes(empty_store: Store, ear: Ear) -> Iterator[Changes]:
    listener = Changes(empty_store.database.url)
    listener.subscribe(Ear(deaf=True))
    listener.subscribe(ear)
    listener.start()
    assert listener.wait_until_listening(PATIENCE_S)
    ear.wait(lambda one: one.flushes == 1)
    yield listener
    listener.stop()
    assert not listener.listening


def point(lon: float, lat: float, name: str = "集会所") -> Incoming:
    return Incoming({"name": name}, {"type": "Point", "coordinates": [lon, lat]}, has_geometry=True)


def execute(store: Store, statement: str) -> None:
    with store.database.transaction() as connection:
        connection.execute(statement.encode())


def notices(store: Store, act: Callable[[], object]) -> list[dict[str, object]]:
    """What is said on the channel while something is done."""
    with psycopg.connect(store.database.url, autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        act()
        return [json.loads(notice.payload) for notice in connection.notifies(timeout=0.5)]


def write_squares(path: Path, count: int, first: int = 0) -> Path:
    shapes = [shapely.box(66_000 + 20 * i, 141_000, 66_020 + 20 * i, 141_020) for i in range(count)]
    frame = {"oaza": "飯豊", "koaza": "中田", "chiban": [str(first + i) for i in range(count)]}
    gpd.GeoDataFrame(frame, geometry=shapes, crs=6677).to_file(path)
    return path


def load_squares(store: Store, path: Path) -> None:
    load(store.database, store.town, LoadRequest(store.layer("cadastral"), (path,), mode="replace"))


@pytest.mark.usefixtures("changes")
def test_an_edit_tells_where_the_feature_was_and_where_it_is(empty_store: Store, ear: Ear) -> None:
    editor = Editor(empty_store, empty_store.layer("shelters"), "総務課")
    fid = editor.insert(point(140.62, 37.27)).fid
    ear.wait(lambda one: len(one.heard) == 1)
    editor.update(fid, ANY, point(140.63, 37.28))
    ear.wait(lambda one: len(one.heard) == 2)
    editor.update(fid, ANY, point(140.63, 37.28, "別の名"))
    editor.delete(fid, ANY)
    ear.wait(lambda one: len(one.heard) == 4)
    (_, [here]), (_, both), (_, renamed), (_, gone) = ear.heard  # type: ignore[misc]
    assert both is not None
    assert here in both
    assert len(both) == 2
    assert renamed == gone == [box for box in both if box != here]
    assert here[2] - here[0] <= 0.02
    assert 15_650_000 < here[0] < 15_660_000


@pytest.mark.usefixtures("changes")
def test_what_was_rolled_back_is_not_told(empty_store: Store, ear: Ear) -> None:
    with empty_store.database.transaction() as connection:
        connection.execute(
            "INSERT INTO layers.shelters (load_id, content_hash, name) VALUES (1, gen_random_uuid(), 'a')"
        )
        connection.rollback()
    execute(empty_store, "INSERT INTO layers.facilities (load_id, content_hash) VALUES (1, gen_random_uuid())")
    ear.wait(lambda one: len(one.heard) == 1)
    assert ear.heard == [("facilities", [])]


@pytest.mark.usefixtures("changes")
def test_a_lost_connection_makes_everybody_forget_at_once_and_again_when_it_is_back(
    empty_store: Store, changes: Changes, ear: Ear
) -> None:
    execute(
        empty_store,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'onomap changes' "
        "AND datname = current_database()",
    )
    ear.wait(lambda one: one.flushes >= 3)
    assert changes.wait_until_listening(PATIENCE_S)
    Editor(empty_store, empty_store.layer("shelters"), "総務課").insert(point(140.62, 37.27))
    ear.wait(lambda one: len(one.heard) == 1)


@pytest.mark.usefixtures("changes")
def test_a_notice_that_cannot_be_read_is_taken_for_any_change(empty_store: Store, ear: Ear) -> None:
    for payload in ("", "no json", "[]", '{"layer": "x"}', '{"layer": "x", "boxes": [[1, 2]]}'):
        before = ear.flushes
        execute(empty_store, f"SELECT pg_notify('{CHANNEL}', '{payload}')")
        ear.wait(lambda one, before=before: one.flushes == before + 1)  # type: ignore[misc]
    assert ear.heard == []


@pytest.mark.usefixtures("changes")
def test_of_a_thousand_edits_each_is_heard(empty_store: Store, ear: Ear) -> None:
    with psycopg.connect(empty_store.database.url, autocommit=True) as connection:
        for _ in range(1_000):
            connection.execute(
                "INSERT INTO layers.shelters (load_id, content_hash, name) VALUES (1, gen_random_uuid(), 'a')"
            )
    ear.wait(lambda one: len(one.heard) == 1_000)


def test_an_unreachable_database_is_tried_again_until_it_answers(test_cluster: Cluster, ear: Ear) -> None:
    listener = Changes(test_cluster.url("not_yet"))
    listener.subscribe(ear)
    listener.start()
    try:
        ear.wait(lambda one: one.flushes >= 2)
        assert not listener.listening
        test_cluster.create_database("not_yet")
        assert listener.wait_until_listening(PATIENCE_S)
    finally:
        listener.stop()


def test_who_makes_others_ask_is_told_after_all_who_keep_something(empty_store: Store) -> None:
    order: list[str] = []

    class Named(Ear):
        def __init__(self, name: str) -> None:
            super().__init__()
            self._name = name

        def changed(self, layer: str, boxes: Sequence[Box] | None) -> None:
            order.append(self._name)
            super().changed(layer, boxes)

    listener, pages = Changes(empty_store.database.url), Named("pages")
    listener.subscribe(pages, last=True)
    listener.subscribe(Named("cache"))
    listener.start()
    assert listener.wait_until_listening(PATIENCE_S)
    execute(empty_store, f'SELECT pg_notify(\'{CHANNEL}\', \'{{"layer": "roads", "boxes": null}}\')')
    pages.wait(lambda one: len(one.heard) == 1)
    listener.stop()
    assert order == ["cache", "pages"]


def test_stopping_is_prompt(empty_store: Store) -> None:
    listener = Changes(empty_store.database.url)
    listener.start()
    assert listener.wait_until_listening(PATIENCE_S)
    started = time.monotonic()
    listener.stop()
    assert time.monotonic() - started < PATIENCE_S / 2


def test_a_few_rows_are_told_box_by_box_and_many_as_the_whole_layer(empty_store: Store, tmp_path: Path) -> None:
    load_squares(empty_store, write_squares(tmp_path / "a.gpkg", 60))
    fifty = "UPDATE layers.cadastral SET land_category = '畑' WHERE chiban::int < 50"
    [few] = notices(empty_store, lambda: execute(empty_store, fifty))
    assert len(few["boxes"]) == 50  # type: ignore[arg-type]
    assert len(json.dumps(few)) < 7_000
    [many] = notices(empty_store, lambda: execute(empty_store, fifty.replace("50", "51")))
    assert many["boxes"] is None
    assert set(many) == {"layer", "boxes", "at"}


def test_a_statement_that_touches_no_row_tells_nothing(empty_store: Store) -> None:
    assert notices(empty_store, lambda: execute(empty_store, "DELETE FROM layers.cadastral")) == []


def test_a_truncated_layer_and_a_new_raster_are_told_as_a_whole(empty_store: Store) -> None:
    def act() -> None:
        execute(empty_store, "TRUNCATE layers.roads")
        execute(
            empty_store,
            "WITH l AS (INSERT INTO onomap.loads (layer, mode, file_name, file_sha256, loaded_by, report) "
            "VALUES ('elevation', 'replace', 'a', '', 'x', '{}') RETURNING id) "
            "INSERT INTO onomap.rasters SELECT id, 'elevation', 'a', 'b' FROM l",
        )

    told = notices(empty_store, act)
    assert [(one["layer"], one["boxes"]) for one in told] == [("roads", None), ("elevation", None)]


def test_a_first_load_tells_once_and_a_later_one_what_it_changed(empty_store: Store, tmp_path: Path) -> None:
    first = write_squares(tmp_path / "a.gpkg", 200)
    assert [one["boxes"] for one in notices(empty_store, lambda: load_squares(empty_store, first))] == [None]
    second = write_squares(tmp_path / "b.gpkg", 201)
    [added] = notices(empty_store, lambda: load_squares(empty_store, second))
    assert len(added["boxes"]) == 1  # type: ignore[arg-type]


def test_triggers_are_made_once_also_in_a_store_that_had_none(empty_store: Store) -> None:
    count = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE '%\\_tell\\_%'"
    with empty_store.database.transaction() as connection:
        made = connection.execute(count.encode()).fetchone()
        connection.execute("DROP TRIGGER roads_tell_insert ON layers.roads")
    migrate(empty_store.database.url, load_catalogue(), empty_store.town.srid)
    with empty_store.database.transaction() as connection:
        assert connection.execute(count.encode()).fetchone() == made
