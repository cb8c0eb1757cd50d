"""ISOXML: the real files read; what is written is valid, reads back to a millimetre, and another library agrees."""

import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import isoxml.models.base.v3 as other_v3
import isoxml.models.base.v4 as other_v4
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isoxml.converter.shapely_geom import ShapelyConverterV3, ShapelyConverterV4
from isoxml.util.isoxml_io import isoxml_from_text, isoxml_from_zip

from gis.errors import UnreadableFileError, UnsupportedFileError
from gis.formats import machine
from gis.formats.machine import GuidanceLine, MachineField
from tests.gis.formats.machine.samples import (
    BARE,
    PLAIN,
    at,
    fields,
    metres_apart,
    ring,
    same_line,
    same_ring,
    same_rings,
)
from tests.gis.formats.machine.task_file_schema import faults

HEAD = '<ISO11783_TaskData VersionMajor="{}" VersionMinor="3" DataTransferOrigin="1">'


def task_data(inside: str, version: int = 4) -> bytes:
    return f"{HEAD.format(version)}{inside}</ISO11783_TaskData>".encode()


def points(places: object, kind: int = 2) -> str:
    return "".join(f'<PNT A="{kind}" C="{lat}" D="{lon}"/>' for lon, lat in places)  # type: ignore[attr-defined]


def line(kind: int, places: object) -> str:
    return f'<LSG A="{kind}">{points(places)}</LSG>'


def area(kind: int, *lines: str) -> str:
    return f'<PLN A="{kind}">{"".join(lines)}</PLN>'


def partfield(inside: str, name: str = "前田") -> str:
    return f'<PFD A="PFD1" C="{name}" D="0">{inside}</PFD>'


def read(inside: str, version: int = 4) -> MachineField:
    (only,) = machine.read(task_data(partfield(inside), version), "TASKDATA.XML")
    return only


def document(wanted: str, *items: MachineField) -> bytes:
    with zipfile.ZipFile(BytesIO(machine.write(wanted, items).content)) as archive:
        return archive.read("TASKDATA/TASKDATA.XML")


SQUARE = ring((0, 0), (50, 0), (50, 50), (0, 50))
POND = ring((10, 10), (20, 10), (20, 20), (10, 20))
BOUNDARY = area(1, line(1, SQUARE))


def test_every_real_file_reads(shared_data: Path) -> None:
    found = sorted((shared_data / "isoxml").rglob("TASKDATA.XML"))
    assert len(found) == 3
    for path in found:
        for item in machine.read(path.parent):
            assert len(item.outer) >= 3
            assert all(47 < lat < 49 and 15 < lon < 16 for lon, lat in item.outer), "Austria, latitude 48, longitude 15"


def test_the_real_files_keep_their_fields_farmers_and_guidance(shared_data: Path) -> None:
    folder = shared_data / "isoxml" / "v4"
    (farmdoc,) = machine.read(folder / "farmdoc" / "field_export")
    assert (farmdoc.name, farmdoc.area_m2, farmdoc.farmer, len(farmdoc.outer)) == ("Lagerfeld", 64104, "Josephinum", 30)
    (cnh,) = machine.read(folder / "cnh_export")
    assert cnh.farmer == "customer 1"
    assert [len(item.positions) for item in cnh.guidance] == [19, 2, 2, 74, 19, 2, 2]
    assert any("A+" in note for note in cnh.notes)
    (geobird,) = machine.read(folder / "geobird" / "guidance_v4-3")
    assert geobird.area_m2 is None
    assert [(item.name, item.width_m) for item in geobird.guidance] == [("Set_31024_test3", 3.0)]


def test_the_real_files_are_the_same_to_another_library(shared_data: Path) -> None:
    for path in (shared_data / "isoxml").rglob("TASKDATA.XML"):
        other = isoxml_from_text(path.read_text("utf-8"))
        theirs = [
            ShapelyConverterV4().to_shapely_polygon(shape)
            for owner in other.partfields
            for shape in owner.polygons
            if shape.type is other_v4.PolygonType.PartfieldBoundary
        ]
        ours = machine.read(path.parent)
        assert len(ours) == len(theirs)
        for one, shape in zip(ours, theirs, strict=True):
            assert same_ring(one.outer, [(float(x), float(y)) for x, y in shape.exterior.coords[:-1]], 1e-6)


