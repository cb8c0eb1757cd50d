"""Open-data tables as cities publish them."""

import csv
from pathlib import Path

import openpyxl
import pytest

from gis.errors import UnreadableFileError
from gis.formats.open_data_columns import SHEETS, canonical
from gis.formats.open_data_csv import UnknownColumnError, write_open_data
from gis.formats.reader import open_source
from tests.gis.formats.vector_samples import only_table

REAL = {  # rows read, rows rejected, first point
    "takamatsu/old_0002.csv": (514, 0, (134.04522972, 34.34092056)),
    "takamatsu/old_0004.csv": (52, 0, (134.03246917, 34.34758361)),
    "takamatsu/old_0012.csv": (70, 0, (134.113886, 34.296244)),
    "takamatsu/old_0013.csv": (117, 2, (134.032587, 34.347392)),
    "takamatsu/old_0041.csv": (299, 0, (134.06227139, 34.33784694)),
    "takamatsu/old_0057.csv": (96, 0, (134.05585, 34.33629)),
    "takamatsu/old_0060.csv": (193, 0, (134.03003917, 34.34753333)),
    "takamatsu/old_0061.csv": (114, 0, (134.06495, 34.34657056)),
    "takamatsu/public_toilet.csv": (169, 0, (134.05267, 34.34551)),
    "takamatsu/tsunami_evacuation_building.csv": (113, 0, (134.06495, 34.34657056)),
    "takamatsu/aed_location.xlsx": (450, 0, (134.0452448693125, 34.34092807514213)),
    "takamatsu/evacuation_space.xlsx": (195, 0, (134.0300392, 34.34753333)),
    "takamatsu/agricultural_facilities_list.xlsx": (10, 0, (134.044642, 34.253751)),
    "echizen/01-hinanjo.csv": (28, 1, (136.168167, 35.908222)),
    "echizen/02-AED.csv": (108, 0, (136.168864, 35.903921)),
    "koriyama_nurseryData_cp932.csv": (157, 0, (140.3958911, 37.3906811)),
    "tablelinker-samples/shimabara_tourism.csv": (28, 0, (130.36723, 32.78926)),
    "tablelinker-samples/katsushika_tourism.csv": (3, 0, (139.88053, 35.757368)),
}


@pytest.mark.parametrize("name", REAL)
def test_each_real_file_gives_its_rows_and_places(shared_data: Path, name: str) -> None:
    table = only_table(shared_data / "opendata-csv" / name)
    read, rejected, first = REAL[name]
    assert (table.read, len(table.rejected)) == (read, rejected)
    assert table.geometry[0].coords[0] == pytest.approx(first)
    assert table.columns["名称"][0]
    assert (table.crs.epsg, table.crs.stated) == (6668, "緯度経度（JGD2011 とみなす）")


def test_a_real_file_without_any_position_has_all_rows_rejected_with_the_reason(shared_data: Path) -> None:
    table = only_table(shared_data / "opendata-csv/tablelinker-samples/yanai_tourism.csv")
    assert (len(table.refs), len(table.rejected)) == (0, 18)
    assert {note.reason for note in table.rejected} == {"位置がない（緯度・経度が空）"}
    assert table.rejected[0].content["名称"] == "白壁の町並み"


def test_a_place_far_outside_japan_is_rejected_and_shown(shared_data: Path) -> None:
    (note,) = only_table(shared_data / "opendata-csv/echizen/01-hinanjo.csv").rejected
    assert note.reason == "位置が日本の外にある（緯度35.926693・経度169.183412）"
    assert note.content["名称"] == "瓜生水と緑公園体育館"


