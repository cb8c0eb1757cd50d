"""What is special about a Shapefile: names, bytes, letters, and what stands beside it in the zip."""

import csv
import io
import struct
import zipfile
from datetime import date
from pathlib import Path

import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.formats.archive import unzipped
from gis.formats.vector import read
from gis.formats.writing import dbase, shapefile
from gis.formats.writing.errors import UnwritableError
from tests.gis.formats.writing.outgoing_samples import HOSTILE, batches, outgoing, rows


def zipped(folder: Path, texts: tuple[str | None, ...], shape: str | None = "Point") -> Path:
    sheet = outgoing(shape, 6677)
    path = folder / "sample.zip"
    shapefile.write(sheet, batches(sheet, rows(texts)), path)
    return path


def member(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def listed(path: Path, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(member(path, name).decode("utf-8-sig"), newline="")))


def test_names_are_cut_to_ten_bytes_and_stay_apart() -> None:
    names = ["facility_name", "facility_name_kana", "facility_n", "FACILITY_N2", "area", "Area", "名称のとても長い列"]
    short = dbase.short_names(names)
    assert all(len(name.encode()) <= 10 for name in short.values())
    assert len({name.lower() for name in short.values()}) == len(names)
    assert short["facility_n"] == "facility_n"
    assert short["area"] == "area"


@given(st.lists(st.text(alphabet="ab_é名", min_size=1, max_size=24), unique=True, max_size=40))
def test_any_names_become_short_and_distinct(names: list[str]) -> None:
    short = dbase.short_names(names)
    assert len({name.lower() for name in short.values()}) == len(names)
    assert all(0 < len(name.encode()) <= 10 for name in short.values())


def test_the_zip_leads_from_short_names_to_full_ones_labels_and_codes(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("小野公民館", "体育館"))
    columns = {row[1]: row for row in listed(path, "columns.csv")}
    assert columns["facility_name"][0] == "facility_n"
    assert columns["facility_name_kana"][0] == "facility_1"
    assert columns["rank"][2:] == ["浸水深ランク", "", "1=0.5m未満、2=0.5〜3m"]
    assert columns["area"][3] == "㎡"


def test_the_encoding_is_said_in_the_cpg_and_in_the_language_byte(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("小野公民館", "髙﨑①"))
    assert member(path, "sample.cpg") == b"932"
    raw = member(path, "sample.dbf")
    assert raw[29] == 0x13
    assert "髙﨑①".encode("cp932") in raw


def test_text_is_as_wide_as_its_bytes_and_no_wider(tmp_path: Path) -> None:
    raw = member(zipped(tmp_path, ("あいう", "abcdefg")), "sample.dbf")
    name, width = raw[32 + 64 : 32 + 74].rstrip(b"\0"), raw[32 + 64 + 16]
    assert (name, width) == (b"facility_n", 7)


def test_a_letter_that_cp932_lacks_is_marked_and_told_with_the_original(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("𠮷野家 🏯", "小野"))
    assert "〓野家 〓".encode("cp932") in member(path, "sample.dbf")
    _heading, change = listed(path, "changes.csv")
    assert change[:4] == ["1", "facility_name", "𠮷野家 🏯", "〓野家 〓"]
    assert "U+20BB7" in change[4]
    assert "1 件" in member(path, "README.txt").decode("utf-8-sig")


def test_a_long_text_is_cut_between_letters_and_told_with_the_original(tmp_path: Path) -> None:
    text = "a" + "あ" * 200
    path = zipped(tmp_path, (text, None))
    [change] = listed(path, "changes.csv")[1:]
    assert change[2] == text
    assert change[3] == "a" + "あ" * 126
    assert "254バイト" in change[4]


def test_the_two_waves_of_unicode_are_one_in_cp932_and_no_change(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("10〜20", "10～20"))
    assert member(path, "sample.dbf").count("10～20".encode("cp932")) == 2
    with zipfile.ZipFile(path) as archive:
        assert "changes.csv" not in archive.namelist()


@given(st.text(max_size=300))
def test_no_text_becomes_a_question_mark_or_half_a_letter(text: str) -> None:
    raw, reason = dbase.encoded(text)
    written = raw.decode("cp932")
    assert len(raw) <= 254
    assert written.count("?") <= text.count("?")
    assert reason is not None or len(written) == len(text)


def test_the_facts_are_in_the_readme(tmp_path: Path) -> None:
    readme = member(zipped(tmp_path, ("小野", None)), "README.txt").decode("utf-8-sig")
    assert "架空のデータ" in readme
    assert "CC BY 4.0" in readme


def test_whole_numbers_keep_their_type_and_every_digit(tmp_path: Path) -> None:
    sheet = outgoing(None)
    values = [(*row[:4], number, *row[5:]) for row, number in zip(rows(("a", "b")), (-(10**16) - 1, 7), strict=True)]
    path = tmp_path / "sample.zip"
    shapefile.write(sheet, batches(sheet, values), path)
    frame = pyogrio.read_dataframe(path)
    assert frame["rank"].tolist() == [-(10**16) - 1, 7]
    assert frame["fid"].dtype == "int32"


def test_a_date_before_the_year_1000_keeps_its_four_digits(tmp_path: Path) -> None:
    sheet = outgoing(None)
    values = [(*row[:7], date(645, 7, 17)) for row in rows(("a", "b"))]
    path = tmp_path / "sample.zip"
    shapefile.write(sheet, batches(sheet, values), path)
    assert b"06450717" in member(path, "sample.dbf")


@pytest.mark.parametrize(("shape", "part"), [("MultiPolygon", ".shp"), (None, ".dbf")])
def test_more_than_a_shapefile_holds_is_refused_in_a_sentence(shape: str | None, part: str, tmp_path: Path) -> None:
    sheet = outgoing(shape)
    with pytest.raises(UnwritableError, match=rf"見本.*{part}.*2 GB.*GeoPackage"):
        shapefile.write(sheet, batches(sheet, rows()), tmp_path / "sample.zip", most_bytes=200)
    assert list(tmp_path.iterdir()) == []


def test_our_own_reader_takes_it_back(tmp_path: Path) -> None:
    path = zipped(tmp_path, HOSTILE)
    with unzipped(path, path.name) as members:
        main = next(item for item in members if item.suffix == ".shp")
        [table] = read(main, members, encoding=None, layer_name=None)
    assert table.crs.epsg == 6677
    assert table.columns["facility_n"][15] == "髙﨑 ①㈱ ～～ ─ ∥ ￢ ソ表能"


def test_the_header_counts_records_and_their_length(tmp_path: Path) -> None:
    raw = member(zipped(tmp_path, ("a", "b", "c")), "sample.dbf")
    count, header, length = struct.unpack("<IHH", raw[4:12])
    assert count == 3
    assert len(raw) == header + count * length + 1
