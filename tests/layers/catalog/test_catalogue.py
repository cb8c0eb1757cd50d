"""A layer is a folder with a `layer.toml`: what it may say, and the sentence that a broken one gets."""

import dataclasses
import re
from pathlib import Path

import pytest

from gis.errors import OnomapError
from layers.store.catalogue import CatalogueError, load_catalogue, load_layer
from layers.store.definitions import ColumnClass, FieldType, GeometryKind, ThemeTest

PLAIN = """
title = "ごみ集積所"
group = "施設"
department = "町民生活課"
geometry = "Point"
description = "ごみ集積所の位置"
coverage = "municipality"
key = ["name"]
published = true

[source]
name = "小野町ごみ集積所台帳"
licence = "CC BY 4.0"
attribution = "小野町"

[accuracy]
horizontal_m = 5.0
basis = "現地での測位"

[update]
cycle_days = 365

[zoom]
min = 12
max = 18
label = "name"

[[field]]
name = "name"
type = "text"
label = "名称"
class = "public"
sources = ["集積所名"]

[[field]]
name = "kind"
type = "integer"
label = "種別"
codes = { 1 = "燃えるごみ", 2 = "資源" }

[[theme]]
id = "waste_station"
title = "ごみ集積所"
test = "nearest"
legal_basis = "廃棄物の処理及び清掃に関する法律（昭和45年法律第137号）第6条の2"
label_applies = "{name}（{kind}）"
label_not = "なし"
distance_m = 300.0

[[legend]]
label = "燃えるごみ"
when = { kind = "1" }
fill = "#CC3311"
icon = "circle"
"""


