"""Real 法務省 map XML through the loader: counts of its provenance, areas of its own coordinates, nothing overlaid wrongly."""

import zipfile
from pathlib import Path

import pytest
import shapely

from gis.crs import Datum
from gis.formats.reader import open_source
from layers.store.instance import Store
from layers.store.loading.load import Loaded, LoadRequest, load
from layers.store.loading.positions import Declared

# file → read, placed, unplaced, set aside (地区外・別図), as counted in the files' provenance
COUNTS = {
    "12103-0400-76.zip": (1, 1, 0, 0),
    "14103-0200_extracted/14103-0200-6.zip": (6, 0, 5, 1),
    "14103-0200_extracted/14103-0200-7.zip": (43, 0, 43, 0),
    "14103-0200_extracted/14103-0200-10.zip": (1, 0, 1, 0),
    "14103-0200_extracted/14103-0200-31.zip": (29, 28, 0, 1),
    "14103-0200_extracted/14103-0200-32.zip": (6, 0, 0, 6),
    "14103-0200_extracted/14103-0200-33.zip": (7, 7, 0, 0),
    "15222-1107-1553.xml.zip": (1051, 1051, 0, 0),
    "46505-3411-1.zip": (8, 2, 0, 6),
}


def load_cadastral(store: Store, *paths: Path, **options: object) -> Loaded:
    return load(store.database, store.town, LoadRequest(store.layer("cadastral"), paths, **options))  # type: ignore[arg-type]


def rows(store: Store, statement: str) -> list[tuple[object, ...]]:
    with store.database.transaction() as connection:
        return connection.execute(statement.encode()).fetchall()


@pytest.mark.parametrize("name", COUNTS)
def test_each_file_is_counted_as_its_provenance_says(empty_store: Store, shared_data: Path, name: str) -> None:
    report = load_cadastral(empty_store, shared_data / "mojxml" / name).report.as_json()
    counts = tuple(report[key] for key in ("read", "loaded", "unplaced", "set_aside"))
    assert counts == COUNTS[name]
    assert report["rejected"] == 0


@pytest.mark.parametrize("name", [name for name, counts in COUNTS.items() if counts[1]])
def test_a_parcel_has_the_area_that_it_has_in_the_files_own_coordinates(
    empty_store: Store, shared_data: Path, name: str
) -> None:
    file = shared_data / "mojxml" / name
    load_cadastral(empty_store, file)
    stored = dict(rows(empty_store, "SELECT moj_id, area_m2 FROM layers.cadastral"))
    checked = 0
    for table in open_source(file):
        for identifier, shape in zip(table.columns["図面の筆ID"], table.geometry, strict=True):
            if shape.is_valid:
                assert stored[identifier] == pytest.approx(shape.area, rel=1e-6)
                checked += 1
    assert checked >= 0.95 * len(stored)


def test_a_sheet_without_a_place_on_earth_never_reaches_the_map(empty_store: Store, shared_data: Path) -> None:
    load_cadastral(empty_store, shared_data / "mojxml/14103-0200_extracted/14103-0200-7.zip")
    assert rows(empty_store, "SELECT count(*) FROM layers.cadastral") == [(0,)]
    assert rows(empty_store, "SELECT count(*), min(ST_SRID(geom)) FROM onomap.unplaced_features") == [(43, 0)]


def test_an_undeclared_realisation_is_added_to_the_accuracy_and_said(empty_store: Store, shared_data: Path) -> None:
    report = load_cadastral(empty_store, shared_data / "mojxml/12103-0400-76.zip").report
    assert report.added_error_m == 1.96
    assert any("宣言されていない" in warning for warning in report.warnings)


def test_a_declared_realisation_adds_nothing(empty_store: Store, shared_data: Path) -> None:
    declared = Declared(datum=Datum.JGD2011)
    report = load_cadastral(empty_store, shared_data / "mojxml/12103-0400-76.zip", declared=declared).report
    assert report.added_error_m == 0.0
    assert report.warnings == ["町の範囲の外にある行が 1 件あります（そのまま読み込みました）。"]


def test_sheets_come_one_after_another_without_replacing_each_other(empty_store: Store, shared_data: Path) -> None:
    folder = shared_data / "mojxml/14103-0200_extracted"
    assert load_cadastral(empty_store, folder / "14103-0200-31.zip").mode == "add"
    assert load_cadastral(empty_store, folder / "14103-0200-33.zip").mode == "add"
    assert rows(empty_store, "SELECT count(*) FROM layers.cadastral") == [(35,)]


def test_the_same_sheet_again_changes_nothing(empty_store: Store, shared_data: Path) -> None:
    file = shared_data / "mojxml/14103-0200_extracted/14103-0200-33.zip"
    load_cadastral(empty_store, file)
    before = rows(empty_store, "SELECT fid, content_hash FROM layers.cadastral ORDER BY fid")
    again = load_cadastral(empty_store, file)
    assert (again.report.loaded, again.report.unchanged, again.retired) == (7, 7, 0)
    assert rows(empty_store, "SELECT fid, content_hash FROM layers.cadastral ORDER BY fid") == before


def test_a_whole_municipality_in_a_zip_of_zips_with_its_index_is_one_new_edition(
    empty_store: Store, shared_data: Path, tmp_path: Path
) -> None:
    outer = tmp_path / "14103-0200.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        for inner in sorted((shared_data / "mojxml/14103-0200_extracted").iterdir()):
            name = "14103-0200-search-list.csv" if inner.suffix == ".csv" else inner.name
            archive.write(inner, name)
    loaded = load_cadastral(empty_store, outer)
    report = loaded.report.as_json()
    assert loaded.mode == "replace"
    assert (report["read"], report["loaded"], report["unplaced"], report["set_aside"]) == (92, 35, 49, 8)


def test_every_stored_parcel_is_valid_and_in_the_towns_plane(empty_store: Store, shared_data: Path) -> None:
    load_cadastral(empty_store, shared_data / "mojxml/15222-1107-1553.xml.zip")
    stored = rows(empty_store, "SELECT ST_AsBinary(geom), ST_SRID(geom) FROM layers.cadastral")
    assert {row[1] for row in stored} == {6677}
    assert shapely.is_valid(shapely.from_wkb([row[0] for row in stored])).all()


def test_repaired_rings_are_told_by_their_parcel(empty_store: Store, shared_data: Path) -> None:
    report = load_cadastral(empty_store, shared_data / "mojxml/15222-1107-1553.xml.zip").report
    assert len(report.repaired_rows) == 6
    assert all(note.ref and note.reason for _, note in report.repaired_rows)
