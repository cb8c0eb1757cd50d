"""Editions: all or nothing, history kept, what is refused, and an eighteenth layer that is only a folder."""

import asyncio
import json
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gis.crs import Grids
from gis.errors import MissingCrsError, MissingGridError, UnreadableFileError
from layers.inquiries.inquire import InquiryRequest, inquire
from layers.store.catalogue import load_catalogue
from layers.store.database import Database
from layers.store.editions import editions, rows_at
from layers.store.errors import LoadRefusedError
from layers.store.instance import Store, connect
from layers.store.loading.load import Loaded, LoadRequest, load
from layers.store.loading.positions import Declared
from layers.store.tiles.address import Tile
from layers.store.tiles.source import TileSource

NO_GRID_VALUE = "地殻変動・測地系の格子に値がなく、位置を変換できません"
CORNER = (66_000.0, 141_000.0)


def square(column: int, side: float = 20.0) -> shapely.Polygon:
    x, y = CORNER[0] + column * side, CORNER[1]
    return shapely.box(x, y, x + side, y + side)


def write_parcels(path: Path, numbers: list[str], **columns: object) -> Path:
    frame = {"oaza": "飯豊", "koaza": "中田", "chiban": numbers, "accuracy_class": "乙一", **columns}
    gpd.GeoDataFrame(frame, geometry=[square(i) for i in range(len(numbers))], crs=6677).to_file(path)
    return path


def load_into(store: Store, layer: str, *paths: Path, **options: object) -> Loaded:
    return load(store.database, store.town, LoadRequest(store.layer(layer), paths, **options))  # type: ignore[arg-type]


def rows(store: Store, statement: str) -> list[tuple[object, ...]]:
    with store.database.transaction() as connection:
        return connection.execute(statement.encode()).fetchall()


def keys(store: Store) -> list[object]:
    return [row[0] for row in rows(store, "SELECT parcel_key FROM layers.cadastral ORDER BY parcel_key")]


def test_a_new_edition_keeps_rows_that_did_not_change_and_puts_the_others_into_history(
    empty_store: Store, tmp_path: Path
) -> None:
    load_into(empty_store, "cadastral", write_parcels(tmp_path / "a.gpkg", ["1", "2", "3"]))
    fids = dict(rows(empty_store, "SELECT parcel_key, fid FROM layers.cadastral"))
    second = load_into(empty_store, "cadastral", write_parcels(tmp_path / "b.gpkg", ["1", "2", "4"]))
    assert (second.report.unchanged, second.retired) == (2, 1)
    assert keys(empty_store) == ["飯豊/中田/1", "飯豊/中田/2", "飯豊/中田/4"]
    now = dict(rows(empty_store, "SELECT parcel_key, fid FROM layers.cadastral"))
    assert now["飯豊/中田/1"] == fids["飯豊/中田/1"]
    assert rows(empty_store, "SELECT parcel_key FROM history.cadastral") == [("飯豊/中田/3",)]


def test_the_layer_can_be_read_as_it_was_before_a_new_edition(empty_store: Store, tmp_path: Path) -> None:
    load_into(empty_store, "cadastral", write_parcels(tmp_path / "a.gpkg", ["1", "3"]))
    moment = datetime.now(UTC)
    load_into(empty_store, "cadastral", write_parcels(tmp_path / "b.gpkg", ["1", "4"]))
    with empty_store.database.transaction() as connection:
        statement = rows_at(empty_store.layer("cadastral"), moment)
        found = connection.execute(
            b"SELECT parcel_key FROM " + statement.as_bytes(connection) + b" r ORDER BY 1", {"as_of": moment}
        ).fetchall()
        assert [row[0] for row in found] == ["飯豊/中田/1", "飯豊/中田/3"]
        assert editions(connection, moment)["cadastral"].loads[0].file_name == "a.gpkg"
    answer = inquire(empty_store, InquiryRequest(("飯豊/中田/3",), as_of=moment))
    assert answer.parcels[0].number == "大字飯豊字中田3番"


def test_a_row_that_leaves_a_sheet_is_gone_even_when_an_edition_between_did_not_change_it(
    empty_store: Store, tmp_path: Path
) -> None:
    for numbers in (["1", "2", "3"], ["1", "2", "3"], ["1", "2"]):
        (tmp_path / "sheet.gpkg").unlink(missing_ok=True)
        load_into(empty_store, "cadastral", write_parcels(tmp_path / "sheet.gpkg", numbers), mode="add")
    assert keys(empty_store) == ["飯豊/中田/1", "飯豊/中田/2"]


