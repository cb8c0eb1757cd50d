"""Single features edited on real PostGIS: rules, history, undo, two people at once, and what inquiries then say."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gis.crs import Grids, plan
from layers.inquiries.inquire import InquiryRequest, inquire
from layers.store.editing.editor import Editor
from layers.store.editing.incoming import Incoming
from layers.store.editing.precondition import Precondition, if_match
from layers.store.editing.request_crs import CRS84, RequestCrs, request_crs
from layers.store.editing.versions import versions
from layers.store.editions import editions
from layers.store.errors import (
    EditConflictError,
    EditRefusedError,
    FeatureGoneError,
    LayerBusyError,
    LoadRefusedError,
    NotEditableError,
    UnconditionalEditError,
)
from layers.store.individual_numbers import check_digit
from layers.store.instance import Store
from layers.store.loading.load import Loaded, LoadRequest, load
from layers.store.loading.turns import take_turn_to_load
from layers.store.parcel_search import resolve
from layers.store.selection import version_tag

CORNER = (66_000.0, 141_000.0)
PLANE = RequestCrs(6677, north_first=True)
ANY = Precondition(anything=True)
Geometry = dict[str, object]


def square(column: int, side: float = 20.0, height: float = 20.0) -> shapely.Polygon:
    x, y = CORNER[0] + column * 20.0, CORNER[1]
    return shapely.box(x, y, x + side, y + height)


def north_first(shape: shapely.Geometry) -> Geometry:
    """GeoJSON with the northward axis first, as EPSG:6677 has it."""
    turned = shapely.transform(shape, lambda points: points[:, ::-1])
    return dict(json.loads(shapely.to_geojson(turned)))


def degrees(shape: shapely.Geometry) -> Geometry:
    moved, _ = plan(6677, 6668, Grids(None, None)).apply(gpd.GeoSeries([shape]).to_numpy())
    return dict(json.loads(shapely.to_geojson(moved[0])))


def sent(geometry: Geometry | None = None, **properties: object) -> Incoming:
    return Incoming(properties, geometry, has_geometry=geometry is not None)


def write_parcels(path: Path, numbers: list[str], **columns: object) -> Path:
    frame = {"oaza": "飯豊", "koaza": "中田", "chiban": numbers, "accuracy_class": "乙一", **columns}
    gpd.GeoDataFrame(frame, geometry=[square(i) for i in range(len(numbers))], crs=6677).to_file(path)
    return path


def load_into(store: Store, layer: str, *paths: Path, **options: object) -> Loaded:
    return load(store.database, store.town, LoadRequest(store.layer(layer), paths, **options))  # type: ignore[arg-type]


def rows(store: Store, statement: str) -> list[tuple[object, ...]]:
    with store.database.transaction() as connection:
        return connection.execute(statement.encode()).fetchall()


@pytest.fixture
def parcels(empty_store: Store, tmp_path: Path) -> Store:
    """A store with three parcels side by side."""
    load_into(empty_store, "cadastral", write_parcels(tmp_path / "a.gpkg", ["1", "2", "3"]), data_date=date(2026, 1, 1))
    return empty_store


@pytest.fixture
def editor(parcels: Store) -> Editor:
    return Editor(parcels, parcels.layer("cadastral"), "税務課")


def fid_of(store: Store, number: str) -> int:
    return int(str(rows(store, f"SELECT fid FROM layers.cadastral WHERE chiban = '{number}'")[0][0]))


def refused(attempt: Callable[[], object]) -> dict[str, str]:
    """The faults of a refused edit: name → reason."""
    with pytest.raises(EditRefusedError) as error:
        attempt()
    return {fault.name: fault.reason for fault in error.value.faults}


def test_an_update_writes_the_old_row_into_history_and_the_new_one_with_the_next_version(editor: Editor) -> None:
    fid = fid_of(editor.store, "2")
    edited = editor.update(fid, ANY, sent(land_category="宅地"))
    assert (edited.fid, edited.version, edited.changed) == (fid, 2, True)
    now = rows(
        editor.store, f"SELECT version, land_category, valid_from, load_id FROM layers.cadastral WHERE fid = {fid}"
    )
    past = rows(editor.store, "SELECT fid, version, land_category, valid_to, load_id FROM history.cadastral")
    assert now == [(2, "宅地", edited.at, edited.load)]
    assert past == [(fid, 1, None, edited.at, 1)]


def test_a_new_parcel_gets_its_key_its_area_and_its_kind_as_loading_makes_them(editor: Editor) -> None:
    edited = editor.insert(sent(north_first(square(5)), oaza="飯豊", koaza="中田", chiban="12番3"), PLANE)
    stored = rows(
        editor.store,
        "SELECT parcel_key, area_m2, ST_GeometryType(geom), ST_SRID(geom), ST_Equals(geom, ST_GeomFromText("
        f"'{square(5).wkt}', 6677)), version FROM layers.cadastral WHERE fid = {edited.fid}",
    )
    assert stored == [("飯豊/中田/12-3", 400.0, "ST_MultiPolygon", 6677, True, 1)]


@pytest.mark.parametrize(
    ("header", "geometry"),
    [
        (None, degrees(square(5))),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84>", degrees(square(5))),
        ("<http://www.opengis.net/def/crs/EPSG/0/6677>", north_first(square(5))),
    ],
)
def test_a_position_lands_in_the_same_place_from_every_system(
    editor: Editor, header: str | None, geometry: Geometry
) -> None:
    crs = request_crs(header, editor.store.town)
    fid = editor.insert(sent(geometry, chiban="9"), crs).fid
    [(away,)] = rows(
        editor.store,
        f"SELECT ST_HausdorffDistance(geom, ST_GeomFromText('{square(5).wkt}', 6677)) FROM layers.cadastral WHERE fid = {fid}",
    )
    assert float(str(away)) < 1e-6


def test_degrees_of_epsg_come_latitude_first(editor: Editor) -> None:
    point = sent({"type": "Point", "coordinates": [37.27, 140.62]}, name="集会所")
    shelters = Editor(editor.store, editor.store.layer("shelters"), "総務課")
    for number in (4326, 6668):
        crs = request_crs(f"<http://www.opengis.net/def/crs/EPSG/0/{number}>", editor.store.town)
        fid = shelters.insert(point, crs).fid
        found = rows(
            editor.store,
            "SELECT round(ST_X(ST_Transform(geom, 6668))::numeric, 6), round(ST_Y(ST_Transform(geom, 6668))::numeric, 6) "
            f"FROM layers.shelters WHERE fid = {fid}",
        )
        assert [float(str(value)) for value in found[0]] == [140.62, 37.27]
    assert "座標の順序" in refused(lambda: shelters.insert(point, CRS84))["geometry"]


def test_the_same_content_has_the_hash_that_loading_gives_it(parcels: Store, editor: Editor, tmp_path: Path) -> None:
    editor.update(fid_of(parcels, "2"), ANY, sent(land_category="宅地"))
    second = write_parcels(tmp_path / "b.gpkg", ["1", "2", "3"], land_category=[None, "宅地", None])
    loaded = load_into(parcels, "cadastral", second)
    assert (loaded.report.unchanged, loaded.retired) == (3, 0)


def test_an_edited_boundary_has_the_hash_that_loading_gives_it(parcels: Store, editor: Editor, tmp_path: Path) -> None:
    fid = fid_of(parcels, "3")
    editor.update(fid, ANY, sent(north_first(square(2, 15.0))), PLANE)
    frame = {"oaza": "飯豊", "koaza": "中田", "chiban": ["3"], "accuracy_class": "乙一"}
    gpd.GeoDataFrame(frame, geometry=[square(2, 15.0)], crs=6677).to_file(tmp_path / "c.gpkg")
    assert load_into(parcels, "cadastral", tmp_path / "c.gpkg", mode="add").report.unchanged == 1


def test_a_second_feature_that_says_the_same_is_kept_beside_the_first(editor: Editor) -> None:
    first = editor.insert(sent(north_first(square(6)), chiban="7"), PLANE)
    second = editor.insert(sent(north_first(square(6)), chiban="7"), PLANE)
    assert first.fid != second.fid
    assert rows(editor.store, "SELECT count(*) FROM layers.cadastral WHERE chiban = '7'") == [(2,)]


def test_a_parcel_that_gets_another_number_gets_another_key(editor: Editor) -> None:
    fid = fid_of(editor.store, "2")
    editor.update(fid, ANY, sent(chiban="2-1"))
    editor.replace(
        fid,
        ANY,
        sent(north_first(square(1)), parcel_key="飯豊/中田/2-1", oaza="飯豊", koaza="中田", chiban="2-2"),
        PLANE,
    )
    assert rows(editor.store, f"SELECT parcel_key, version FROM layers.cadastral WHERE fid = {fid}") == [
        ("飯豊/中田/2-2", 3)
    ]


def test_a_replacement_empties_what_it_does_not_say(editor: Editor) -> None:
    fid = fid_of(editor.store, "1")
    editor.replace(fid, ANY, sent(north_first(square(0)), chiban="1"), PLANE)
    assert rows(editor.store, f"SELECT oaza, accuracy_class FROM layers.cadastral WHERE fid = {fid}") == [(None, None)]


def test_an_edit_that_changes_nothing_makes_no_version(editor: Editor) -> None:
    fid = fid_of(editor.store, "1")
    edited = editor.update(fid, ANY, sent(oaza="飯豊"))
    assert (edited.version, edited.changed) == (1, False)
    assert rows(editor.store, "SELECT count(*) FROM history.cadastral") == [(0,)]


def test_a_geometry_that_was_only_carried_through_degrees_does_not_move_the_boundary(editor: Editor) -> None:
    fid = fid_of(editor.store, "1")
    before = rows(editor.store, f"SELECT ST_AsBinary(geom), area_m2 FROM layers.cadastral WHERE fid = {fid}")
    multi = json.loads(shapely.to_geojson(shapely.from_wkb(bytes(before[0][0]))))  # type: ignore[call-overload]
    moved = degrees(shapely.from_geojson(json.dumps(multi)))
    editor.update(fid, ANY, sent(moved, land_category="畑"))
    after = rows(editor.store, f"SELECT ST_AsBinary(geom), area_m2 FROM layers.cadastral WHERE fid = {fid}")
    assert after == before


def test_every_broken_rule_is_named_at_once(editor: Editor) -> None:
    faults = refused(
        lambda: editor.insert(
            sent(
                north_first(square(5)),
                accuracy_class="丙",
                registered_area_m2="広い",
                undetermined="たぶん",
                surveyed_on="2026-02-30",
                owner="山田",
                map_name=["a"],
                scale_denominator=2**70,
                koaza="a\x00b",
            ),
            PLANE,
        )
    )
    assert set(faults) == {
        "accuracy_class", "registered_area_m2", "undetermined", "surveyed_on", "owner", "map_name", "scale_denominator",
        "koaza", "chiban",
    }  # fmt: skip
    assert faults["chiban"] == "地番がありません"
    assert faults["accuracy_class"] == "精度区分「丙」は定義にない値です"


def test_an_individual_number_is_refused_and_the_way_out_told(editor: Editor) -> None:
    number = "12345678901" + str(check_digit("12345678901"))
    for written in (number, f"本人 {number[:4]}-{number[4:8]}-{number[8:]}"):
        faults = refused(
            lambda text=written: editor.insert(sent(north_first(square(5)), chiban="1", map_name=text), PLANE)
        )  # type: ignore[misc]
        assert set(faults) == {"map_name"}
        assert "個人番号" in faults["map_name"]
    editor.insert(sent(north_first(square(5)), chiban="1", map_name=f"No.{number}"), PLANE)


def test_a_text_too_long_for_its_index_is_refused_and_not_a_database_error(editor: Editor) -> None:
    faults = refused(lambda: editor.insert(sent(north_first(square(5)), chiban="1", oaza="あ" * 2_000), PLANE))
    assert faults == {"parcel_key": "地番キー（大字/字/地番）が長すぎます"}


BOW_TIE = shapely.Polygon([(66_000, 141_000), (66_020, 141_020), (66_020, 141_000), (66_000, 141_020)])


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (north_first(BOW_TIE), "境界線が自分と交差していた"),
        ({"type": "Point", "coordinates": [141_000, 66_000]}, "図形の種類が違います"),
        ({"type": "Polygon", "coordinates": []}, "図形が空です"),
        ({"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6], [7, 8]]]}, "輪が閉じていない"),
        ({"type": "Polygon", "coordinates": [[[1, "a"]]]}, "図形を読めません"),
        ({"type": "GeometryCollection", "geometries": []}, "入りません"),
        ({"type": "Feature"}, "入りません"),
        (north_first(shapely.box(900_000, 900_000, 900_010, 900_010)), "離れすぎています"),
        (None, "図形がありません"),
    ],
)
def test_a_wrong_geometry_is_refused_with_what_is_wrong_and_never_repaired(
    editor: Editor, geometry: Geometry | None, reason: str
) -> None:
    count = rows(editor.store, "SELECT count(*) FROM layers.cadastral")
    assert reason in refused(lambda: editor.insert(sent(geometry, chiban="1"), PLANE))["geometry"]
    assert rows(editor.store, "SELECT count(*) FROM layers.cadastral") == count


def test_a_feature_just_outside_the_town_is_kept_with_a_word(editor: Editor) -> None:
    outside = shapely.box(66_000, 165_000, 66_010, 165_010)
    edited = editor.insert(sent(north_first(outside), chiban="1"), PLANE)
    assert edited.notes == ("町の範囲の外にあります（そのまま保存しました）。",)


def test_heights_are_left_out_with_a_word(editor: Editor) -> None:
    ring = [[lon, lat, 400.0] for lon, lat in degrees(square(5))["coordinates"][0]]  # type: ignore[index]
    edited = editor.insert(sent({"type": "Polygon", "coordinates": [ring]}, chiban="1"))
    assert edited.notes == ("高さ（Z）は保存していません。",)


def test_an_edit_without_its_version_is_refused_and_one_on_an_old_version_too(editor: Editor) -> None:
    fid = fid_of(editor.store, "1")
    with pytest.raises(UnconditionalEditError, match="If-Match"):
        editor.update(fid, None, sent(land_category="畑"))
    editor.update(fid, if_match(version_tag(1, "html")), sent(land_category="畑"))
    with pytest.raises(EditConflictError, match=r"税務課が先に.*再読み込み") as conflict:
        editor.update(fid, if_match(version_tag(1)), sent(land_category="田"))
    assert conflict.value.version == 2
    with pytest.raises(EditConflictError):
        editor.delete(fid, if_match('W/"2.json"'))
    assert rows(editor.store, f"SELECT land_category, version FROM layers.cadastral WHERE fid = {fid}") == [("畑", 2)]


def test_of_two_people_who_save_at_the_same_moment_exactly_one_wins(editor: Editor) -> None:
    fid = fid_of(editor.store, "1")
    start = threading.Barrier(4)

    def save(category: str) -> str:
        start.wait()
        try:
            editor.update(fid, if_match(version_tag(1)), sent(land_category=category))
        except EditConflictError:
            return "told to reload"
        return category

    with ThreadPoolExecutor(4) as people:
        outcomes = list(people.map(save, ["田", "畑", "宅地", "山林"]))
    assert outcomes.count("told to reload") == 3
    [winner] = [outcome for outcome in outcomes if outcome != "told to reload"]
    assert rows(editor.store, f"SELECT land_category, version FROM layers.cadastral WHERE fid = {fid}") == [(winner, 2)]
    assert rows(editor.store, "SELECT count(*) FROM history.cadastral") == [(1,)]


def test_the_first_edits_of_a_day_at_the_same_moment_share_one_load(editor: Editor) -> None:
    start = threading.Barrier(3)

    def save(number: str) -> int:
        fid = fid_of(editor.store, number)
        start.wait()
        return editor.update(fid, ANY, sent(land_category="畑")).load

    with ThreadPoolExecutor(3) as people:
        assert len(set(people.map(save, ["1", "2", "3"]))) == 1


def test_a_deleted_feature_is_in_history_and_can_be_brought_back(editor: Editor) -> None:
    fid = fid_of(editor.store, "1")
    editor.delete(fid, ANY)
    assert rows(editor.store, f"SELECT count(*) FROM layers.cadastral WHERE fid = {fid}") == [(0,)]
    with pytest.raises(FeatureGoneError, match="削除された"):
        editor.update(fid, ANY, sent(land_category="畑"))
    back = editor.restore(fid, 1, None)
    assert (back.fid, back.version) == (fid, 2)
    assert rows(editor.store, f"SELECT parcel_key, version FROM layers.cadastral WHERE fid = {fid}") == [
        ("飯豊/中田/1", 2)
    ]
    with pytest.raises(UnconditionalEditError):
        editor.restore(fid, 1, None)


def test_an_older_version_can_be_written_again_and_that_undone(editor: Editor) -> None:
    fid = fid_of(editor.store, "1")
    editor.update(fid, ANY, sent(north_first(square(0, 10.0)), land_category="畑"), PLANE)
    undone = editor.restore(fid, 1, if_match(version_tag(2)))
    assert undone.version == 3
    assert rows(editor.store, f"SELECT land_category, area_m2 FROM layers.cadastral WHERE fid = {fid}") == [
        (None, 400.0)
    ]
    editor.restore(fid, 2, if_match(version_tag(3)))
    assert rows(editor.store, f"SELECT land_category, area_m2 FROM layers.cadastral WHERE fid = {fid}") == [
        ("畑", 200.0)
    ]
    told = versions(editor.store, editor.layer, fid)
    assert [(one["version"], one["action"], one["restored_version"]) for one in told] == [
        (4, "restore", 2), (3, "restore", 1), (2, "update", None), (1, "load", None),
    ]  # fmt: skip
    assert told[0]["valid_to"] is None
    assert [one["valid_to"] for one in told[1:]] == [one["valid_from"] for one in told[:-1]]
    with pytest.raises(FeatureGoneError):
        editor.restore(fid, 9, ANY)


def test_an_inquiry_cites_the_edit_and_one_of_an_earlier_moment_the_old_row(parcels: Store, editor: Editor) -> None:
    fid = fid_of(parcels, "2")
    moment = datetime.now(UTC)
    edited = editor.update(fid, ANY, sent(north_first(square(1, 15.0))), PLANE)
    now = inquire(parcels, InquiryRequest(("飯豊/中田/2",))).parcels[0]
    then = inquire(parcels, InquiryRequest(("飯豊/中田/2",), as_of=moment)).parcels[0]
    assert (now.area_m2, now.load, now.data_date) == (300.0, edited.load, edited.at.date())
    assert (then.area_m2, then.load, then.data_date) == (400.0, 1, date(2026, 1, 1))


def test_an_edit_does_not_make_its_layer_fresh(parcels: Store, editor: Editor) -> None:
    editor.update(fid_of(parcels, "2"), ANY, sent(land_category="畑"))
    with parcels.database.transaction() as connection:
        edition = editions(connection)["cadastral"]
    assert edition.data_date == date(2026, 1, 1)
    assert edition.is_stale(editor.layer, date(2027, 6, 1))
    assert edition.newest is not None
    assert edition.newest.is_edit


def test_an_edited_row_keeps_the_error_of_the_file_it_came_from(parcels: Store, editor: Editor) -> None:
    rows_of = "SELECT DISTINCT l.added_error_m FROM layers.cadastral c JOIN onomap.loads l ON l.id = c.load_id"
    with parcels.database.transaction() as connection:
        connection.execute("UPDATE onomap.loads SET added_error_m = 1.96")
    editor.update(fid_of(parcels, "2"), ANY, sent(north_first(square(1, 15.0))), PLANE)
    assert rows(parcels, rows_of) == [(1.96,)]


def test_a_new_edition_of_one_sheet_replaces_the_edits_of_its_rows_and_no_others(
    parcels: Store, editor: Editor, tmp_path: Path
) -> None:
    editor.update(fid_of(parcels, "2"), ANY, sent(land_category="畑"))
    drawn = editor.insert(sent(north_first(square(9)), chiban="99"), PLANE).fid
    loaded = load_into(parcels, "cadastral", write_parcels(tmp_path / "a.gpkg", ["1", "2", "3"]), mode="add")
    assert any("職員が編集した 1 件" in warning for warning in loaded.report.warnings)
    found = rows(parcels, "SELECT chiban, land_category FROM layers.cadastral ORDER BY chiban")
    assert found == [("1", None), ("2", None), ("3", None), ("99", None)]
    assert fid_of(parcels, "99") == drawn


def test_an_empty_layer_can_be_drawn_by_hand(parcels: Store) -> None:
    shelters = Editor(parcels, parcels.layer("shelters"), "総務課")
    shelters.insert(sent({"type": "Point", "coordinates": [140.62, 37.27]}, name="集会所"))
    answer = inquire(parcels, InquiryRequest(("飯豊/中田/1",)))
    assert [f.load for f in answer.findings if f.layer == "shelters"] == [2]


def test_a_place_that_an_edit_names_is_found_at_once(parcels: Store, editor: Editor) -> None:
    editor.update(fid_of(parcels, "2"), ANY, sent(land_category="畑"))
    assert not resolve(parcels, "飯豊字新開1", limit=5).matches
    editor.update(fid_of(parcels, "1"), ANY, sent(koaza="新開"))
    assert [hit.key for hit in resolve(parcels, "飯豊字新開1", limit=5).matches] == ["飯豊/新開/1"]


def test_a_killed_edit_leaves_nothing(parcels: Store, editor: Editor) -> None:
    fid = fid_of(parcels, "1")
    everything = (
        "SELECT (SELECT md5(string_agg(c::text, '' ORDER BY fid)) FROM layers.cadastral c), "
        "(SELECT count(*) FROM history.cadastral), (SELECT count(*) FROM onomap.edits), (SELECT count(*) FROM onomap.loads)"
    )
    before = rows(parcels, everything)
    with parcels.database.transaction() as connection:
        connection.execute("CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
                           "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$")  # fmt: skip
        connection.execute("CREATE TRIGGER die AFTER INSERT ON onomap.edits EXECUTE FUNCTION die()")
    with pytest.raises(Exception, match="データベース"):
        editor.update(fid, ANY, sent(land_category="畑"))
    assert rows(parcels, everything) == before


def test_an_edit_waits_for_no_load_and_a_second_load_is_still_refused(parcels: Store, editor: Editor) -> None:
    with parcels.database.transaction() as connection:
        take_turn_to_load(connection, editor.layer)
        with pytest.raises(LayerBusyError, match="読み込んでいる"):
            editor.update(fid_of(parcels, "1"), ANY, sent(land_category="畑"))
        with parcels.database.transaction() as other, pytest.raises(LoadRefusedError):
            take_turn_to_load(other, editor.layer)
    assert editor.update(fid_of(parcels, "1"), ANY, sent(land_category="畑")).version == 2


def test_a_raster_has_no_features_to_edit(parcels: Store) -> None:
    with pytest.raises(NotEditableError):
        Editor(parcels, parcels.layer("elevation"), "総務課").insert(sent(None))


def test_periods_of_versions_never_overlap_however_fast_edits_follow(editor: Editor) -> None:
    fid = fid_of(editor.store, "1")
    for index in range(20):
        editor.update(fid, ANY, sent(land_category=str(index)))
    assert rows(editor.store, "SELECT count(*) FROM history.cadastral WHERE valid_to <= valid_from") == [(0,)]
