"""Shelters of 国土地理院, names of 町字, and lists of 地番."""

import hashlib
import shutil
from pathlib import Path

import openpyxl
import pytest

from gis.errors import UnreadableFileError, UnsupportedFileError
from gis.formats import town_names
from gis.formats.gsi_shelters import HAZARDS
from gis.formats.parcel_list import parcel_texts, prepared
from gis.formats.reader import open_source, sha256_of
from gis.parcel_numbers import Gazetteer
from tests.gis.formats.vector_samples import only_table


@pytest.mark.parametrize(
    ("name", "rows"),
    [("emergency_075221", 11), ("evacuation_075221", 21), ("emergency_072117", 56), ("evacuation_075213", 23)],
)
def test_sites_and_shelters_are_read_with_their_flags(shared_data: Path, name: str, rows: int) -> None:
    table = only_table(shared_data / f"shelters/jp-shelter-api/{name}.json")
    assert len(table.refs) == rows
    flags = [name for name in table.columns if name in HAZARDS or name.endswith("住所同一")]
    assert len(flags) == (9 if name.startswith("emergency") else 1)
    assert {type(value) for flag in flags for value in table.columns[flag]} == {bool}


def test_an_empty_flag_is_no_and_a_strange_one_is_left_to_the_layer(tmp_path: Path) -> None:
    header = ",".join(["NO", "共通ID", "施設・場所名", "住所", *HAZARDS, "緯度", "経度"])
    path = tmp_path / "075221.csv"
    path.write_text(f"{header}\n1,E1,塩庭,小野町,1,,,1,,○,0,,37.24,140.62\n", encoding="utf-8-sig")
    columns = only_table(path).columns
    assert [columns[hazard][0] for hazard in HAZARDS] == [True, False, False, True, False, "○", False, False]


@pytest.mark.parametrize(
    ("name", "count", "first"),
    [
        ("geolonia_japanese-addresses_07522.json", 293, ("大字上羽出庭", "", None)),
        ("abr/mt_town_pref45_fixture.csv.zip", 30, ("大字池島", "", "452092")),
        ("isj_45000-17.0b.zip", 1308, ("青島一丁目", "", "452017")),
        ("japanpost_postalcode_07522.csv", 17, ("飯豊", "", "075221")),
        ("agri_community_rcom_07522.csv", 27, ("", "", "075221")),
    ],
)
def test_each_publisher_s_names_are_read(
    shared_data: Path, name: str, count: int, first: tuple[str, str, str | None]
) -> None:
    names = town_names.read(shared_data / "address" / name)
    assert len(names) == count
    assert (names[0].oaza, names[0].koaza, names[0].municipality) == first


def test_the_town_has_17_oaza_and_every_name_has_a_place(shared_data: Path) -> None:
    names = town_names.read(shared_data / "address/geolonia_japanese-addresses_07522.json")
    assert len({name.oaza for name in names}) == 17
    assert sum(name.koaza != "" for name in names) == 276
    assert all(140.5 < (name.longitude or 0) < 140.7 and 37.2 < (name.latitude or 0) < 37.4 for name in names)


def test_places_of_the_address_base_registry_are_joined_by_code(shared_data: Path) -> None:
    folder = shared_data / "address/abr"
    names = town_names.read(folder / "mt_town_pref45_fixture.csv.zip")
    placed = town_names.with_positions(names, folder / "mt_town_pos_pref45.csv.zip")
    assert (placed[0].longitude, placed[0].latitude) == (130.827042, 32.040474)
    assert [name.koaza for name in placed] == [name.koaza for name in names]


def test_an_agricultural_community_is_no_oaza(shared_data: Path) -> None:
    names = town_names.read(shared_data / "address/agri_community_rcom_07522.csv")
    assert "菖浦谷" in {name.community for name in names}
    assert {name.oaza for name in names} == {""}


def test_a_table_of_something_else_is_no_table_of_names(shared_data: Path, tmp_path: Path) -> None:
    for name in ("address/localgovjp_ono_and_neighbours.csv", "shelters/jp-shelter-api/emergency_075221.json"):
        with pytest.raises(UnsupportedFileError, match="町字の表"):
            town_names.read(shared_data / name)
    broken = tmp_path / "a.json"
    broken.write_text("{")
    with pytest.raises(UnreadableFileError, match="JSON として読めません"):
        town_names.read(broken)


