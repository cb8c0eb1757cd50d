"""Shapefile as really shipped, GeoPackage and FlatGeobuf; and files that claim to be one of them."""

import shutil
import struct
import zipfile
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely

from gis.errors import OnomapError, UnreadableFileError, UnsupportedFileError
from gis.formats import vector
from gis.formats.reader import open_source
from gis.formats.shapefile import index_of
from tests.gis.formats.vector_samples import NAMES, frame, language_byte, only_table, shapefile

VRT = '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
GDALG = '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read /etc/passwd"}'


def test_a_ksj_shapefile_without_shx_prj_and_cpg_is_read_and_its_crs_is_not_guessed(shared_data: Path) -> None:
    table = only_table(shared_data / "ksj/P29-13_07")
    assert len(table.refs) == 874
    assert table.columns["P29_005"][0] == "岡山小学校"
    assert (table.crs.stated, table.crs.epsg) == (".prj なし", None)
    assert table.notes == [".shx がないため作り直して読んだ", "属性の文字コードは CP932 として読んだ（.cpg なし）"]
    assert not (shared_data / "ksj/P29-13_07/P29-13_07.shx").exists()


def test_the_index_made_for_a_shapefile_is_the_one_that_gdal_wrote(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    assert index_of(path.read_bytes(), "zone.shp") == path.with_suffix(".shx").read_bytes()


def test_stations_are_lines_and_their_prj_is_known_by_name(shared_data: Path) -> None:
    table = only_table(shared_data / "ksj/N02-16_Station/N02-16_Station_ono_bbox.shp")
    assert len(table.refs) == 26
    assert {shape.geom_type for shape in table.geometry} == {"LineString"}
    assert (table.crs.epsg, table.crs.datum) == (4612, "JGD2000")
    assert "小野新町" in table.columns["N02_005"]


@pytest.mark.parametrize(("name", "rows"), [("A27-16_07", 333), ("A32-16_07", 171), ("N03-17_07_170101", 288)])
def test_attributes_alone_are_read_without_shapes(shared_data: Path, name: str, rows: int) -> None:
    table = only_table(shared_data / f"ksj/dbf-only/{name}.dbf")
    assert len(table.refs) == rows
    assert all(shape is None for shape in table.geometry)
    assert ".shp がないため属性だけを読んだ" in table.notes


@pytest.mark.parametrize(
    ("encoding", "without", "ldid"),
    [
        ("cp932", (), None),
        ("utf-8", (), None),
        ("cp932", (".cpg",), 0x13),
        ("cp932", (".cpg",), 0x00),
        ("utf-8", (".cpg",), 0x00),
        ("cp932", (".cpg", ".shx", ".prj"), 0x00),
    ],
)
def test_japanese_attributes_are_read_by_cpg_language_byte_or_trial(
    tmp_path: Path, encoding: str, without: tuple[str, ...], ldid: int | None
) -> None:
    path = shapefile(tmp_path, encoding, without)
    if ldid is not None:
        language_byte(path, ldid)
    table = only_table(path)
    assert table.columns["name"] == NAMES
    assert table.columns["depth"] == [1, 2, 3]


@pytest.mark.parametrize(("ldid", "name"), [(0x13, "ﾃｹ"), (0x00, "ù")])
def test_the_language_byte_decides_where_the_bytes_fit_both_encodings(tmp_path: Path, ldid: int, name: str) -> None:
    path = tmp_path / "zone.shp"
    frame().assign(name="ﾃｹ").to_file(path, encoding="cp932")
    path.with_suffix(".cpg").unlink()
    assert only_table(language_byte(path, ldid)).columns["name"] == [name] * 3


def test_an_encoding_that_is_asked_for_wins_over_the_cpg(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "cp932")
    path.with_suffix(".cpg").write_text("UTF-8")
    with pytest.raises(UnreadableFileError, match=r"zone\.dbf の文字はUTF-8 として読めません。--encoding"):
        only_table(path)
    assert only_table(path, encoding="cp932").columns["name"] == NAMES


def test_bytes_that_fit_no_encoding_are_refused(tmp_path: Path) -> None:
    path = language_byte(shapefile(tmp_path, "cp932", (".cpg",)), 0)
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace("塩庭".encode("cp932"), b"\xff\xfd\xff\xfd"))
    with pytest.raises(UnreadableFileError, match="UTF-8 としても CP932 としても読めません"):
        only_table(path)


def test_a_value_cut_in_the_middle_of_a_character_is_tolerated(tmp_path: Path) -> None:
    path = tmp_path / "cut.shp"
    rows = frame()
    rows["name"] = ["あ" * 200, "い", "う"]
    with pytest.warns(RuntimeWarning, match="truncated to 254"):
        rows.to_file(path, encoding="utf-8")  # 254 bytes hold 84 characters and two bytes of the next
    path.with_suffix(".cpg").unlink()
    language_byte(path, 0)
    assert [str(name)[:84] for name in only_table(path).columns["name"]] == ["あ" * 84, "い", "う"]