def table_of(tmp_path: Path, text: str, encoding: str = "utf-8"):  # type: ignore[no-untyped-def]
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    return only_table(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("comma", [",", "\t"])
def test_encodings_line_ends_and_delimiters_make_no_difference(
    tmp_path: Path, encoding: str, newline: str, comma: str
) -> None:
    text = newline.join(["名称,緯度,経度", "塩庭表,37.24,140.62", ""]).replace(",", comma)
    table = table_of(tmp_path, text, encoding)
    assert table.columns == {"名称": ["塩庭表"], "緯度": ["37.24"], "経度": ["140.62"]}
    assert table.geometry[0].coords[0] == (140.62, 37.24)


def test_a_wrong_encoding_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("名称,緯度,経度\n".encode() + b"\xff\xfe\x81,37,140\n")
    with pytest.raises(
        UnreadableFileError, match=r"^a\.csv の文字はUTF-8 としても CP932 としても読めません（2 行目）。"
    ):
        list(open_source(path))
    path.write_bytes("名称,緯度,経度\n小野,37,140\n".encode())
    with pytest.raises(UnreadableFileError, match="ASCII として読めません"):
        list(open_source(path, encoding="ascii"))
    with pytest.raises(UnreadableFileError, match="文字コード「kanji」は分かりません"):
        list(open_source(path, encoding="kanji"))


@pytest.mark.parametrize(
    "preamble",
    ["#LINK,,\n#lang,ja,\n", "小野町の施設一覧,,\n", "令和8年4月1日現在\n\n", ",,\n,,\n", "※注意書き、ここから,,\n"],
)
def test_lines_before_the_header_are_passed_over(tmp_path: Path, preamble: str) -> None:
    table = table_of(tmp_path, f"{preamble}名称,緯度,経度\n塩庭,37.24,140.62\n")
    assert table.columns["名称"] == ["塩庭"]


def test_the_row_of_a_note_is_where_it_stands_in_the_file(tmp_path: Path) -> None:
    table = table_of(tmp_path, '名称,備考,緯度,経度\n"a","二行の\n備考",37.2,140.6\nb,,,\nc,,37.3,140.6\n')
    assert table.refs == ["2 行目", "5 行目"]
    assert [note.ref for note in table.rejected] == ["4 行目"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("1.名称", "名称"),
        ("02：名称", "名称"),
        ("名 称", "名称"),
        ("所在地_連結標記", "所在地_連結表記"),
        ("所在地＿連結表記", "所在地_連結表記"),
        ("所在地_連結表示", "所在地_連結表記"),
        ("建物名等（方書）", "建物名等(方書)"),
        ("建物名等_方書", "建物名等(方書)"),
        ("男性ﾄｲﾚ数(和式)", "男性トイレ数（和式）"),
        ("料金(基本)", "料金（基本）"),
        ("連絡先備考(その他、SNSなど)", "連絡先備考（その他、SNSなど）"),
        ("buillding_name_etc", "建物名等(方書)"),
        ("localgov_code", "全国地方公共団体コード"),
        ("LATITUDE", "緯度"),
        ("lng", "経度"),
        ("no", "NO"),
        ("Ｎｏ", "NO"),
        ("緯度（世界測地系）", "緯度"),
    ],
)
def test_a_column_is_known_in_every_spelling_met_so_far(written: str, name: str) -> None:
    assert canonical(written) == name


@pytest.mark.parametrize("sheet", SHEETS)
def test_the_standard_s_own_names_stay_as_they_are_up_to_width(sheet: str) -> None:
    for name in SHEETS[sheet]:
        assert canonical(name) in (name, name.replace("（方書）", "(方書)"), name)


def test_names_that_differ_between_sheets_of_the_standard_are_not_unified() -> None:
    pairs = [
        ("名称_英字", "名称_英語"),
        ("利用可能日時特記事項", "利用可能時間特記事項"),
        ("ID", "NO"),
        ("住所", "所在地_連結表記"),
    ]
    assert all(canonical(one) != canonical(other) for one, other in pairs)


def test_unknown_columns_are_kept_and_empty_ones_at_the_end_are_not(tmp_path: Path) -> None:
    table = table_of(tmp_path, "名称,町独自,,緯度,経度,,,\n塩庭,x,y,37.2,140.6,,,\n")
    assert table.columns == {"名称": ["塩庭"], "町独自": ["x"], "列3": ["y"], "緯度": ["37.2"], "経度": ["140.6"]}


def test_a_name_that_comes_twice_keeps_both_columns(tmp_path: Path) -> None:
    table = table_of(tmp_path, "名称,備考,備考,緯度,経度\na,1,2,37,140\n")
    assert (table.columns["備考"], table.columns["備考（3列目）"]) == (["1"], ["2"])