def listed(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_dittos_and_merged_oaza_take_the_value_above(tmp_path: Path) -> None:
    table = only_table(
        listed(tmp_path, "大字,字,地番,用途区分\n小野新町,舘廻,92-1,農地\n〃,〃,92-2,農地\n,中通,3,農地\n", "cp932")
    )
    assert table.columns["大字"] == ["小野新町"] * 3
    assert table.columns["字"] == ["舘廻", "舘廻", "中通"]
    assert "「〃」や空の大字を上の行から補った（3 か所）" in table.notes


def test_one_column_of_places_is_taken_apart(tmp_path: Path) -> None:
    text = (
        "番号,土地の所在・地番,用途区分\n1,大字飯豊字舘廻92番1,農地\n2,大字飯豊字舘廻92番2、93番,農地\n"
        "3,よくわからない,農地\n4,,農地\n"
    )
    table = only_table(listed(tmp_path, text))
    assert table.columns["地番"] == ["92-1", "92-2", "93"]
    assert table.columns["番号"] == ["1", "2", "2"]
    assert table.refs == ["2 行目", "3 行目の1筆目", "3 行目の2筆目"]
    assert [(note.ref, note.reason) for note in table.rejected] == [
        ("4 行目", "大字か地番が読み取れない（よくわからない）"),
        ("5 行目", "地番が空（None）"),
    ]


def test_a_range_is_not_two_parcels(tmp_path: Path) -> None:
    table = only_table(listed(tmp_path, "所在地番,面積\n大字飯豊字舘廻1番から5番まで,10\n"))
    assert (table.refs, [note.reason[:4] for note in table.rejected]) == ([], ["範囲で書"])


def test_the_names_of_the_town_help_where_no_mark_divides_them(tmp_path: Path) -> None:
    whole = only_table(listed(tmp_path, "所在,面積\n福島県田村郡小野町飯豊舘廻92-1,10\n"))
    renamed = prepared(
        type(whole)(whole.source, {"所在地番": whole.columns["所在"]}, whole.geometry, whole.crs, whole.refs),
        Gazetteer({"飯豊": ["舘廻"]}, ("福島県", "田村郡", "小野町")),
    )
    assert (renamed.columns["大字"], renamed.columns["字"], renamed.columns["地番"]) == (["飯豊"], ["舘廻"], ["92-1"])


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("大字,字,地番\n小野新町,舘廻,92-1\n飯豊,,12\n", ["小野新町字舘廻 92-1", "飯豊 12"]),
        ("所在地番\n大字飯豊字舘廻92番1\n\n飯豊12\n", ["大字飯豊字舘廻92番1", "飯豊12"]),
        ("大字飯豊字舘廻92番1\n飯豊12\n", ["大字飯豊字舘廻92番1", "飯豊12"]),
    ],
)
def test_a_list_of_an_inquiry_is_read_with_or_without_a_header(tmp_path: Path, text: str, texts: list[str]) -> None:
    assert parcel_texts(listed(tmp_path, text)) == texts


def test_a_workbook_is_a_list_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["大字", "字", "地番"], ["小野新町", "舘廻", 92], ["小野新町", "舘廻", "92-1"]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "list.xlsx")
    assert parcel_texts(tmp_path / "list.xlsx") == ["小野新町字舘廻 92", "小野新町字舘廻 92-1"]


@pytest.mark.parametrize("text", ["", "\n\n", "大字,字,地番\n"])
def test_an_empty_list_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFileError, match=r"list\.csv に地番がありません"):
        parcel_texts(listed(tmp_path, text))


def test_the_hash_of_a_file_is_plain_and_that_of_a_folder_knows_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    first = tmp_path / "a" / "1.csv"
    first.write_text("x")
    assert sha256_of(first) == hashlib.sha256(b"x").hexdigest()
    before = sha256_of(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert sha256_of(tmp_path / "b") == before
    first.rename(first.with_name("2.csv"))
    assert sha256_of(tmp_path / "a") != before


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    for name in ("none.csv", "none.zip", "none.gpkg"):
        with pytest.raises(UnreadableFileError, match=f"^{name} というファイルがありません。$"):
            list(open_source(tmp_path / name))