def write_layer(root: Path, text: str, name: str = "waste_stations") -> Path:
    folder = root / name
    folder.mkdir()
    (folder / "layer.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_new_folder_beside_the_shipped_ones_is_a_new_layer_and_needs_no_code(tmp_path: Path) -> None:
    write_layer(tmp_path, PLAIN)
    shipped, widened = load_catalogue(), load_catalogue(None, tmp_path)
    assert set(widened) - set(shipped) == {"waste_stations"}
    layer = widened["waste_stations"]
    assert (layer.title, layer.geometry, layer.edition) == ("ごみ集積所", GeometryKind.POINT, "replace")
    assert layer.field("kind").type is FieldType.INTEGER
    assert layer.themes[0].test is ThemeTest.NEAREST


def test_a_folder_of_ones_own_can_stand_for_the_whole_catalogue(tmp_path: Path) -> None:
    write_layer(tmp_path, PLAIN)
    assert list(load_catalogue(tmp_path)) == ["waste_stations"]


def test_a_column_that_does_not_say_who_may_see_it_is_for_its_owner_only(tmp_path: Path) -> None:
    layer = load_layer(write_layer(tmp_path, PLAIN))
    assert layer.field("kind").column_class is ColumnClass.OWNER
    assert layer.field("name").column_class is ColumnClass.PUBLIC


def test_a_theme_without_a_department_is_answered_by_the_department_of_its_layer(tmp_path: Path) -> None:
    layer = load_layer(write_layer(tmp_path, PLAIN))
    assert layer.themes[0].department == "町民生活課"


def test_a_layer_with_a_source_py_beside_it_has_a_reader_of_its_own(tmp_path: Path) -> None:
    folder = write_layer(tmp_path, PLAIN)
    assert load_layer(folder).reader is None
    (folder / "source.py").write_text("", encoding="utf-8")
    assert load_layer(folder).reader is not None


def test_a_definition_cannot_be_changed_once_it_is_read(tmp_path: Path) -> None:
    layer = load_layer(write_layer(tmp_path, PLAIN))
    with pytest.raises(dataclasses.FrozenInstanceError):
        layer.title = "別の名前"  # type: ignore[misc]


def test_layers_come_in_the_order_they_ask_for(tmp_path: Path) -> None:
    write_layer(tmp_path, "order = 9\n" + PLAIN, "later")
    write_layer(tmp_path, "order = 3\n" + PLAIN.replace('id = "waste_station"', 'id = "other"'), "sooner")
    assert list(load_catalogue(tmp_path)) == ["sooner", "later"]


def test_a_byte_order_mark_from_an_editor_does_no_harm(tmp_path: Path) -> None:
    folder = tmp_path / "waste_stations"
    folder.mkdir()
    (folder / "layer.toml").write_text(PLAIN, encoding="utf-8-sig")
    assert load_layer(folder).title == "ごみ集積所"


BROKEN = [
    ("an unknown key", 'title = "ごみ集積所"', 'titel = "ごみ集積所"\ntitle = "ごみ集積所"', ["titel"]),
    ("an unknown key of a field", 'class = "public"', 'klass = "public"', ["[[field]]（name）", "klass"]),
    ("a missing key", 'group = "施設"', "", ["group"]),
    ("a blank title", 'title = "ごみ集積所"', 'title = " "', ["title"]),
    ("an unknown geometry", '"Point"', '"Blob"', ["geometry", "MultiPolygon"]),
    ("an unknown coverage", '"municipality"', '"everywhere"', ["coverage", "given"]),
    ("an unknown column type", '"integer"', '"varchar"', ["[[field]]（kind）", "type"]),
    ("an unknown class", 'class = "public"', 'class = "everyone"', ["class", "owner"]),
    ("a text where a number belongs", "horizontal_m = 5.0", 'horizontal_m = "5"', ["[accuracy]", "horizontal_m"]),
    ("a negative accuracy", "horizontal_m = 5.0", "horizontal_m = -5.0", ["horizontal_m"]),
    ("true where a number belongs", "cycle_days = 365", "cycle_days = true", ["[update]", "cycle_days"]),
    ("no update cycle", "cycle_days = 365", "cycle_days = 0", ["cycle_days"]),
    ("a number where true belongs", "published = true", "published = 1", ["published"]),
    ("zooms the wrong way round", "min = 12", "min = 19", ["[zoom]"]),
    ("a label that is no field", 'label = "name"', 'label = "nome"', ["[zoom] の label", "nome"]),
    ("a key that is no field", 'key = ["name"]', 'key = ["nome"]', ["key", "nome"]),
    ("a text where a list belongs", 'sources = ["集積所名"]', 'sources = "集積所名"', ["sources"]),
    ("a capital in a column name", 'name = "kind"', 'name = "Kind"', ["[[field]]（Kind）", "name"]),
    ("a column name that is too long", 'name = "kind"', f'name = "{"k" * 41}"', ["40字"]),
    ("a column of the store", 'name = "kind"', 'name = "geom_3857"', ["geom_3857"]),
    ("a word of SQL as a column", 'name = "kind"', 'name = "user"', ["user"]),
    ("an Individual Number by name", 'name = "kind"', 'name = "my_number"', ["マイナンバー"]),
    ("an Individual Number by label", 'label = "種別"', 'label = "個人番号"', ["マイナンバー"]),
    ("an Individual Number by source", '["集積所名"]', '["世帯主のマイナンバー"]', ["マイナンバー"]),
    ("the same column twice", 'name = "kind"', 'name = "name"', ["[[field]]", "name"]),
    ("one file column for two fields", 'label = "種別"', 'label = "集積所名"', ["集積所名"]),
    ("one file column in another width", '["集積所名"]', '["ＫＩＮＤ"]', ["kind", "name"]),
    ("a code of the wrong type", "codes = { 1 =", "codes = { one =", ["[[field]]（kind）", "codes"]),
    ("a recoding to no code", "codes = {", 'recode = { a = "7" }\ncodes = {', ["recode", "7"]),
    ("an implied value that is no code", "codes = {", 'implied = { a = "7" }\ncodes = {', ["implied", "7"]),
    (
        "a theme field that is not there",
        "distance_m = 300.0",
        'distance_m = 300.0\nshow = ["color"]',
        ["show", "color"],
    ),
    ("a label of a theme with an unknown field", "{name}（{kind}）", "{nome}", ["label_applies", "nome"]),
    ("a label of a theme with an open brace", "{name}（{kind}）", "{name", ["label_applies"]),
    ("a measure of another test", "{name}（{kind}）", "{name} {count}", ["label_applies", "count"]),
    ("a rank that is no code", "distance_m = 300.0", 'rank_by = "kind"\nrank_order = ["3"]', ["rank_order", "3"]),
    ("ranks of nothing", "distance_m = 300.0", 'rank_order = ["1"]', ["rank_by"]),
    ("a condition that is no code", "distance_m = 300.0", 'where = { kind = ["3"] }', ["where", "3"]),
    ("a condition on no field", "distance_m = 300.0", 'where = { sort = ["3"] }', ["where", "sort"]),
    ("a count without a distance", 'test = "nearest"', 'test = "count"\nsliver_m2 = 0\n#', ["distance_m"]),
    ("a list test without parcels", '"nearest"', '"parcel_list"', ["test", "parcel_key"]),
    ("an unknown test", '"nearest"', '"inside"', ["test", "overlap"]),
    ("a share above one", "distance_m = 300.0", "sliver_share = 20.0", ["sliver_share"]),
    ("a width that is no number", "distance_m = 300.0", 'width_field = "kind"', ["width_field"]),
    ("widths the wrong way round", "distance_m = 300.0", "width_classes_m = [8.0, 4.0]", ["width_classes_m"]),
    (
        "a legend row on no field",
        'when = { kind = "1" }',
        'when = { sort = "1" }',
        ["[[legend]]（燃えるごみ）", "sort"],
    ),
    ("a legend row on no code", 'when = { kind = "1" }', 'when = { kind = "9" }', ["when", "kind = 9"]),
    ("a colour by name", '"#CC3311"', '"red"', ["fill", "#RRGGBB"]),
    ("a legend row without colour", 'fill = "#CC3311"', "", ["fill"]),
    ("an unknown pattern", 'icon = "circle"', 'pattern = "paisley"', ["pattern", "diagonal"]),
    ("an unknown icon", '"circle"', '"smiley"', ["icon", "triangle"]),
    ("TOML that is none", "[source]", "[source", ["TOML"]),
    ("a table where a value belongs", 'group = "施設"', "group = { a = 1 }", ["group"]),
    ("a value where tables belong", "[[legend]]", "[legend]", ["[[legend]]"]),
]


@pytest.mark.parametrize(("old", "new", "named"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_definition_is_refused_in_one_sentence_that_names_file_and_key(
    tmp_path: Path, old: str, new: str, named: list[str]
) -> None:
    assert old in PLAIN
    folder = write_layer(tmp_path, PLAIN.replace("distance_m = 300.0", "") if "count" in new else PLAIN)
    definition = folder / "layer.toml"
    definition.write_text(definition.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as refused:
        load_layer(folder)
    sentence = str(refused.value)
    assert sentence.startswith("waste_stations/layer.toml")
    assert sentence.endswith("。")
    assert "\n" not in sentence
    assert str(tmp_path) not in sentence
    assert all(word in sentence for word in named), sentence


def test_the_unbroken_definition_is_taken(tmp_path: Path) -> None:
    assert load_layer(write_layer(tmp_path, PLAIN)).id == "waste_stations"


@pytest.mark.parametrize("name", ["Ward", "2nd", "ごみ", "a-b", "x" * 41, "order"])
def test_a_folder_name_that_cannot_be_a_table_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CatalogueError, match=re.escape(name)):
        load_layer(write_layer(tmp_path, PLAIN, name))


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "waste_stations"
    folder.mkdir()
    (folder / "layer.toml").write_bytes(PLAIN.encode("cp932"))
    with pytest.raises(CatalogueError, match=r"waste_stations/layer\.toml は UTF-8"):
        load_layer(folder)


def test_a_folder_without_a_definition_is_named(tmp_path: Path) -> None:
    (tmp_path / "half_done").mkdir()
    with pytest.raises(CatalogueError, match=r"half_done に layer\.toml がありません"):
        load_catalogue(tmp_path)


def test_what_python_leaves_behind_is_no_layer(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    gone = tmp_path / "removed_layer" / "__pycache__"
    gone.mkdir(parents=True)
    write_layer(tmp_path, PLAIN)
    assert list(load_catalogue(tmp_path)) == ["waste_stations"]


def test_a_missing_folder_is_named_without_its_place_on_the_machine(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError) as refused:
        load_catalogue(tmp_path / "elsewhere")
    assert "elsewhere" in str(refused.value)
    assert str(tmp_path) not in str(refused.value)


def test_one_layer_in_two_folders_is_refused(tmp_path: Path) -> None:
    write_layer(tmp_path, PLAIN, "roads")
    with pytest.raises(CatalogueError, match="roads が二つ"):
        load_catalogue(None, tmp_path)


def test_one_theme_on_two_layers_is_refused(tmp_path: Path) -> None:
    write_layer(tmp_path, PLAIN, "one")
    write_layer(tmp_path, PLAIN, "two")
    with pytest.raises(CatalogueError, match=r"two/layer.toml .*waste_station は one/layer.toml"):
        load_catalogue(tmp_path)


def test_a_catalogue_error_is_one_of_ours() -> None:
    assert issubclass(CatalogueError, OnomapError)