def test_a_prj_that_nobody_can_name_is_left_to_be_declared(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    path.with_suffix(".prj").write_text(
        'PROJCS["町独自の座標",GEOGCS["x",DATUM["x",SPHEROID["Bessel",6377397,299.15]],'
        'PRIMEM["G",0],UNIT["Degree",0.0174532925]],PROJECTION["Transverse_Mercator"],PARAMETER["Central_Meridian",140.1],'
        'UNIT["Meter",1]]'
    )
    crs = only_table(path).crs
    assert (crs.stated, crs.epsg, crs.zone) == ("座標系「町独自の座標」を特定できない", None, None)
    path.with_suffix(".prj").write_text("not a projection")
    assert only_table(path).crs.stated == "座標系の記述を読めない"


@pytest.mark.parametrize("suffix", [".shp", ".dbf"])
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.9])
def test_a_shapefile_cut_short_is_refused(tmp_path: Path, suffix: str, kept: float) -> None:
    path = shapefile(tmp_path, without=(".shx",))
    part = path.with_suffix(suffix)
    part.write_bytes(part.read_bytes()[: int(part.stat().st_size * kept)])
    with pytest.raises(UnreadableFileError, match=f"zone\\{suffix}"):
        only_table(path)


def test_letters_in_capitals_are_the_same_extension(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    for part in list(tmp_path.iterdir()):
        part.rename(part.with_suffix(part.suffix.upper()))
    table = only_table(path.with_suffix(".SHP"))
    assert table.columns["name"] == NAMES
    assert table.crs.epsg == 6677


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb"])
def test_geopackage_and_flatgeobuf_keep_rows_types_and_crs(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"zone{suffix}"
    frame().to_file(path)
    table = only_table(path)
    rows = zip(*table.columns.values(), strict=True)  # a FlatGeobuf is in the order of its spatial index
    assert sorted(rows, key=lambda row: row[1]) == list(zip(NAMES, [1, 2, 3], strict=True))
    assert list(table.columns) == ["name", "depth"]
    assert (table.crs.epsg, table.crs.zone, table.crs.datum) == (6677, 9, "JGD2011")
    assert shapely.area(table.geometry).sum() == pytest.approx(300.0)
    assert table.refs == ["1 番目", "2 番目", "3 番目"]


def test_each_layer_of_a_geopackage_is_a_table_and_one_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    frame().to_file(path, layer="道路")
    frame(4612).to_file(path, layer="水道")
    frame().drop(columns="geometry").pipe(pyogrio.write_dataframe, path, layer="layer_styles")
    assert {table.source: table.crs.epsg for table in open_source(path)} == {
        "town.gpkg#道路": 6677,
        "town.gpkg#水道": 4612,
    }
    assert only_table(path, layer_name="水道").crs.epsg == 4612
    with pytest.raises(UnreadableFileError, match="レイヤ「下水道」はありません（あるのは 道路・水道"):
        list(open_source(path, layer_name="下水道"))


def test_a_file_without_any_crs_says_so(tmp_path: Path) -> None:
    path = tmp_path / "zone.fgb"
    with pytest.warns(UserWarning, match="crs"):
        frame(None).to_file(path)
    assert only_table(path).crs.epsg is None


def test_an_empty_layer_is_an_empty_table(tmp_path: Path) -> None:
    path = tmp_path / "zone.gpkg"
    frame().iloc[:0].to_file(path)
    table = only_table(path)
    assert (table.read, list(table.columns)) == (0, ["name", "depth"])


def test_many_rows_come_in_parts_of_the_same_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector, "BATCH_ROWS", 2)
    path = tmp_path / "zone.gpkg"
    frame().to_file(path)
    parts = list(open_source(path))
    assert [part.refs for part in parts] == [["1 番目", "2 番目"], ["3 番目"]]
    assert {part.source for part in parts} == {"zone.gpkg"}


def test_coordinates_that_are_no_numbers_reject_their_row(tmp_path: Path) -> None:
    rows = frame()
    rows.geometry = [shapely.Point(np.nan, 1), shapely.Point(0, 0), shapely.LineString([(0, 0), (1, np.inf)])]
    path = tmp_path / "zone.gpkg"
    rows.to_file(path)
    table = only_table(path)
    assert table.refs == ["2 番目"]
    assert [note.reason for note in table.rejected] == ["座標が数値でない"] * 2
    assert table.rejected[1].content["name"] == "小野新町"


def test_null_island_is_no_place_in_degrees(tmp_path: Path) -> None:
    rows = frame(6668)
    rows.geometry = [shapely.Point(0, 0), shapely.Point(140.6, 37.2), None]
    path = tmp_path / "zone.gpkg"
    rows.to_file(path)
    table = only_table(path)
    assert table.refs == ["2 番目", "3 番目"]
    assert [note.reason for note in table.rejected] == ["位置がない（緯度0・経度0）"]
    assert table.geometry[1] is None


@pytest.mark.parametrize("suffix", [".geojson", ".json", ".gpkg", ".fgb", ".shp", ".dbf", ".geojsonl"])
@pytest.mark.parametrize("content", [VRT, GDALG, "GIF89a", "", "\0" * 200])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, suffix: str, content: str) -> None:
    path = tmp_path / f"evil{suffix}"
    path.write_text(content)
    with pytest.raises(OnomapError) as caught:
        list(open_source(path))
    assert "/etc" not in str(caught.value)


