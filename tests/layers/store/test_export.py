"""Layers written out of a real PostGIS and read again: they equal the table, or there is no file."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psycopg
import pyogrio
import pytest
import shapely
from numpy.typing import NDArray
from openpyxl import load_workbook
from psycopg import sql

from gis.errors import CrsError
from gis.formats.writing.errors import FailedWriteError, UnwritableError
from gis.formats.writing.formats import FORMATS, UnknownFormatError, format_named, format_of_suffix
from gis.formats.writing.outgoing import Column
from layers.store.catalogue import load_layer
from layers.store.errors import StoreError, StoreUnavailableError
from layers.store.export import Export, ExportStoppedError, Halt, pieces, plan, srid_named, write_file
from layers.store.export_description import FICTITIOUS, outgoing
from layers.store.instance import Store
from layers.store.migrate import migrate
from layers.store.selection import Selection, readable_fields, whole
from tests.gis.formats.writing.rereading import (
    NULL_IS_EMPTY,
    TOLERANCES,
    as_multi,
    count_by_debian,
    plain,
    reread,
)

EVERY = list(FORMATS)
LAYERS = ["evacuation_sites", "roads", "flood"]
Rows = dict[int, tuple[object, ...]]


def written(store: Store, selection: Selection, name: str, folder: Path, srid: int | None = None) -> Path:
    form = FORMATS[name]
    path = folder / f"{selection.layer.id}{form.suffix}"
    write_file(store, plan(store, selection, form, srid), path, Halt())
    return path


def table(store: Store, selection: Selection, srid: int) -> tuple[Rows, NDArray[np.object_]]:
    """The rows as they stand in the table, and their places in EPSG:`srid`."""
    names = ["fid", "version", *(field.name for field in selection.fields)]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    with store.database.transaction() as connection:
        found = connection.execute(
            sql.SQL("SELECT {}, ST_AsBinary(ST_Transform(geom, %s)) FROM layers.{} ORDER BY fid").format(
                columns, sql.Identifier(selection.layer.id)
            ),
            [srid],
        ).fetchall()
        sheet = outgoing(connection, store, selection, srid)
    rows = {row[0]: tuple(plain(v, c) for v, c in zip(row[:-1], sheet.columns, strict=True)) for row in found}
    return rows, as_multi(shapely.from_wkb([row[-1] for row in found]))


def told(name: str, rows: Rows) -> Rows:
    """The rows as far as a format can tell them."""
    return {fid: tuple(_value(name, value) for value in row) for fid, row in rows.items()}


def _value(name: str, value: object) -> object:
    if name == "xlsx" and isinstance(value, float):
        return float(f"{value:.16g}")
    return None if value == "" and name in NULL_IS_EMPTY else value


def columns_of(store: Store, selection: Selection) -> tuple[Column, ...]:
    with store.database.transaction() as connection:
        return outgoing(connection, store, selection, 4326).columns


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("name", EVERY)
def test_a_layer_written_and_read_again_equals_its_table(
    sample_store: Store, layer: str, name: str, tmp_path: Path
) -> None:
    selection = whole(sample_store.layer(layer))
    path = written(sample_store, selection, name, tmp_path)
    srid = 6677 if FORMATS[name].plane else 4326
    rows, shapes = table(sample_store, selection, srid)
    found = reread(name, path, columns_of(sample_store, selection), places=True)
    assert dict(found.rows) == told(name, rows)
    if name != "xlsx":
        assert found.shapes is not None
        assert shapely.equals_exact(found.shapes, shapes, tolerance=TOLERANCES.get(name, 0.0)).all()
    if name not in ("csv", "csv-labels", "xlsx"):
        assert found.epsg == srid
    if name != "parquet":
        inside = {"kml": selection.layer.title, "xlsx": "データ"}.get(name, layer)
        assert count_by_debian(path, inside) == len(rows)


@pytest.mark.parametrize("name", ["gpkg", "shp"])
def test_every_parcel_of_the_town_comes_out_as_it_is(sample_store: Store, name: str, tmp_path: Path) -> None:
    selection = whole(sample_store.layer("cadastral"))
    path = written(sample_store, selection, name, tmp_path)
    rows, shapes = table(sample_store, selection, 6677)
    found = reread(name, path, columns_of(sample_store, selection), places=True)
    assert len(rows) >= 60_000
    assert dict(found.rows) == told(name, rows)
    assert found.shapes is not None
    assert shapely.equals_exact(found.shapes, shapes).all()


@pytest.mark.parametrize("name", ["gpkg", "parquet", "shp", "fgb", "csv"])
@pytest.mark.parametrize("srid", [6668, 3857, 6678])
def test_another_crs_is_made_by_the_database_and_told(
    sample_store: Store, name: str, srid: int, tmp_path: Path
) -> None:
    selection = whole(sample_store.layer("evacuation_sites"))
    path = written(sample_store, selection, name, tmp_path, srid)
    found = reread(name, path, columns_of(sample_store, selection), places=True)
    _, shapes = table(sample_store, selection, srid)
    assert found.shapes is not None
    assert shapely.equals_exact(found.shapes, shapes, tolerance=1e-4 if name == "csv" else 0.0).all()
    assert found.epsg == (None if name == "csv" else srid)


def test_a_selection_says_which_rows_which_columns_and_in_which_order(sample_store: Store, tmp_path: Path) -> None:
    layer = sample_store.layer("cadastral")
    selection = Selection(
        layer,
        (layer.field("chiban"), layer.field("parcel_key")),
        condition=sql.SQL("l.land_category = %(category)s OR l.fid = %(fid)s"),
        parameters={"category": "田", "fid": 1},
        order=sql.SQL("l.parcel_key DESC, l.fid"),
    )
    path = written(sample_store, selection, "geojsonl", tmp_path)
    features = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with sample_store.database.transaction() as connection:
        wanted = connection.execute(
            "SELECT fid, chiban, parcel_key FROM layers.cadastral WHERE land_category = '田' OR fid = 1 "
            "ORDER BY parcel_key DESC, fid"
        ).fetchall()
    assert len(wanted) > 1_000
    assert [(f["id"], *f["properties"].values()) for f in features] == wanted
    assert set(features[0]["properties"]) == {"chiban", "parcel_key"}


@pytest.mark.parametrize("name", EVERY)
def test_no_matching_row_makes_a_valid_empty_file(sample_store: Store, name: str, tmp_path: Path) -> None:
    selection = replace(whole(sample_store.layer("flood")), condition=sql.SQL("false"))
    path = written(sample_store, selection, name, tmp_path)
    if name == "geojsonl":
        assert path.read_bytes() == b""
    elif name == "xlsx":
        assert load_workbook(path)["データ"].max_row == 1
    else:
        found = reread(name, path, columns_of(sample_store, selection), places=True)
        assert dict(found.rows) == {}


def test_the_file_says_source_licence_date_and_that_it_is_made_up(sample_store: Store, tmp_path: Path) -> None:
    layer = sample_store.layer("flood")
    path = written(sample_store, whole(layer), "geojson", tmp_path)
    said = json.loads(path.read_text(encoding="utf-8"))
    assert said["notice"] == FICTITIOUS
    assert said["licence"] == layer.source_licence
    assert said["attribution"] == layer.attribution
    assert said["source"] == layer.source_name
    with sample_store.database.transaction() as connection:
        dated = connection.execute("SELECT max(data_date) FROM onomap.loads WHERE layer = 'flood'").fetchone()
    assert dated is not None
    assert said["data_date"] == dated[0].isoformat()


def parcels(store: Store, count: int) -> None:
    """Rows enough for several batches."""
    with store.database.transaction() as connection:
        connection.execute(
            "INSERT INTO layers.cadastral (load_id, content_hash, chiban, parcel_key, geom) "
            "SELECT 1, gen_random_uuid(), n::text, 'a/b/' || n, ST_Multi(ST_MakeEnvelope(n, 0, n + 1, 1, 6677)) "
            "FROM generate_series(1, %s) n",
            [count],
        )


def test_all_rows_are_of_one_moment_although_others_edit_meanwhile(empty_store: Store, tmp_path: Path) -> None:
    parcels(empty_store, 9_000)
    path = tmp_path / "out.gpkg"
    edited: list[int] = []

    def edit(done: int) -> None:
        if not edited:
            edited.append(done)
            with empty_store.database.transaction() as connection:
                connection.execute("UPDATE layers.cadastral SET chiban = 'later'")
                connection.execute("DELETE FROM layers.cadastral WHERE fid > 8000")

    export = plan(empty_store, whole(empty_store.layer("cadastral")), FORMATS["gpkg"], None)
    write_file(empty_store, export, path, Halt(), edit)
    frame = pyogrio.read_dataframe(path)
    assert edited == [2_000]
    assert len(frame) == 9_000
    assert (frame["chiban"] != "later").all()


def test_a_layer_goes_out_as_it_was(empty_store: Store, tmp_path: Path) -> None:
    parcels(empty_store, 3)
    with empty_store.database.transaction() as connection:
        connection.execute("UPDATE layers.cadastral SET valid_from = '2026-01-01'")
        connection.execute(
            "INSERT INTO history.cadastral (fid, load_id, version, valid_from, valid_to, content_hash, chiban, geom) "
            "SELECT fid, 1, 1, '2025-01-01', '2026-01-01', gen_random_uuid(), 'before', geom FROM layers.cadastral WHERE fid = 1"
        )
        connection.execute("UPDATE layers.cadastral SET version = 2 WHERE fid = 1")
    for moment, wanted in ((datetime(2025, 6, 1, tzinfo=UTC), ["before"]), (None, ["1", "2", "3"])):
        selection = replace(whole(empty_store.layer("cadastral")), as_of=moment)
        path = written(empty_store, selection, "csv", tmp_path)
        assert pyogrio.read_dataframe(path)["chiban"].tolist() == wanted


@pytest.fixture
def killer(sample_store: Store) -> Callable[[int], None]:
    """Ends the backend of the export that runs, once, after its first batch."""
    killed: list[int] = []

    def kill(_done: int) -> None:
        if killed:
            return
        with psycopg.connect(sample_store.database.url, autocommit=True) as other:
            rows = other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND state <> 'idle' AND query LIKE '%export%'"
            ).fetchall()
        killed.append(len(rows))
        assert rows == [(True,)]

    return kill


@pytest.mark.parametrize("name", EVERY)
def test_a_lost_database_leaves_no_file_and_the_next_export_works(
    sample_store: Store, killer: Callable[[int], None], name: str, tmp_path: Path
) -> None:
    path = tmp_path / f"out{FORMATS[name].suffix}"
    path.write_bytes(b"yesterday's")
    export = plan(sample_store, whole(sample_store.layer("cadastral")), FORMATS[name], None)
    with pytest.raises(StoreUnavailableError):
        write_file(sample_store, export, path, Halt(), killer)
    assert path.read_bytes() == b"yesterday's"
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
    assert count_by_debian(written(sample_store, whole(sample_store.layer("flood")), "gpkg", tmp_path), "flood") > 0


@pytest.mark.parametrize("name", [name for name in EVERY if FORMATS[name].pieces is not None])
def test_a_text_that_is_cut_off_cannot_be_taken_for_complete(
    sample_store: Store, killer: Callable[[int], None], name: str, tmp_path: Path
) -> None:
    export = plan(sample_store, whole(sample_store.layer("cadastral")), FORMATS[name], None)
    whole_text = b"".join(pieces(sample_store, export, Halt()))
    got: list[bytes] = []

    def collect(parts: Iterator[bytes]) -> None:
        for part in parts:
            got.append(part)  # noqa: PERF402 - what came before the error is looked at

    with pytest.raises(StoreUnavailableError):
        collect(pieces(sample_store, export, Halt(), killer))
    text = b"".join(got)
    assert 0 < len(text) < len(whole_text)
    if FORMATS[name].torn:
        assert text.endswith(FORMATS[name].torn)
    else:
        assert text[-20:] != whole_text[-20:]
        assert not text.rstrip().endswith((b"]}", b"</kml>"))


def test_a_place_that_has_none_in_the_crs_asked_for_is_told(sample_store: Store, tmp_path: Path) -> None:
    nowhere = sql.SQL("ST_Transform(ST_SetSRID(ST_MakePoint(1e30 * l.fid, 1e30), 6677), 4326) IS NOT NULL")
    selection = replace(whole(sample_store.layer("flood")), condition=nowhere)
    with pytest.raises(StoreError, match="座標系に変換できない"):
        written(sample_store, selection, "csv", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_halt_ends_a_query_that_has_not_given_a_row_yet(sample_store: Store, tmp_path: Path) -> None:
    selection = replace(whole(sample_store.layer("flood")), condition=sql.SQL("pg_sleep(60) IS NOT NULL"))
    export, halt, path = plan(sample_store, selection, FORMATS["csv"], None), Halt(), tmp_path / "out.csv"
    timer = threading.Timer(0.5, halt.stop)
    timer.start()
    with pytest.raises(ExportStoppedError):
        write_file(sample_store, export, path, halt)
    timer.join()
    assert list(tmp_path.iterdir()) == []


def test_a_halt_ends_an_export_between_batches(sample_store: Store, tmp_path: Path) -> None:
    export, halt = plan(sample_store, whole(sample_store.layer("cadastral")), FORMATS["fgb"], None), Halt()
    seen: list[int] = []

    def stop(done: int) -> None:
        seen.append(done)
        halt.stop()

    with pytest.raises(ExportStoppedError):
        write_file(sample_store, export, tmp_path / "out.fgb", halt, stop)
    assert seen == [2_000]
    assert list(tmp_path.iterdir()) == []


def test_more_rows_than_a_workbook_has_are_refused_before_any_work(sample_store: Store, tmp_path: Path) -> None:
    few = replace(FORMATS["xlsx"], most_rows=1_000)
    export = plan(sample_store, whole(sample_store.layer("cadastral")), few, None)
    seen: list[int] = []
    with pytest.raises(UnwritableError, match="1,000 行を超える"):
        write_file(sample_store, export, tmp_path / "out.xlsx", Halt(), seen.append)
    assert seen == []
    assert FORMATS["xlsx"].most_rows == 1_048_575


@pytest.mark.parametrize("srid", [4301, 4612, 2451, 32654 + 100_000])
def test_a_crs_of_another_datum_is_refused_because_the_database_would_not_move_it(
    sample_store: Store, srid: int
) -> None:
    with pytest.raises(CrsError):
        plan(sample_store, whole(sample_store.layer("flood")), FORMATS["gpkg"], srid)


@pytest.mark.parametrize("name", ["geojson", "geojsonl", "kml"])
def test_formats_that_are_crs84_by_their_standard_take_no_other(sample_store: Store, name: str) -> None:
    with pytest.raises(UnwritableError, match="CRS84"):
        plan(sample_store, whole(sample_store.layer("flood")), FORMATS[name], 6677)


def test_a_raster_is_no_table(sample_store: Store) -> None:
    with pytest.raises(UnwritableError, match="ラスタ"):
        plan(sample_store, Selection(sample_store.layer("elevation"), ()), FORMATS["csv"], None)


def test_a_folder_that_is_not_there_is_told_in_a_sentence(sample_store: Store, tmp_path: Path) -> None:
    export = plan(sample_store, whole(sample_store.layer("flood")), FORMATS["gpkg"], None)
    with pytest.raises(FailedWriteError, match="書き出せません"):
        write_file(sample_store, export, tmp_path / "nowhere" / "out.gpkg", Halt())


@pytest.mark.parametrize(
    ("text", "srid"),
    [("6677", 6677), ("EPSG:6677", 6677), ("http://www.opengis.net/def/crs/EPSG/0/6668", 6668),
     ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326), ("CRS84", 4326)],
)  # fmt: skip
def test_a_crs_is_named_by_number_or_by_uri(text: str, srid: int) -> None:
    assert srid_named(text) == srid


@pytest.mark.parametrize("text", ["", "平面直角9系", "+proj=longlat", "/etc/passwd", "EPSG:6677; DROP", "66 77"])
def test_no_other_text_names_a_crs(text: str) -> None:
    with pytest.raises(CrsError):
        srid_named(text)


def test_a_format_is_named_or_known_by_its_suffix() -> None:
    assert format_of_suffix(Path("a/B.GPKG")).name == "gpkg"
    assert format_of_suffix(Path("b.csv")).name == "csv"
    for wrong in (lambda: format_named("exe"), lambda: format_of_suffix(Path("b.exe"))):
        with pytest.raises(UnknownFormatError, match="gpkg"):
            wrong()


LIST = """
title = "許可の台帳"
group = "土地"
department = "総務課"
geometry = "None"
description = "位置のない一覧"
coverage = "given"
edition = "replace"
key = ["number"]
published = false

