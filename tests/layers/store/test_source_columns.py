"""Real column sets of 国土数値情報 and others, brought to the layers' own columns."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyogrio
import pytest

from gis.formats.table import SourceCrs, SourceTable
from layers.store.catalogue import load_catalogue
from layers.store.source_columns import with_declared_columns

CATALOGUE = load_catalogue()


def table(**columns: Sequence[object]) -> SourceTable:
    lists = {name: list(values) for name, values in columns.items()}
    rows = len(next(iter(lists.values())))
    refs = [str(row) for row in range(rows)]
    return SourceTable("test", lists, np.full(rows, None, dtype=object), SourceCrs("JGD2011"), refs)


def declared(layer: str, **columns: Sequence[object]) -> dict[str, list[object]]:
    return dict(with_declared_columns(CATALOGUE[layer], table(**columns)).columns)


@pytest.mark.parametrize(
    ("column", "scenario"),
    [("A31a_205", "max"), ("A31a_105", "plan"), ("A31_201", "max"), ("A31_101", "plan"), ("a31b_201", "max")],
)
def test_a_flood_file_says_by_its_columns_which_scenario_it_is(column: str, scenario: str) -> None:
    assert declared("flood", **{column: [1, 6]})["scenario"] == [scenario, scenario]


def test_a_scenario_that_the_file_states_is_kept() -> None:
    assert declared("flood", A31a_205=[1], scenario=["plan"])["scenario"] == ["plan"]
    assert "scenario" not in declared("flood", A31a_205=[1], 想定=["計画規模"])


def test_a_use_district_file_is_of_use_districts() -> None:
    assert declared("city_planning", A29_004=[1, 21])["zone_kind"] == ["use", "use"]
    assert "zone_kind" not in declared("city_planning", use_name=["都市計画区域"])


def test_a_p20_file_is_no_list_of_designated_shelters_and_any_other_is() -> None:
    assert declared("shelters", P20_002=["小野公民館"])["designation"] == ["unconfirmed"]
    assert declared("shelters", 共通ID=["E0752200001111"])["designation"] == ["designated"]


def test_the_classes_of_n13_become_the_towns_own() -> None:
    roads = declared("roads", N13_003=[1, 2.0, "3", 4, None], N13_004=["1", "2", "5", "3", "4"])
    assert roads["road_class"] == ["national", "prefectural", "town", "other", None]
    assert roads["status"] == ["open", "bridge", "construction", "tunnel", "snow_shed"]


def test_a_code_of_the_layer_itself_passes_through_the_recoding() -> None:
    assert declared("roads", road_class=["town", "県道"])["road_class"] == ["town", "県道"]


def test_widths_and_brackets_do_not_matter() -> None:
    fittings = declared("water_fittings", 種別=["消火栓(地下式)", "仕切弁"])
    assert fittings["kind"] == ["hydrant", "仕切弁"]


def test_a_value_that_the_recoding_does_not_name_stays_to_be_refused_later() -> None:
    assert declared("water_fittings", 種別=["防火水槽"])["kind"] == ["防火水槽"]


def test_the_school_file_of_2021_on_is_not_read_by_the_names_of_2013() -> None:
    columns: dict[str, list[object]] = {
        "P29_001": ["07522"],
        "P29_002": ["B107252200011"],
        "P29_003": [16001],
        "P29_004": ["小野小学校"],
    }
    columns |= {"P29_005": ["小野新町字品ノ木"], "P29_006": [3], "P29_007": [1], "P29_008": ["00"], "P29_009": [None]}
    school = declared("facilities", **columns)
    assert (school["name"], school["kind"], school["address"]) == (["小野小学校"], ["小学校"], ["小野新町字品ノ木"])
    assert school["facility_id"] == ["B107252200011"]


def test_the_school_file_of_2013_is_read_as_it_is(shared_data: Path, tmp_path: Path) -> None:
    shutil.copytree(shared_data / "ksj" / "P29-13_07", tmp_path / "schools")
    pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
    try:
        frame = pyogrio.read_dataframe(tmp_path / "schools" / "P29-13_07.shp", encoding="cp932", read_geometry=False)
    finally:
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})
    town = frame[frame["P29_001"] == "07522"]
    schools = declared("facilities", **{name: town[name].tolist() for name in town.columns})
    assert len(schools["name"]) == 7
    assert "小野新町小学校" in schools["name"]
    assert set(schools["kind"]) == {"小学校", "中学校", "高等学校"}
    assert all("小学校" not in str(address) for address in schools["address"])
    assert "facility_id" not in schools


def test_a_file_of_which_nothing_is_derived_is_handed_on_untouched() -> None:
    before = table(light_id=["1"])
    assert with_declared_columns(CATALOGUE["street_lights"], before) is before


def test_every_layer_takes_its_own_column_names_as_they_are() -> None:
    for layer in CATALOGUE.values():
        own: dict[str, list[object]] = {field.name: [f"{field.name} value"] for field in layer.fields}
        if own:
            assert declared(layer.id, **own) == own