def test_a_sqlite_file_that_is_no_geopackage_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.gpkg"
    path.write_bytes(b"SQLite format 3\0" + bytes(200))
    with pytest.raises(UnreadableFileError, match="GeoPackage ではありません"):
        list(open_source(path))


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.98])
def test_a_database_cut_short_is_refused(tmp_path: Path, suffix: str, kept: float) -> None:
    path = tmp_path / f"zone{suffix}"
    frame().to_file(path)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * kept)])
    with pytest.raises(UnreadableFileError, match="途中で切れています"):
        list(open_source(path))


def ksj_zip(folder: Path) -> Path:
    """A zip as 国土数値情報 ships it: the same rows as Shapefile twice, GML and GeoJSON, in folders."""
    shapefile(folder / "sjis", "cp932", (".cpg",))
    shapefile(folder / "utf8", "utf-8", (".cpg",))
    path = folder / "A33-24_07_GML.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for source, target in (("sjis", "Shift-JIS"), ("utf8", "UTF-8")):
            for part in sorted((folder / source).iterdir()):
                archive.write(part, f"A33-24_07_GML/{target}/{part.name}")
        archive.writestr("A33-24_07_GML/zone.xml", "<gml/>")
        archive.writestr("A33-24_07_GML/zone.geojson", '{"type":"FeatureCollection","features":[]}')
        archive.writestr("A33-24_07_GML/KS-META-A33.xml", "<meta/>")
    return path


def test_the_twins_in_a_ksj_zip_are_read_once(tmp_path: Path) -> None:
    table = only_table(ksj_zip(tmp_path))
    assert table.source == "A33-24_07_GML.zip/A33-24_07_GML/UTF-8/zone.shp"
    assert table.columns["name"] == NAMES
    assert table.crs.epsg == 6677


def test_several_shapefiles_in_one_zip_are_all_read_or_one_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name in ("A29-19_07", "A29-19_07_2"):
        for part in list(shapefile(tmp_path / "one").parent.iterdir()):
            folder.mkdir(exist_ok=True)
            shutil.copy(part, folder / f"{name}{part.suffix}")
    path = Path(shutil.make_archive(str(tmp_path / "A29"), "zip", folder))
    assert [table.source for table in open_source(path)] == ["A29.zip/A29-19_07.shp", "A29.zip/A29-19_07_2.shp"]
    assert only_table(path, layer_name="A29-19_07_2").source == "A29.zip/A29-19_07_2.shp"
    with pytest.raises(UnreadableFileError, match="「A30」はありません（あるのは A29-19_07・A29-19_07_2）"):
        list(open_source(path, layer_name="A30"))


def test_a_name_that_gdal_would_take_for_a_prefix_is_only_a_name(tmp_path: Path) -> None:
    path = tmp_path / "GPKG:!vsizip{x}.gpkg"
    frame().to_file(tmp_path / "a.gpkg")
    (tmp_path / "a.gpkg").rename(path)
    assert only_table(path).columns["name"] == NAMES


def test_a_record_that_runs_past_the_end_of_the_file_is_told_by_its_number(tmp_path: Path) -> None:
    raw = bytearray(shapefile(tmp_path).read_bytes())
    raw[104:108] = struct.pack(">i", 10_000)
    with pytest.raises(UnreadableFileError, match="1 件目で壊れています"):
        index_of(bytes(raw), "zone.shp")


def test_an_unknown_kind_of_file_is_told_what_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.dwg"
    path.write_bytes(b"AC1032")
    with pytest.raises(UnsupportedFileError, match="Shapefile・GeoPackage"):
        list(open_source(path))


def test_a_flatgeobuf_with_rows_that_have_no_geometry_keeps_every_other_shape(tmp_path: Path) -> None:
    shapes = [shapely.box(i, 0, i + 1, 1) if i % 3 else None for i in range(30)]
    frame = geopandas.GeoDataFrame({"number": range(30)}, geometry=shapes, crs=6677)
    frame.to_file(tmp_path / "gaps.fgb", SPATIAL_INDEX="NO")
    (table,) = open_source(tmp_path / "gaps.fgb")
    assert list(table.columns["number"]) == list(range(30))
    read = [None if shape is None else shape.bounds[0] for shape in table.geometry]
    assert read == [float(i) if i % 3 else None for i in range(30)]
