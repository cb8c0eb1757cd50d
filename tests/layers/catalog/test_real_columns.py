"""Columns as real files have them, read by the catalogue alone: every value finds its place, none is refused."""

from pathlib import Path

import numpy as np
import pytest

from gis.formats.reader import open_source
from gis.formats.table import SourceCrs, SourceTable
from layers.store.catalogue import load_catalogue
from layers.store.loading.fields import match_columns, read_column
from layers.store.source_columns import with_declared_columns

CATALOGUE = load_catalogue()


def read(layer_id: str, table: SourceTable) -> tuple[dict[str, list[object]], list[str]]:
    """The layer's columns of a table that are not all empty, and every complaint about a value."""
    layer = CATALOGUE[layer_id]
    table = with_declared_columns(layer, table)
    matches = match_columns(layer, list(table.columns))
    values: dict[str, list[object]] = {}
    problems: list[str] = []
    for field in layer.fields:
        if field.name not in matches:
            assert not field.required, f"{layer_id}.{field.name} has no column"
            continue
        column = read_column(field, list(table.columns[matches[field.name]]))
        problems += column.problems.values()
        if any(value is not None for value in column.values):
            values[field.name] = column.values
    return values, problems


def rows(**columns: object) -> SourceTable:
    one_row = {name: [value] for name, value in columns.items()}
    return SourceTable("test", one_row, np.full(1, None, dtype=object), SourceCrs("JGD2011"), ["1"])


@pytest.mark.parametrize(
    ("file", "layer", "count", "filled"),
    [
        (
            "shelters/jp-shelter-api/emergency_075221.json",
            "evacuation_sites",
            11,
            {"common_id", "name", "address", "flood", "landslide", "earthquake", "inland_flood", "same_as_shelter"},
        ),
        (
            "shelters/jp-shelter-api/evacuation_075221.json",
            "shelters",
            21,
            {"common_id", "name", "address", "same_as_evacuation_site", "designation"},
        ),
        ("ksj/P29-13_07_075221.geojson", "facilities", 7, {"name", "kind", "address"}),
        ("boundary/geolonia-japanese-admins/07522.json", "municipality", 1, {"name"}),
        (
            "boundary/smartnews-n03/N03-21_07522_s0010_clip.geojson",
            "municipality",
            1,
            {"code", "prefecture", "county", "name"},
        ),
        (
            "fude/fude_tsukuba_1_fixed.geojson",
            "farmland",
            1,
            {"polygon_uuid", "land_type", "issue_year", "edit_year", "local_government_cd"},
        ),
        (
            "mojxml/46505-3411-1.zip",
            "cadastral",
            2,
            {"oaza", "chiban", "accuracy_class", "coordinate_kind", "undetermined", "map_name", "map_class", "moj_id"},
        ),
        (
            "mojxml/15222-1107-1553.xml.zip",
            "cadastral",
            1051,
            {"oaza", "chiban", "undetermined", "map_name", "map_number", "map_class", "scale_denominator", "moj_id"},
        ),
    ],
)
def test_a_real_file_fills_the_columns_of_its_layer(
    shared_data: Path, file: str, layer: str, count: int, filled: set[str]
) -> None:
    tables = [read(layer, table) for table in open_source(shared_data / file)]
    assert [problem for _, problems in tables for problem in problems] == []
    assert sum(len(next(iter(values.values()))) for values, _ in tables) == count
    for values, _ in tables:
        assert filled <= set(values)


def test_gsi_hazards_are_read_as_designated_or_empty(shared_data: Path) -> None:
    (table,) = open_source(shared_data / "shelters/jp-shelter-api/emergency_075221.json")
    values, _ = read("evacuation_sites", table)
    first = {name: column[0] for name, column in values.items()}
    assert first["name"] == "塩庭二区多目的研修集会施設"
    assert (first["flood"], first["landslide"], first["large_fire"]) == (True, True, False)
    assert set(values["tsunami"]) == {False}


def test_an_a33_row_as_it_is_shipped_is_read_and_its_unknown_date_is_unknown() -> None:
    row = {"A33_001": "3", "A33_002": "3", "A33_003": "01", "A33_004": "3-9-206-669-0022", "A33_005": "霧里6"}
    values, problems = read("landslide", rows(**row, A33_006="釧路市", A33_007="9999/1/1", A33_008="0"))
    assert problems == []
    assert values["phenomenon"] == [3]
    assert values["zone_class"] == [3]
    assert values["special_zone_pending"] == [0]
    assert "designated_on" not in values


@pytest.mark.parametrize("rank", [4, 4.0, "4"])
def test_an_a31a_row_is_read_whatever_type_its_rank_has(rank: object) -> None:
    row = {"A31a_201": "8202010001", "A31a_202": "夏井川", "A31a_203": "07", "A31a_204": "福島県", "A31a_205": rank}
    values, problems = read("flood", rows(**row))
    assert problems == []
    assert values["depth_rank"] == [4]
    assert values["scenario"] == ["max"]
    assert values["river_name"] == ["夏井川"]


def test_an_a29_row_is_a_use_district_and_its_unknown_ratio_is_unknown() -> None:
    row = {"A29_001": "07203", "A29_002": "福島県", "A29_003": "郡山市", "A29_004": 21, "A29_005": "田園住居地域"}
    values, problems = read("city_planning", rows(**row, A29_006=50, A29_007=9999.0, A29_008=""))
    assert problems == []
    assert (values["zone_kind"], values["use_code"], values["coverage_ratio"]) == (["use"], [21], [50.0])
    assert "floor_ratio" not in values


def test_a_p20_row_is_an_unconfirmed_shelter_of_unknown_capacity() -> None:
    row = {"P20_001": "07522", "P20_002": "小野町公民館", "P20_003": "小野新町字中通", "P20_004": "避難施設"}
    flags = dict.fromkeys(["P20_007", "P20_008", "P20_009", "P20_010", "P20_011", "P20_012"], "0") | {"P20_007": "1"}
    values, problems = read("shelters", rows(**row, P20_005=-1, P20_006=-1, **flags, レベル=3))
    assert problems == []
    assert (values["designation"], values["p20_earthquake"], values["p20_flood"]) == (["unconfirmed"], [True], [False])
    assert values["position_level"] == [3]
    assert {"capacity", "floor_area_m2"}.isdisjoint(values)


def test_an_n13_row_is_a_road_whose_width_is_a_class_and_not_a_figure() -> None:
    values, problems = read("roads", rows(N13_002=1, N13_003=3, N13_004=1, N13_006=2))
    assert problems == []
    assert (values["road_class"], values["status"], values["width_class"]) == (["town"], ["open"], [2])
    assert "width_m" not in values


@pytest.mark.parametrize("column", ["N13_003", "N13_004"])
def test_what_n13_calls_unknown_is_unknown(column: str) -> None:
    unknown = {"N13_003": 6, "N13_004": 7}[column]
    values, problems = read("roads", rows(N13_006=1, **{column: unknown}))
    assert problems == []
    assert set(values) == {"width_class"}