def test_a_row_with_a_comma_too_many_is_rejected_rather_than_shifted(tmp_path: Path) -> None:
    table = table_of(tmp_path, "名称,緯度,経度\na,37,140\nb,c,37,140\n")
    assert table.columns["名称"] == ["a"]
    assert table.rejected[0].reason.startswith("見出しより列が多い")
    assert list(table.rejected[0].content.values()) == ["b", "c", "37", "140"]


def test_a_table_without_a_header_is_refused(tmp_path: Path) -> None:
    for text in ("塩庭,37.2,140.6\n飯豊,37.3,140.6\n", "ただの文\n"):
        with pytest.raises(UnreadableFileError, match="見出し行"):
            table_of(tmp_path, text)


def test_swapped_coordinates_are_mended_and_noted(tmp_path: Path) -> None:
    table = table_of(tmp_path, "名称,緯度,経度\na,140.6,37.2\nb,37.2,140.6\n")
    assert [point.coords[0] for point in table.geometry] == [(140.6, 37.2), (140.6, 37.2)]
    assert [(note.ref, note.reason) for note in table.repaired] == [
        ("2 行目", "緯度と経度が入れ替わっていたため直した")
    ]


@pytest.mark.parametrize("pair", ["0,0", "999,999", "999.0,999.0", "0,140.6", "-1,-1", "９９９,９９９", "9999,9999"])
def test_numbers_that_mean_unknown_are_no_place(tmp_path: Path, pair: str) -> None:
    table = table_of(tmp_path, f"名称,緯度,経度\na,{pair}\n")
    assert [note.reason[:5] for note in table.rejected] == ["位置がない"]


@pytest.mark.parametrize("pair", ["北,東", "37度12分,140度", "37.2.1,140", "1e2,140"])
def test_words_are_no_place(tmp_path: Path, pair: str) -> None:
    table = table_of(tmp_path, f"名称,緯度,経度\na,{pair}\n")
    assert [note.reason[:7] for note in table.rejected] == ["位置が読めない"]


@pytest.mark.parametrize("location", ['"37.2,140.6"', '"37.2, 140.6"', '"３７．２，１４０．６"', '"(37.2,140.6)"'])
def test_one_location_column_holds_latitude_and_longitude(tmp_path: Path, location: str) -> None:
    assert table_of(tmp_path, f"名称,location\na,{location}\n").geometry[0].coords[0] == (140.6, 37.2)


def test_a_table_without_coordinates_keeps_its_rows_without_a_place(tmp_path: Path) -> None:
    table = table_of(tmp_path, "名称,住所\na,小野町\n")
    assert (table.refs, list(table.geometry), table.crs.epsg) == (["2 行目"], [None], None)


def test_codes_that_lost_a_zero_or_a_check_digit_are_made_whole_and_noted(tmp_path: Path) -> None:
    table = table_of(tmp_path, "全国地方公共団体コード,名称\n75221,a\n92011,b\n075221,c\nなし,d\n,e\n")
    assert table.columns["全国地方公共団体コード"] == ["075221", "092011", "075221", "なし", None]
    assert "全国地方公共団体コードを6桁に直した（2 行）" in table.notes


def test_each_sheet_of_a_workbook_is_a_table_and_whole_numbers_stay_whole(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for title in ("一覧", "控え"):
        sheet = book.create_sheet(title)
        sheet.append(["名称", "緯度", "経度", "想定収容人数"])
        sheet.append([title, 37.2, 140.6, 120.0])
    book.remove(book.worksheets[0])
    book.create_sheet("隠し").sheet_state = "hidden"
    path = tmp_path / "a.xlsx"
    book.save(path)
    assert [(t.source, t.columns["想定収容人数"]) for t in open_source(path)] == [
        ("a.xlsx#一覧", ["120"]),
        ("a.xlsx#控え", ["120"]),
    ]
    assert only_table(path, layer_name="控え").columns["名称"] == ["控え"]
    with pytest.raises(UnreadableFileError, match="シート「別紙」はありません"):
        list(open_source(path, layer_name="別紙"))


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"\xd0\xcf\x11\xe0" + bytes(600)])
def test_a_workbook_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"a\.xlsx は"):
        list(open_source(path))


