"""The map XML that the sample town writes, read back by a reader that others wrote."""

import zipfile
from pathlib import Path

import mojxml.parse
import pytest
import shapely

from gis.formats.reader import open_source
from layers.sample_town.moj_writer import MojParcel, MojSheet, to_xml
from tests.layers.sample_town.conftest import Made


def sheets(made: Made) -> list[Path]:
    return [file.path for file in made.files if file.path.suffix == ".zip"]


def xml_of(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(f"{path.stem}.xml")


def test_sheets_are_added_to_the_main_file(made: Made) -> None:
    options = [file.options for file in made.files if file.path.suffix == ".zip"]
    assert [bool(option.get("add")) for option in options] == [True] * 4
    assert [option.get("datum") for option in options] == [None, None, None, "JGD2011"]


def test_another_peoples_reader_takes_every_sheet(made: Made) -> None:
    everything = mojxml.parse.ParseOptions(include_arbitrary_crs=True, include_chikugai=True)
    read = [mojxml.parse.parse_raw(xml_of(path), everything) for path in sheets(made)]
    assert [len(features) for features in read] == [40, 40, 40, 42]


def test_another_peoples_reader_sees_the_same_shapes_as_ours(made: Made) -> None:
    for path in sheets(made)[:3]:
        theirs = mojxml.parse.parse_raw(xml_of(path), mojxml.parse.ParseOptions(include_arbitrary_crs=True))
        (ours,) = open_source(path)
        by_number = {feature["properties"]["地番"]: shapely.geometry.shape(feature["geometry"]) for feature in theirs}
        for number, shape in zip(ours.columns["地番"], ours.geometry, strict=True):
            assert by_number[number].symmetric_difference(shape).area < 1e-6


def test_three_sheets_have_no_place_on_earth_and_numbers_of_their_own(made: Made) -> None:
    tables = [table for path in sheets(made) for table in open_source(path)]
    assert [table.crs.arbitrary for table in tables] == [True, True, True, False]
    taken = set(zip(*(made.frame("cadastral")[name] for name in ("oaza", "koaza", "chiban")), strict=True))
    for table in tables:
        own = set(zip(*(table.columns[name] for name in ("大字名", "小字名", "地番")), strict=True))
        assert own & taken <= {key for key in own if not str(key[2])[0].isdigit()}


def test_pseudo_parcels_are_set_aside(made: Made) -> None:
    tables = [table for path in sheets(made) for table in open_source(path)]
    assert [len(table.set_aside) for table in tables] == [1, 1, 1, 2]


def test_the_public_sheet_fills_the_gap_that_the_main_file_leaves(made: Made) -> None:
    (table,) = open_source(sheets(made)[3])
    main = made.frame("cadastral").geometry.to_numpy()
    both = [*main, *table.geometry]
    town = made.frame("municipality").geometry.iloc[0]
    assert sum(shape.area for shape in both) == pytest.approx(town.area, abs=1.0)
    assert shapely.coverage_is_valid(shapely.get_parts(both))


def test_the_public_sheet_has_a_hole_an_undetermined_boundary_and_both_kinds_of_curve_ends(made: Made) -> None:
    (table,) = open_source(sheets(made)[3])
    assert sum(len(shape.interiors) for shape in shapely.get_parts(table.geometry)) == 1
    assert any(table.columns["筆界未定構成筆"])
    text = xml_of(sheets(made)[3]).decode()
    assert text.count("GM_Position.direct>") > 10
    assert text.count("<zmn:GM_PointRef.point idref=") > 10
    assert text.count("<基準点>") == 6


def test_x_is_north_and_a_corner_common_to_two_parcels_is_written_once() -> None:
    left, right = shapely.box(0.0, 0.0, 10.0, 20.0), shapely.box(10.0, 0.0, 30.0, 20.0)
    sheet = MojSheet("二筆", "公共座標9系", (MojParcel(left, "1"), MojParcel(right, "2")), "1", datum="測量")
    text = to_xml(sheet)
    assert text.count("<zmn:GM_Point id=") == 6
    assert text.count("<zmn:GM_Curve id=") == 8
    assert "<zmn:X>20.000</zmn:X><zmn:Y>30.000</zmn:Y>" in text