def test_identical_rows_in_one_file_are_all_kept(empty_store: Store, tmp_path: Path) -> None:
    frame = {"oaza": ["飯豊"] * 2, "koaza": ["中田"] * 2, "chiban": ["5", "5"]}
    gpd.GeoDataFrame(frame, geometry=[square(0)] * 2, crs=6677).to_file(tmp_path / "twice.gpkg")
    assert load_into(empty_store, "cadastral", tmp_path / "twice.gpkg").report.loaded == 2
    assert keys(empty_store) == ["飯豊/中田/5"] * 2


def test_a_file_in_which_no_row_can_be_taken_changes_nothing(empty_store: Store, tmp_path: Path) -> None:
    load_into(empty_store, "cadastral", write_parcels(tmp_path / "good.gpkg", ["1"]))
    bad = write_parcels(tmp_path / "bad.gpkg", ["1", "2"], chiban=[None, None])
    with pytest.raises(LoadRefusedError, match="何も変えていません"):
        load_into(empty_store, "cadastral", bad)
    assert keys(empty_store) == ["飯豊/中田/1"]
    assert rows(empty_store, "SELECT count(*) FROM onomap.loads") == [(1,)]


def test_a_file_without_the_layers_required_columns_is_refused_by_their_names(
    empty_store: Store, tmp_path: Path
) -> None:
    gpd.GeoDataFrame({"名前": ["x"]}, geometry=[square(0)], crs=6677).to_file(tmp_path / "odd.gpkg")
    with pytest.raises(LoadRefusedError, match=r"必要な列がありません.*現象の種類"):
        load_into(empty_store, "landslide", tmp_path / "odd.gpkg")


def test_a_code_that_the_standard_does_not_have_rejects_its_row_and_says_so(empty_store: Store, tmp_path: Path) -> None:
    frame = {"A33_001": [1, 9], "A33_002": [1, 1]}
    gpd.GeoDataFrame(frame, geometry=[square(0), square(1)], crs=6677).to_file(tmp_path / "a33.gpkg")
    report = load_into(empty_store, "landslide", tmp_path / "a33.gpkg").report
    assert (report.read, report.loaded, len(report.rejected_rows)) == (2, 1, 1)
    assert report.rejected_rows[0][1].reason == "現象の種類「9」は定義にない値です"
    assert rows(empty_store, "SELECT outcome, content->>'A33_001' FROM onomap.load_rows") == [("rejected", "9")]


def test_an_optional_value_that_cannot_be_read_is_left_empty_and_told(empty_store: Store, tmp_path: Path) -> None:
    frame = {"名称": ["集会所"], "緯度": [37.28], "経度": [140.62], "想定収容人数": ["約200人"]}
    gpd.pd.DataFrame(frame).to_csv(tmp_path / "075221_shelter.csv", index=False)
    report = load_into(empty_store, "shelters", tmp_path / "075221_shelter.csv").report
    assert (report.loaded, len(report.rejected_rows)) == (1, 0)
    assert "約200人" in report.repaired_rows[0][1].reason


@pytest.mark.parametrize(
    ("epsg", "grid"),
    [(4612, "touhokutaiheiyouoki2011.par"), (2451, "touhokutaiheiyouoki2011.par"), (4301, "TKY2JGD.par")],
)
def test_an_older_datum_without_its_grid_is_refused_by_the_grids_name(
    empty_store: Store, tmp_path: Path, epsg: int, grid: str
) -> None:
    frame = gpd.GeoDataFrame({"name": ["東"]}, geometry=[square(0)], crs=6677)
    frame.to_crs(6668).set_crs(epsg, allow_override=True).to_file(tmp_path / "old.gpkg")
    with pytest.raises(MissingGridError, match=grid):
        load_into(empty_store, "districts", tmp_path / "old.gpkg", declared=Declared(epsg=epsg))
    assert rows(empty_store, "SELECT count(*) FROM layers.districts") == [(0,)]


def test_a_shapefile_without_prj_is_refused_and_told_how(empty_store: Store, shared_data: Path) -> None:
    with pytest.raises(MissingCrsError, match="--crs"):
        load_into(empty_store, "facilities", shared_data / "ksj/P29-13_07/P29-13_07.shp")


