"""GeoJSON and line-delimited GeoJSON, read without GDAL."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import UnreadableFileError, UnsupportedFileError
from gis.formats import geojson
from gis.formats.geojson import geometries
from gis.formats.reader import open_source
from tests.gis.formats.vector_samples import NAMES, frame, only_table

POINT = {"type": "Point", "coordinates": [140.6, 37.2]}


def collection(*features: Any, **members: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **members}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def written(tmp_path: Path, document: Any, name: str = "a.geojson") -> Path:
    path = tmp_path / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def test_the_trailing_comma_of_a_real_file_is_told_with_line_and_column(shared_data: Path) -> None:
    path = shared_data / "fude/fude_tsukuba_1_asis_INVALID_JSON.json"
    with pytest.raises(UnreadableFileError, match=r"（91 行 3 文字目）。余分なカンマ"):
        list(open_source(path))


def test_a_farmland_polygon_keeps_its_fields_and_its_history_as_text(shared_data: Path) -> None:
    table = only_table(shared_data / "fude/fude_tsukuba_1_fixed.geojson")
    assert (table.columns["land_type"], table.columns["local_government_cd"]) == ([200], ["082201"])
    (history,) = table.columns["history"]
    assert json.loads(str(history))[0]["更新年度"] == 2021
    assert table.crs.epsg == 4326


def test_the_town_s_boundary_has_all_its_vertices_although_it_turns_the_wrong_way(shared_data: Path) -> None:
    table = only_table(shared_data / "boundary/geolonia-japanese-admins/07522.json")
    (shape,) = table.geometry
    assert shapely.get_num_coordinates(shape) == 4171
    assert not shape.exterior.is_ccw
    assert table.crs.stated == "GeoJSON（WGS 84／CRS84 と規定）"


def test_null_attributes_stay_null(shared_data: Path) -> None:
    columns = only_table(shared_data / "boundary/smartnews-n03/N03-21_07_210101_s0010.json").columns
    assert len(columns["N03_003"]) == 59
    assert None in columns["N03_003"]
    assert "田村郡" in columns["N03_003"]


@pytest.mark.parametrize(
    ("name", "epsg"),
    [
        ("urn:ogc:def:crs:EPSG::6668", 6668),
        ("EPSG:6677", 6677),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326),
        ("urn:ogc:def:crs:EPSG::2451", 2451),
        ("urn:ogc:def:crs:EPSG:9.8:2451", 2451),
        ("OGC:CRS84", 4326),
    ],
)
def test_the_crs_member_is_honoured(tmp_path: Path, name: str, epsg: int) -> None:
    document = collection(feature(POINT), crs={"type": "name", "properties": {"name": name}})
    assert only_table(written(tmp_path, document)).crs.epsg == epsg


@pytest.mark.parametrize(
    "member", [{"type": "link", "properties": {"href": "http://example.com"}}, "EPSG:6677", {}, 6677]
)
def test_a_crs_member_that_cannot_be_named_is_left_to_be_declared(tmp_path: Path, member: object) -> None:
    crs = only_table(written(tmp_path, collection(feature(POINT), crs=member))).crs
    assert crs.epsg is None
    assert crs.stated.endswith("を特定できない")


def test_features_may_lack_geometry_or_properties(tmp_path: Path) -> None:
    features = [feature(None, a=1), {"type": "Feature", "geometry": POINT, "properties": None}, feature(POINT, b="x")]
    table = only_table(written(tmp_path, collection(*features)))
    assert table.columns == {"a": [1, None, None], "b": [None, None, "x"]}
    assert [shape is None for shape in table.geometry] == [True, False, False]


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "Polygon", "coordinates": "?"},
        {"type": "Point"},
        {"type": "Point", "coordinates": ["x", "y"]},
        {"type": "Circle", "coordinates": [0, 0]},
        {"type": "LineString", "coordinates": [[0]]},
        "POINT(0 0)",
        7,
    ],
)
def test_a_shape_that_cannot_be_built_rejects_its_row_only(tmp_path: Path, broken: object) -> None:
    square = shapely.geometry.mapping(shapely.box(140, 37, 141, 38))
    table = only_table(written(tmp_path, collection(feature(square, n=1), feature(broken, n=2), feature(POINT, n=3))))
    assert table.columns["n"] == [1, 3]
    (note,) = table.rejected
    assert (note.ref, note.content["n"]) == ("2 番目", 2)


@pytest.mark.parametrize(
    "text", ['{"type":"FeatureCollection","features":{}}', '{"type":"Topology"}', "[1]", '{"a":1}']
)
def test_json_of_another_kind_is_not_geojson(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnsupportedFileError, match="GeoJSON"):
        list(open_source(written(tmp_path, text)))


@pytest.mark.parametrize("text", ["", "   ", "{", "[" * 100_000, '{"type": "Feature", "geometry": 1e', "\x00"])
def test_text_that_is_no_json_is_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        list(open_source(written(tmp_path, text)))
    assert str(caught.value).startswith("a.geojson は")


def test_cp932_is_told_to_be_saved_as_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_bytes(json.dumps(collection(feature(POINT, a="小野町")), ensure_ascii=False).encode("cp932"))
    with pytest.raises(UnreadableFileError, match="UTF-8 ではありません"):
        list(open_source(path))


def test_lines_of_geojson_are_read_with_and_without_record_separators(tmp_path: Path) -> None:
    lines = [json.dumps(feature(POINT, n=number)) for number in range(3)]
    for text in ("\n".join(lines) + "\n\n", "".join(f"\x1e{line}\n" for line in lines)):
        assert only_table(written(tmp_path, text, "a.geojsonl")).columns == {"n": [0, 1, 2]}


def test_a_bad_line_is_told_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="（3 行 2 文字目）"):
        list(open_source(written(tmp_path, f"{json.dumps(feature(POINT))}\n\n{{,}}", "a.ndjson")))


def test_what_another_program_wrote_comes_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "zone.geojson"
    frame(6668).set_geometry(gpd.GeoSeries(shapely.box([140, 141, 142], 37, 140.5, 38), crs=6668)).to_file(path)
    table = only_table(path)
    assert table.columns["name"] == NAMES
    assert table.crs.epsg == 6668
    assert shapely.equals(table.geometry, gpd.read_file(path).geometry.to_numpy()).all()


def test_many_features_come_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geojson, "BATCH_ROWS", 2)
    parts = list(open_source(written(tmp_path, collection(*(feature(POINT, n=number) for number in range(5))))))
    assert [part.refs for part in parts] == [["1 番目", "2 番目"], ["3 番目", "4 番目"], ["5 番目"]]


numbers = st.floats(-180, 180)
positions = st.tuples(numbers, numbers)
lines = st.lists(positions, min_size=2, max_size=5)
rings = st.lists(positions, min_size=3, max_size=6).map(lambda ring: [*ring, ring[0]])
polygons = st.lists(rings, min_size=1, max_size=3)
shapes = st.one_of(
    st.builds(lambda c: {"type": "Point", "coordinates": c}, positions),
    st.builds(lambda c: {"type": "Point", "coordinates": [*c, 5.0]}, positions),
    st.builds(lambda c: {"type": "MultiPoint", "coordinates": c}, lines),
    st.builds(lambda c: {"type": "LineString", "coordinates": c}, lines),
    st.builds(lambda c: {"type": "MultiLineString", "coordinates": c}, st.lists(lines, min_size=1, max_size=3)),
    st.builds(lambda c: {"type": "Polygon", "coordinates": c}, polygons),
    st.builds(lambda c: {"type": "MultiPolygon", "coordinates": c}, st.lists(polygons, min_size=1, max_size=3)),
    st.none(),
)


@given(st.lists(shapes, max_size=12))
def test_shapes_built_in_batches_are_those_that_shapely_builds_singly(documents: list[Any]) -> None:
    built, faults = geometries(documents)
    assert not faults
    for made, document in zip(built, documents, strict=True):
        if document is None:
            assert made is None
        else:
            assert shapely.equals_exact(made, shapely.force_2d(shapely.geometry.shape(document)))