def test_the_header_of_the_evacuation_sheet_is_the_published_line(tmp_path: Path) -> None:
    published = (
        "全国地方公共団体コード,ID,名称,名称_カナ,名称_英字,所在地_全国地方公共団体コード,町字ID,所在地_連結表記,"
        "所在地_都道府県,所在地_市区町村,所在地_町字,所在地_番地以下,建物名等(方書),緯度,経度,標高,電話番号,内線番号,"
        "連絡先メールアドレス,連絡先FormURL,連絡先備考（その他、SNSなど）,郵便番号,市区町村コード,地方公共団体名,"
        "災害種別_洪水,災害種別_崖崩れ、土石流及び地滑り,災害種別_高潮,災害種別_地震,災害種別_津波,災害種別_大規模な火事,"
        "災害種別_内水氾濫,災害種別_火山現象,指定避難所との重複,想定収容人数,対象となる町会・自治会,URL,画像,画像_ライセンス,備考"
    )
    path = tmp_path / "075221_evacuation_space.csv"
    write_open_data("evacuation_space", [], path)
    assert path.read_bytes() == b"\xef\xbb\xbf" + published.encode() + b"\r\n"
    assert [len(SHEETS[kind]) for kind in ("evacuation_space", "aed", "public_facility")] == [39, 39, 56]


def test_the_aed_and_facility_headers_are_the_published_lines() -> None:
    aed = (
        "全国地方公共団体コード,ID,地方公共団体名,名称,名称_カナ,名称_英字,所在地_全国地方公共団体コード,町字ID,"
        "所在地_連結表記,所在地_都道府県,所在地_市区町村,所在地_町字,所在地_番地以下,建物名等(方書),緯度,経度,高度の種別,"
        "高度の値,設置位置,電話番号,内線番号,連絡先メールアドレス,連絡先FormURL,連絡先備考（その他、SNSなど）,郵便番号,法人番号,"
        "団体名,利用可能曜日,開始時間,終了時間,利用可能日時特記事項,小児対応設備の有無,URL,画像1,画像1_ライセンス,画像2,"
        "画像2_ライセンス,外部利用不可,備考"
    )
    facility = (
        "全国地方公共団体コード,ID,地方公共団体名,名称,名称_カナ,名称_英字,名称_通称,POIコード,外部識別子,外部識別子の値,"
        "所在地_全国地方公共団体コード,町字ID,所在地_連結表記,所在地_都道府県,所在地_市区町村,所在地_町字,所在地_番地以下,"
        "建物名等（方書）,緯度,経度,高度の種別,高度の値,電話番号,内線番号,連絡先メールアドレス,連絡先FormURL,"
        "連絡先備考（その他、SNSなど）,郵便番号,法人番号,団体名,利用可能曜日,開始時間,終了時間,利用可能時間特記事項,説明,車椅子可,"
        "車椅子貸出,ツエ貸出,多目的トイレ,スロープ、エレベータ、エスカレータ,点字ブロック等の移動支援,点字や読上による支援,"
        "盲導犬・介助犬・聴導犬同伴,字幕,筆談対応,優先駐車場,オストメイト対応トイレ,授乳室,おむつ替えコーナー,飲食可否,"
        "ベビーカー貸出,ベビーカー利用,URL,画像,画像ライセンス,備考"
    )
    assert ",".join(SHEETS["aed"]) == aed
    assert ",".join(SHEETS["public_facility"]) == facility


def test_what_is_written_reads_back_and_cannot_run_as_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    row = {
        "名称": "=HYPERLINK(1)",
        "緯度": 37.2,
        "経度": 140.6,
        "災害種別_洪水": True,
        "災害種別_津波": False,
        "標高": -3.5,
    }
    assert write_open_data("evacuation_space", [row], path) == 1
    (back,) = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
    assert (back["名称"], back["標高"], back["災害種別_洪水"], back["災害種別_津波"]) == (
        "'=HYPERLINK(1)",
        "-3.5",
        "1",
        "",
    )
    table = only_table(path)
    assert table.geometry[0].coords[0] == (140.6, 37.2)
    assert (table.columns["災害種別_洪水"], table.columns["災害種別_津波"]) == ([True], [False])


def test_a_column_that_the_sheet_has_not_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(UnknownColumnError, match="aed に「標高」という列はありません"):
        write_open_data("aed", [{"標高": 3}], tmp_path / "a.csv")