def test_a_shapefile_without_shx_prj_and_cpg_loads_once_its_datum_and_grid_are_given(
    empty_store: Store, shared_data: Path
) -> None:
    grids = Grids(tky2jgd=None, patchjgd=shared_data / "gsi-par/touhokutaiheiyouoki2011_reconstructed.par.txt.gz")
    declared = Declared(epsg=4612, grids=grids)
    report = load_into(empty_store, "facilities", shared_data / "ksj/P29-13_07/P29-13_07.shp", declared=declared).report
    assert (report.read, report.loaded) == (874, 848)
    # the 26 stand around いわき, where GSI's grid of 2011 has no value since the shock of 11 April
    assert {note.reason for _, note in report.rejected_rows} == {NO_GRID_VALUE}
    names = {row[0] for row in rows(empty_store, "SELECT name FROM layers.facilities")}
    assert "小野新町小学校" in names or any("小野" in str(name) for name in names)


def test_a_truncated_zip_is_one_plain_sentence(empty_store: Store, shared_data: Path, tmp_path: Path) -> None:
    whole = (shared_data / "mojxml/46505-3411-1.zip").read_bytes()
    (tmp_path / "46505-3411-1.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableFileError) as refused:
        load_into(empty_store, "cadastral", tmp_path / "46505-3411-1.zip")
    assert "46505-3411-1.zip" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_rows_outside_the_town_are_loaded_with_a_warning(empty_store: Store, shared_data: Path) -> None:
    report = load_into(empty_store, "shelters", shared_data / "shelters/jp-shelter-api/evacuation_072117.json").report
    assert report.loaded == report.read
    assert report.outside > 0
    assert any("町の範囲の外" in warning for warning in report.warnings)


def test_read_is_always_loaded_and_unplaced_and_set_aside_and_rejected(empty_store: Store, shared_data: Path) -> None:
    for file in sorted((shared_data / "shelters/jp-shelter-api").iterdir()):
        layer = "shelters" if file.name.startswith("evacuation") else "evacuation_sites"
        report = load_into(empty_store, layer, file, mode="add").report.as_json()
        parts = [report[name] for name in ("loaded", "unplaced", "set_aside", "rejected")]
        assert report["read"] == sum(int(str(part)) for part in parts) > 0


def test_an_eighteenth_layer_is_a_folder_and_no_code(empty_store: Store, tmp_path: Path) -> None:
    """Declared, made, loaded, drawn and asked about, with nothing but a layer.toml in HOME/layers."""
    folder = empty_store.settings.home / "layers" / "wells"
    folder.mkdir(parents=True)
    (folder / "layer.toml").write_text(WELLS, encoding="utf-8")
    store = connect(empty_store.settings, empty_store.database.url)
    try:
        write_parcels(tmp_path / "parcels.gpkg", ["1", "2"])
        load_into(store, "cadastral", tmp_path / "parcels.gpkg")
        wells = {"type": "FeatureCollection", "features": [_feature("防災井戸", 140.6, 37.27)]}
        (tmp_path / "wells.geojson").write_text(json.dumps(wells), encoding="utf-8")
        report = load_into(store, "wells", tmp_path / "wells.geojson", data_date=date(2026, 4, 1)).report
        assert report.loaded == 1
        source = TileSource(store)
        drawn = asyncio.run(source.tile(("wells",), Tile(12, 3647, 1590)))
        source.close()
        assert b"wells" in drawn.joined.plain()
        findings = inquire(store, InquiryRequest(("飯豊/中田/1",))).findings
        assert [finding.theme for finding in findings if finding.layer == "wells"] == ["well"]
    finally:
        store.database.close()


def _feature(name: str, lon: float, lat: float) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"well_name": name},
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
    }


WELLS = """
title = "防災井戸"
group = "防災"
department = "総務課"
geometry = "Point"
description = "災害時に使える井戸"
coverage = "municipality"
edition = "replace"
key = ["well_name"]
published = true
order = 200
[source]
name = "総務課の台帳"
licence = "町の資料"
attribution = "小野町"
[accuracy]
horizontal_m = 5.0
basis = "現地で確認"
[update]
cycle_days = 365
[zoom]
min = 10
max = 18
label = "well_name"
[[field]]
name = "well_name"
type = "text"
label = "井戸の名称"
class = "public"
required = true
[[theme]]
id = "well"
title = "最寄りの防災井戸"
test = "nearest"
legal_basis = "小野町地域防災計画"
label_applies = "最寄りの防災井戸 {well_name}"
label_not = "防災井戸なし"
show = ["well_name"]
order = 200
[[legend]]
label = "防災井戸"
when = {}
fill = "#1F78B4"
line = "#0B3C5D"
icon = "circle"
"""


def test_the_town_keeps_its_catalogue_when_a_folder_is_added(empty_store: Store) -> None:
    assert len(load_catalogue()) == 22
    assert isinstance(empty_store.database, Database)