def test_a_real_field_written_again_is_the_same(shared_data: Path) -> None:
    for path in (shared_data / "isoxml").rglob("TASKDATA.XML"):
        for item in machine.read(path.parent):
            (again,) = machine.read(machine.write("isoxml4", [item]).content, "x.zip")
            assert same_ring(item.outer, again.outer)
            assert [a.name for a in item.guidance] == [b.name for b in again.guidance]
            for one, other in zip(item.guidance, again.guidance, strict=True):
                assert same_line(one.positions, other.positions)


def test_a_bearing_leads_the_right_way() -> None:
    pattern = f'<GPN A="GPN1" C="2" G="90.0"><LSG A="5">{points([at(0, 0)], 6)}</LSG></GPN>'
    (guide,) = read(f'{BOUNDARY}<GGP A="GGP1">{pattern}</GGP>').guidance
    (first_lon, first_lat), (lon, lat) = guide.positions
    assert lon > first_lon
    assert lat == pytest.approx(first_lat, abs=1e-7)
    assert metres_apart((first_lon, first_lat), (lon, lat)) == pytest.approx(100, abs=0.001)


@given(st.lists(fields(), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_version_4_is_valid_and_reads_back_to_a_millimetre_with_all_it_had(items: list[MachineField]) -> None:
    file = machine.write("isoxml4", items)
    assert faults(document("isoxml4", *items)) == []
    again = machine.read(file.content, file.name)
    for one, other in zip(items, again, strict=True):
        assert same_line(one.outer, other.outer)
        assert len(one.inners) == len(other.inners)
        assert same_rings(one.inners, other.inners)
        assert (one.headland is None) == (other.headland is None)
        assert one.headland is None or same_ring(one.headland, other.headland or ())
        assert [(a.name, a.width_m) for a in one.guidance] == [(b.name, b.width_m) for b in other.guidance]
        assert all(same_line(a.positions, b.positions) for a, b in zip(one.guidance, other.guidance, strict=True))
        assert (one.name, one.area_m2, one.farmer) == (other.name, other.area_m2, other.farmer)


@given(st.lists(fields(), min_size=1, max_size=3))
@settings(max_examples=40, deadline=None)
def test_version_3_is_valid_and_says_what_it_cannot_hold(items: list[MachineField]) -> None:
    file = machine.write("isoxml3", items)
    assert faults(document("isoxml3", *items)) == []
    again = machine.read(file.content, file.name)
    for one, other in zip(items, again, strict=True):
        assert same_line(one.outer, other.outer)
        assert same_rings(one.inners, other.inners)
        assert other.headland is None
        assert [a.width_m for a in one.guidance] == [b.width_m for b in other.guidance]
        assert not any("4版" in note for note in other.notes)
    assert any("枕地" in note for note in file.notes) == any(item.headland is not None for item in items)


@pytest.mark.parametrize(
    ("wanted", "converter"), [("isoxml4", ShapelyConverterV4()), ("isoxml3", ShapelyConverterV3())]
)
def test_another_library_reads_the_same_field(
    wanted: str, converter: ShapelyConverterV4 | ShapelyConverterV3, tmp_path: Path
) -> None:
    path = tmp_path / "TASKDATA.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("TASKDATA.XML", document(wanted, PLAIN, BARE))
    other, _files = isoxml_from_zip(path)
    assert isinstance(other, (other_v4 if wanted == "isoxml4" else other_v3).Iso11783TaskData)
    theirs = other.partfields
    assert [item.designator for item in theirs] == [PLAIN.name, BARE.name]
    assert [item.area for item in theirs] == [7654, 1200]
    shape = converter.to_shapely_polygon(theirs[0].polygons[0])
    assert shape.is_valid
    assert same_ring(PLAIN.outer, [(float(x), float(y)) for x, y in shape.exterior.coords[:-1]])
    holes = [tuple((float(x), float(y)) for x, y in hole.coords[:-1]) for hole in shape.interiors]
    assert same_rings(PLAIN.inners, holes)
    customer = other.customers[0]
    assert PLAIN.farmer == (customer.last_name if isinstance(customer, other_v4.Customer) else customer.designator)
    assert theirs[0].customer_id_ref == other.customers[0].id


def test_another_library_finds_headland_and_guidance_of_version_4(tmp_path: Path) -> None:
    other = isoxml_from_text(document("isoxml4", PLAIN).decode())
    (theirs,) = other.partfields
    assert [shape.type for shape in theirs.polygons] == [
        other_v4.PolygonType.PartfieldBoundary,
        other_v4.PolygonType.Headland,
    ]
    patterns = [group.guidance_patterns[0] for group in theirs.guidance_groups]
    assert [item.type for item in patterns] == [other_v4.GuidancePatternType.AB, other_v4.GuidancePatternType.Curve]
    ab = patterns[0].line_strings[0] if hasattr(patterns[0], "line_strings") else patterns[0].line_string
    assert ab.width == 2400
    assert same_line(PLAIN.guidance[0].positions, [(float(p.east), float(p.north)) for p in ab.points])


def test_a_machine_gets_the_folder_it_looks_for() -> None:
    with zipfile.ZipFile(BytesIO(machine.write("isoxml4", [PLAIN]).content)) as archive:
        assert archive.namelist() == ["TASKDATA/TASKDATA.XML", "README.txt"]
        assert "筆界（境界）を確定するものではありません" in archive.read("README.txt").decode("utf-8-sig")


def test_a_long_name_is_cut_to_32_letters_and_said() -> None:
    file = machine.write("isoxml4", [replace(PLAIN, name="長" * 40)])
    (again,) = machine.read(file.content, file.name)
    assert again.name == "長" * 32
    assert any("32文字" in note for note in file.notes)


def test_version_3_has_no_headland_and_says_so() -> None:
    file = machine.write("isoxml3", [PLAIN])
    assert any("枕地は入れていません" in note for note in file.notes)
    assert any("GuidancePath" in note for note in file.notes)
    assert b'A="10"' not in document("isoxml3", PLAIN)


def test_an_area_that_was_not_stated_is_measured_without_the_inner_boundaries() -> None:
    with_pond = MachineField("1", "田", SQUARE, (POND,))
    (again,) = machine.read(machine.write("isoxml4", [with_pond]).content, "x.zip")
    assert again.area_m2 == pytest.approx(2500 - 100, rel=0.005)


def test_a_ring_may_be_closed_or_not() -> None:
    closed = read(area(1, line(1, [*SQUARE, SQUARE[0]])))
    assert same_line(closed.outer, read(area(1, line(1, SQUARE))).outer)
    assert len(closed.outer) == 4


def test_latitude_stands_in_c_and_longitude_in_d() -> None:
    assert b'C="37.2835' in document("isoxml4", PLAIN)
    assert b'D="140.6286' in document("isoxml4", PLAIN)
    assert read(BOUNDARY).outer[0] == at(0, 0)


def test_swapped_latitude_and_longitude_are_refused_in_a_sentence() -> None:
    swapped = [(lat, lon) for lon, lat in SQUARE]
    with pytest.raises(UnreadableFileError, match="緯度と経度が入れ替わっています"):
        read(area(1, line(1, swapped)))


def test_a_headland_strip_is_the_line_where_it_begins() -> None:
    inner_edge = ring((5, 5), (45, 5), (45, 45), (5, 45))
    strip = read(BOUNDARY + area(10, line(1, SQUARE), line(2, inner_edge)))
    alone = read(BOUNDARY + area(10, line(1, inner_edge)))
    main_field = read(BOUNDARY + area(9, line(1, inner_edge)))
    for found in (strip, alone, main_field):
        assert found.headland is not None
        assert same_ring(found.headland, inner_edge)


def test_obstacles_inside_become_inner_boundaries_with_a_note() -> None:
    found = read(BOUNDARY + area(6, line(1, POND)))
    assert same_rings(found.inners, [POND])
    assert any("障害物" in note for note in found.notes)


def test_treatment_zones_and_windbreaks_are_left_out_with_a_note() -> None:
    found = read(BOUNDARY + area(2, line(1, POND)) + area(12, line(1, POND)))
    assert found.inners == ()
    assert any("処理区画" in note for note in found.notes)
    assert any("防風林" in note for note in found.notes)


def test_several_outsides_become_several_fields_each_with_its_own_holes_and_lines() -> None:
    far = ring((100, 0), (150, 0), (150, 50), (100, 50))
    hole = ring((110, 10), (120, 10), (120, 20))
    inside = area(1, line(1, SQUARE), line(1, far), line(2, hole)) + line(5, [at(105, 30), at(140, 30)])
    first, second = machine.read(task_data(partfield(inside), 3), "TASKDATA.XML")
    assert (first.name, second.name) == ("前田（1/2）", "前田（2/2）")
    assert (len(first.inners), len(second.inners)) == (0, 1)
    assert (len(first.guidance), len(second.guidance)) == (0, 1)


def test_a_file_that_claims_version_3_but_uses_version_4_reads_with_a_note() -> None:
    found = read(BOUNDARY + area(10, line(1, POND)) + f'<PNT A="10" C="{at(1, 1)[1]}" D="{at(1, 1)[0]}"/>', version=3)
    assert found.headland is not None
    assert any("3版と書かれていますが" in note and "PNT の 10" in note for note in found.notes)


def test_points_in_a_binary_file_are_refused_kindly() -> None:
    with pytest.raises(UnsupportedFileError, match="バイナリファイル"):
        read(area(1, '<LSG A="1"><PNT A="2" C="" D="" J="PNT00001" K="120"/></LSG>'))


@pytest.mark.parametrize("text", ["", "abc", "NaN", "1e999", "37,28", "٣٧", "1_0"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UnreadableFileError, match="数ではありません"):
        read(area(1, f'<LSG A="1"><PNT A="2" C="{text}" D="140.6"/></LSG>'))


def test_a_pivot_is_left_out_with_a_note() -> None:
    pivot = f'<GPN A="GPN1" B="丸" C="4" H="50000"><LSG A="5">{points([at(0, 0)], 8)}</LSG></GPN>'
    found = read(f'{BOUNDARY}<GGP A="GGP1">{pivot}</GGP>')
    assert found.guidance == ()
    assert any("ピボット" in note for note in found.notes)


def test_external_files_are_read_from_beside_and_never_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "secret.xml").write_text("<XFC/>")
    folder = tmp_path / "TASKDATA"
    folder.mkdir()
    (folder / "taskdata.xml").write_bytes(task_data('<XFR A="PFD00001" B="1"/>'))
    (folder / "pfd00001.xml").write_text(f"<XFC>{partfield(BOUNDARY)}</XFC>", "utf-8")
    (found,) = machine.read(folder)
    assert same_ring(found.outer, SQUARE)
    (folder / "taskdata.xml").write_bytes(task_data('<XFR A="../secret" B="1"/>'))
    with pytest.raises(UnreadableFileError, match="正しくありません"):
        machine.read(folder)


def test_a_missing_external_file_is_named() -> None:
    with pytest.raises(UnreadableFileError, match=r"PFD00001\.XML が一緒にありません"):
        machine.read(task_data('<XFR A="PFD00001" B="1"/>'), "TASKDATA.XML")


def test_a_link_list_and_other_papers_beside_are_tolerated() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("A/TASKDATA/LINKLIST.XML", "<ISO11783LinkList/>")
        archive.writestr("A/TASKDATA/TASKDATA.XML", task_data(partfield(BOUNDARY)))
        archive.writestr("A/TASKDATA/TLG00001.BIN", b"\0" * 100)
    (found,) = machine.read(buffer.getvalue(), "usb.zip")
    assert same_ring(found.outer, SQUARE)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (task_data(""), "圃場（PFD）がありません"),
        (task_data("", version=2), "2版です"),
        (task_data(partfield(BOUNDARY))[:-60], "XML として読めません"),
    ],
)
def test_what_is_no_task_set_of_fields_is_refused_in_a_sentence(raw: bytes, sentence: str) -> None:
    with pytest.raises((UnreadableFileError, UnsupportedFileError), match=sentence):
        machine.read(raw, "TASKDATA.XML")


def test_a_self_crossing_boundary_reads_with_a_warning() -> None:
    bow = ring((0, 0), (50, 50), (50, 0), (0, 50))
    assert any("自分と交わる" in note for note in read(area(1, line(1, bow))).notes)


def test_guidance_without_a_name_is_numbered() -> None:
    found = read(BOUNDARY + line(5, [at(0, 0), at(10, 0)]))
    assert found.guidance == (GuidanceLine("誘導線1", (at(0, 0), at(10, 0)), None),)
