"""GeoPackage, GeoParquet, FlatGeobuf and XLSX: what each says of itself, as its standard wants it said."""

import json
import math
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from openpyxl import load_workbook
from pyproj import CRS

from gis.formats.writing import flatgeobuf, geopackage, geoparquet, workbook
from gis.formats.writing.errors import UnwritableError
from tests.gis.formats.writing.outgoing_samples import FACTS, HOSTILE, SHAPES, batches, outgoing, rows


@pytest.fixture
def package(tmp_path: Path) -> Path:
    sheet = outgoing("MultiPolygon", 6677)
    path = tmp_path / "sample.gpkg"
    values = [(row[0] * 1_000, *row[1:]) for row in rows(("a", "b", "c"))]
    geopackage.write(sheet, batches(sheet, values), path)
    return path


def asked(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute(statement).fetchall()


def test_a_geopackage_keeps_each_rows_fid_and_has_an_index_over_all(package: Path) -> None:
    assert asked(package, "SELECT fid FROM sample ORDER BY fid") == [(1_000,), (2_000,), (3_000,)]
    assert asked(package, "SELECT id FROM rtree_sample_geom ORDER BY id") == [(1_000,), (2_000,), (3_000,)]


def test_a_geopackage_says_its_title_crs_and_facts(package: Path) -> None:
    [(identifier, description, srs)] = asked(package, "SELECT identifier, description, srs_id FROM gpkg_contents")
    assert (identifier, srs) == ("見本 & <試験>", 6677)
    assert "架空" in str(description)
    info = pyogrio.read_info(package)
    assert {fact.key: info["layer_metadata"][fact.key] for fact in FACTS} == {fact.key: fact.value for fact in FACTS}


def test_a_geopackage_describes_its_columns_and_what_codes_mean(package: Path) -> None:
    described = dict(asked(package, "SELECT column_name, title FROM gpkg_data_columns"))
    assert described["area"] == "面積（㎡）"
    codes = asked(
        package, "SELECT value, description FROM gpkg_data_column_constraints WHERE constraint_name = 'sample_rank'"
    )
    assert codes == [("1", "0.5m未満"), ("2", "0.5〜3m")]
    extensions = asked(package, "SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_schema'")
    assert set(extensions) == {("gpkg_data_columns",), ("gpkg_data_column_constraints",)}


def test_a_geopackage_is_sound_and_typed(package: Path) -> None:
    assert asked(package, "PRAGMA integrity_check") == [("ok",)]
    assert asked(package, "PRAGMA foreign_key_check") == []
    types = dict(asked(package, "SELECT name, type FROM pragma_table_info('sample')"))
    assert (types["open_all_day"], types["designated_on"], types["area"]) == ("BOOLEAN", "DATE", "REAL")


def test_columns_of_one_label_stay_apart_in_a_geopackage(tmp_path: Path) -> None:
    sheet = outgoing("Point")
    alike = replace(sheet, columns=tuple(replace(column, label="同じ", unit=None) for column in sheet.columns))
    path = tmp_path / "sample.gpkg"
    geopackage.write(alike, batches(alike, rows()), path)
    assert len(asked(path, "SELECT DISTINCT name FROM gpkg_data_columns")) == len(sheet.columns) - 1


def parquet(folder: Path, shape: str | None = "MultiPolygon", epsg: int = 6677) -> pq.ParquetFile:
    sheet = outgoing(shape, epsg)
    shapes = [SHAPES["MultiPolygon"][1], None, SHAPES["MultiPolygon"][0]] if shape else []
    path = folder / "sample.parquet"
    geoparquet.write(sheet, batches(sheet, rows(("a", "b", "c")), shapes), path)
    return pq.ParquetFile(path)


def test_geoparquet_says_version_crs_types_extent_and_where_the_boxes_are(tmp_path: Path) -> None:
    geo = json.loads(parquet(tmp_path).metadata.metadata[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    assert geo["version"] == "1.1.0"
    assert CRS.from_json_dict(column["crs"]).to_epsg() == 6677
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["MultiPolygon"])
    assert column["bbox"] == [0.0, 0.0, 140.63, 37.29]
    assert column["covering"]["bbox"]["xmin"] == ["geom_bbox", "xmin"]


def test_geoparquet_in_longitude_and_latitude_is_ogc_crs84_by_saying_nothing(tmp_path: Path) -> None:
    geo = json.loads(parquet(tmp_path, epsg=4326).metadata.metadata[b"geo"])
    assert "crs" not in geo["columns"]["geom"]


def test_the_boxes_of_a_geoparquet_cover_each_row_and_are_none_without_a_place(tmp_path: Path) -> None:
    table = parquet(tmp_path).read()
    boxes, shapes = table["geom_bbox"].to_pylist(), shapely.from_wkb(table["geom"].to_pylist())
    assert boxes[1] is None
    for box, shape in ((boxes[0], shapes[0]), (boxes[2], shapes[2])):
        assert tuple(box.values()) == shape.bounds


def test_a_parquet_says_the_facts_and_the_labels_of_its_columns(tmp_path: Path) -> None:
    file = parquet(tmp_path)
    assert file.metadata.metadata[b"onomap:licence"].decode() == "CC BY 4.0"
    rank = file.schema_arrow.field("rank").metadata
    assert rank[b"label"].decode() == "浸水深ランク"
    assert json.loads(rank[b"codes"]) == {"1": "0.5m未満", "2": "0.5〜3m"}


def test_a_list_without_places_is_a_plain_parquet(tmp_path: Path) -> None:
    file = parquet(tmp_path, None)
    assert b"geo" not in file.metadata.metadata
    assert file.schema_arrow.names[-1] == "designated_on"


def test_a_large_parquet_has_several_row_groups(tmp_path: Path) -> None:
    sheet = outgoing("Point")
    once = batches(sheet, rows(["x"] * 10_001))
    path = tmp_path / "sample.parquet"
    geoparquet.write(sheet, (batch for _ in range(12) for batch in once), path)
    groups = pq.ParquetFile(path).metadata
    assert groups.num_rows == 120_012
    assert groups.num_row_groups == 6


def test_a_flatgeobuf_has_its_title_and_an_index_unless_rows_lack_places(tmp_path: Path) -> None:
    sheet = outgoing("Point")
    for has_gaps in (False, True):
        path = tmp_path / f"{has_gaps}.fgb"
        shapes = [None, SHAPES["Point"][0]] if has_gaps else list(SHAPES["Point"])
        flatgeobuf.write(sheet, batches(sheet, rows(), shapes), path)
        assert bool(pyogrio.read_info(path)["capabilities"]["fast_spatial_filter"]) is not has_gaps
        assert "見本 & <試験>".encode() in path.read_bytes()
    assert sorted(item.name for item in tmp_path.iterdir()) == ["False.fgb", "True.fgb"]


def book(folder: Path, values: list[tuple[object, ...]], shape: str | None = "Point") -> Path:
    sheet = outgoing(shape)
    path = folder / "sample.xlsx"
    workbook.write(sheet, batches(sheet, values), path)
    return path


def test_no_cell_of_a_workbook_is_a_formula(tmp_path: Path) -> None:
    loaded = load_workbook(book(tmp_path, rows(HOSTILE)))
    cells = [cell for sheet in loaded for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "b"}
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert [text for text in texts if text[:1] in "=+-@\t\r" and text != "-12.5"] == []


def test_a_workbook_is_typed_and_says_what_codes_mean(tmp_path: Path) -> None:
    heading, first, second = load_workbook(book(tmp_path, rows())).worksheets[0].iter_rows(values_only=True)
    assert heading[4:9] == ("浸水深ランク", "浸水深ランク（表示名）", "面積（㎡）", "終日", "終日（表示名）")
    assert first[4:7] == (1, "0.5m未満", -1234.5678)
    assert second[7:9] == (True, "はい")
    assert first[9].date() == date(2026, 4, 2)
    assert first[-2:] == (140.6261, 37.2864)


def test_a_workbook_explains_its_columns_and_the_data(tmp_path: Path) -> None:
    loaded = load_workbook(book(tmp_path, rows()))
    assert loaded.sheetnames == ["データ", "列の説明", "このデータについて"]
    assert ("浸水深ランク", "rank", "integer", None, "1=0.5m未満、2=0.5〜3m") in loaded["列の説明"].values
    assert ("利用条件", "CC BY 4.0") in loaded["このデータについて"].values


def test_a_shape_has_a_point_of_its_own_in_a_workbook(tmp_path: Path) -> None:
    heading, first, second = (
        load_workbook(book(tmp_path, rows(), "MultiPolygon")).worksheets[0].iter_rows(values_only=True)
    )
    assert heading[-2:] == ("代表点の経度", "代表点の緯度")
    for row, shape in zip((first, second), SHAPES["MultiPolygon"], strict=True):
        assert shapely.Point(*row[-2:]).within(shape)


def test_what_excel_cannot_count_is_a_text(tmp_path: Path) -> None:
    values = [(*row[:4], number, *row[5:7], day) for row, number, day in zip(
        rows(), (1234567890123456789, 5), (date(1899, 12, 31), date(1900, 3, 1)), strict=True)]  # fmt: skip
    _, first, second = load_workbook(book(tmp_path, values)).worksheets[0].iter_rows(values_only=True)
    assert (first[4], first[9]) == ("1234567890123456789", "1899-12-31")
    assert (second[4], second[9].date()) == (5, date(1900, 3, 1))


def test_numbers_without_end_and_control_characters_do_not_break_a_workbook(tmp_path: Path) -> None:
    values = [
        (*row[:5], number, *row[6:]) for row, number in zip(rows(["a\x01", "b"]), (math.inf, math.nan), strict=True)
    ]
    _, first, second = load_workbook(book(tmp_path, values)).worksheets[0].iter_rows(values_only=True)
    assert (first[2], first[6], second[6]) == ("a␁", "inf", "nan")


def test_a_text_that_no_cell_holds_is_refused_by_row_and_column(tmp_path: Path) -> None:
    with pytest.raises(UnwritableError, match=r"fid 2 の「名称」は 32,768 文字"):
        book(tmp_path, rows(["a", "x" * 32_768]))


def test_a_workbook_that_was_given_up_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(UnwritableError):
        book(tmp_path, rows(["a", "x" * 32_768]))
    assert list(tmp_path.iterdir()) == []
