"""GeoJSON, CSV and KML as their standards want them, letter by letter."""

import csv
import io
import json
from collections.abc import Sequence

import pyarrow as pa
import pytest
import shapely
from lxml import etree

from gis.formats.writing import delimited, geojson, kml
from gis.formats.writing.formulas import restored
from gis.formats.writing.outgoing import Outgoing
from tests.gis.formats.writing.outgoing_samples import FACTS, HOSTILE, batches, outgoing, rows

KML = {"k": "http://www.opengis.net/kml/2.2"}


def collection(sheet: Outgoing, source: Sequence[pa.RecordBatch]) -> dict[str, object]:
    parsed: dict[str, object] = json.loads(b"".join(geojson.collection(sheet, source)))
    return parsed


def table(sheet: Outgoing, source: Sequence[pa.RecordBatch], *, labels: bool = False) -> list[list[str]]:
    text = b"".join(delimited.rows(sheet, source, labels=labels)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def document(sheet: Outgoing, source: Sequence[pa.RecordBatch]) -> etree._Element:
    return etree.fromstring(b"".join(kml.document(sheet, source)))


def found(root: etree._Element, path: str) -> list[etree._Element]:
    return root.findall(path, KML)


def test_geojson_follows_the_right_hand_rule_and_names_no_crs() -> None:
    clockwise = shapely.MultiPolygon(
        [shapely.Polygon([(0, 0), (0, 9), (9, 9), (9, 0)], [[(2, 2), (4, 2), (4, 4), (2, 4)]])]
    )
    sheet = outgoing("MultiPolygon")
    made = collection(sheet, batches(sheet, rows(), [clockwise, clockwise]))
    assert "crs" not in made
    features = made["features"]
    assert isinstance(features, list)
    outer, hole = features[0]["geometry"]["coordinates"][0]
    assert shapely.is_ccw(shapely.LinearRing(outer))
    assert not shapely.is_ccw(shapely.LinearRing(hole))


def test_geojson_says_of_itself_what_the_layer_says() -> None:
    made = collection(outgoing(), batches(outgoing(), rows()))
    assert {fact.key: made[fact.key] for fact in FACTS} == {fact.key: fact.value for fact in FACTS}


def test_geojson_holds_hostile_texts_and_numbers_that_json_cannot_say() -> None:
    sheet = outgoing()
    values = [(*row[:5], float("nan"), *row[6:]) for row in rows([*HOSTILE, "\x01"])]
    features = collection(sheet, batches(sheet, values))["features"]
    assert isinstance(features, list)
    assert [feature["properties"]["facility_name"] for feature in features] == [*HOSTILE, "\x01"]
    assert {feature["properties"]["area"] for feature in features} == {None}


def test_a_geojson_that_stops_in_the_middle_is_no_json() -> None:
    pieces = list(geojson.collection(outgoing(), batches(outgoing(), rows())))
    for end in range(len(pieces)):
        with pytest.raises(json.JSONDecodeError):
            json.loads(b"".join(pieces[:end]))


def test_csv_has_a_bom_cr_lf_and_field_names() -> None:
    text = b"".join(delimited.rows(outgoing(), batches(outgoing(), rows())))
    assert text.startswith(b"\xef\xbb\xbffid,version,facility_name,")
    assert text.endswith(b"\r\n")
    assert text.count(b"\r\n") == text.count(b"\n") == 3


def test_csv_tells_an_empty_text_from_none() -> None:
    text = b"".join(delimited.rows(outgoing(), batches(outgoing(), rows(["", None])))).decode("utf-8-sig")
    assert [line.split(",")[2] for line in text.splitlines()[1:]] == ['""', ""]


def test_csv_holds_every_hostile_text_letter_by_letter_and_runs_none() -> None:
    sheet = outgoing()
    cells = [row[2] for row in table(sheet, batches(sheet, rows(HOSTILE)))[1:]]
    assert [restored(cell) for cell in cells] == list(HOSTILE)
    assert [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell != "-12.5"] == []


def test_csv_leaves_negative_numbers_alone() -> None:
    assert table(outgoing(), batches(outgoing(), rows()))[1][5] == "-1234.5678"


def test_csv_in_plane_coordinates_says_east_and_north_not_x_and_y() -> None:
    sheet = outgoing("Point", 6677)
    heading, first, _ = table(sheet, batches(sheet, rows(), [shapely.Point(70_000.25, 140_000.5), None]))
    assert dict(zip(heading, first, strict=True)) | {"easting": "70000.25", "northing": "140000.5"} == dict(
        zip(heading, first, strict=True)
    )


def test_csv_with_labels_has_japanese_headings_and_what_the_codes_mean() -> None:
    heading, first, second = table(outgoing(), batches(outgoing(), rows()), labels=True)
    assert heading[4:9] == ["浸水深ランク", "浸水深ランク（表示名）", "面積（㎡）", "終日", "終日（表示名）"]
    assert first[4:6] == ["1", "0.5m未満"]
    assert second[7:9] == ["true", "はい"]
    assert heading[-2:] == ["経度", "緯度"]


def test_kml_holds_every_hostile_text_letter_by_letter() -> None:
    sheet = outgoing()
    root = document(sheet, batches(sheet, rows(HOSTILE)))
    assert [element.text for element in found(root, ".//k:SimpleData[@name='facility_name']")] == list(HOSTILE)
    assert [element.text for element in found(root, ".//k:Placemark/k:name")] == list(HOSTILE)


def test_kml_shows_control_characters_that_xml_cannot_hold_as_their_pictures() -> None:
    sheet = outgoing()
    root = document(sheet, batches(sheet, rows(["a\x01b\x1f", "\ufffe"])))
    assert [element.text for element in found(root, ".//k:SimpleData[@name='facility_name']")] == ["a␁b␟", "\ufffd"]


def test_kml_draws_a_row_as_its_legend_row_and_labels_its_columns() -> None:
    sheet = outgoing("MultiPolygon")
    root = document(sheet, batches(sheet, rows()))
    assert [element.text for element in found(root, ".//k:styleUrl")] == ["#style0", "#style1"]
    assert found(root, ".//k:Style[@id='style0']/k:PolyStyle/k:color")[0].text == "b2a9f5f7"
    assert found(root, ".//k:Style[@id='style0']/k:LineStyle/k:color")[0].text == "ff00777a"
    assert [element.text for element in found(root, ".//k:displayName")][5] == "面積（㎡）"
    assert "架空" in str(found(root, "./k:Document/k:description")[0].text)


def test_kml_gives_no_data_where_there_is_no_value() -> None:
    root = document(outgoing(), batches(outgoing(), rows([None, "x"])))
    first = found(root, ".//k:Placemark")[0]
    assert found(first, ".//k:SimpleData[@name='facility_name']") == []
    assert found(first, "./k:name") == []