[source]
name = "試験"
licence = "CC BY 4.0"
attribution = "小野町"

[accuracy]
horizontal_m = 1.0
basis = "位置はない"

[update]
cycle_days = 365

[zoom]
min = 10
max = 19

[[field]]
name = "number"
type = "text"
label = "番号"

[[field]]
name = "granted"
type = "date"
label = "許可日"
"""


@pytest.mark.parametrize("name", [name for name in EVERY if name != "fgb"])
def test_a_towns_own_list_without_places_goes_out_too(empty_store: Store, name: str, tmp_path: Path) -> None:
    folder = tmp_path / "layers" / "permits"
    folder.mkdir(parents=True)
    (folder / "layer.toml").write_text(LIST, encoding="utf-8")
    layer = load_layer(folder)
    migrate(empty_store.database.url, {layer.id: layer}, empty_store.town.srid)
    with empty_store.database.transaction() as connection:
        connection.execute(
            "INSERT INTO layers.permits (load_id, content_hash, number, granted) VALUES "
            "(1, gen_random_uuid(), '=A1', '2026-04-01'), (1, gen_random_uuid(), '髙﨑', NULL)"
        )
    selection = Selection(layer, readable_fields(layer))
    path = written(empty_store, selection, name, tmp_path)
    found = reread(name, path, columns_of(empty_store, selection), places=False)
    assert dict(found.rows) == {1: (1, 1, "=A1", "2026-04-01"), 2: (2, 1, "髙﨑", None)}


def test_an_export_is_a_plain_value(sample_store: Store) -> None:
    selection = whole(sample_store.layer("flood"))
    assert plan(sample_store, selection, FORMATS["gpkg"], None) == Export(selection, FORMATS["gpkg"], 6677)
