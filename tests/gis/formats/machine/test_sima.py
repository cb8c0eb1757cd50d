"""SIMA: records as survey programs write them, read by a second reader written here from the same description."""

from dataclasses import replace

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from gis.errors import MissingCrsError, MissingGridError, UnreadableFileError
from gis.formats import machine
from gis.formats.machine import Asked, MachineField
from tests.gis.formats.machine.samples import BARE, PLAIN, fields, ring, same_ring, same_rings

ZONE_9 = Asked(zone_epsg=6677)
# A public sample of a plot drawn from 法務省 map XML: one line a record, point names beside numbers, some without height.
ELSEWHERE = """G00,01,法務省地図XML2sima,
Z00,座標ﾃﾞｰﾀ,,
A00,
A01,1,5929554,645.479,-52621.837,,
A01,2,5929553,642.388,-52620.022,,
A01,3,5929547,591.051,-52630.159,,
A01,6,4154039,650.062,-52678.061,12.5,
A99,
Z00,区画ﾃﾞｰﾀ,
D00,1,848-1,1,
B01,1,5929554,
B01,2,5929553,
B01,3,5929547,
B01,6,4154039,
D99,
"""


def second_reader(raw: bytes) -> dict[str, list[tuple[float, float]]]:
    """Plots by name, as corners (X north, Y east), with no help from the code under test."""
    points: dict[str, tuple[float, float]] = {}
    plots: dict[str, list[tuple[float, float]]] = {}
    current: list[tuple[float, float]] = []
    for record in raw.decode("cp932").split("\r\n"):
        cells = record.split(",")
        match cells[0]:
            case "A01":
                points[cells[1]] = (float(cells[3]), float(cells[4]))
            case "D00":
                current = plots[cells[2]] = []
            case "B01":
                current.append(points[cells[1]])
    return plots


def test_the_records_stand_as_survey_programs_write_them() -> None:
    raw = machine.write("sima", [BARE]).content
    lines = raw.decode("cp932").split("\r\n")
    assert lines[:3] == ["G00,01,onomap 第9系 JGD2011,", "Z00,座標ﾃﾞｰﾀ,,", "A00,"]
    assert lines[3].startswith("A01,1,P1,")
    assert lines[3].endswith(",,")
    assert lines[6:9] == ["A99,", "Z00,区画ﾃﾞｰﾀ,", "D00,1,裏の畑,1,"]
    assert lines[9:] == ["B01,1,P1,", "B01,2,P2,", "B01,3,P3,", "D99,", ""]


def test_x_is_north_and_y_is_east() -> None:
    to_plane = Transformer.from_crs(6668, 6677, always_xy=True)
    plots = second_reader(machine.write("sima", [PLAIN]).content)
    assert list(plots) == ["前田の田んぼ", "前田の田んぼ_内側1", "前田の田んぼ_内側2", "前田の田んぼ_枕地"]
    for written, wanted in zip(plots.values(), [PLAIN.outer, *PLAIN.inners, PLAIN.headland or ()], strict=True):
        for (north, east), (lon, lat) in zip(written, wanted, strict=True):
            x, y = to_plane.transform(lon, lat)
            assert (north, east) == pytest.approx((y, x), abs=0.0006)
    assert plots["前田の田んぼ"][0][0] > 100_000, "小野町 lies 142 km north of the origin, 70 km east of it"


@given(st.lists(fields(guided=False), min_size=1, max_size=3, unique_by=lambda item: item.name))
@settings(max_examples=40, deadline=None)
def test_what_is_written_reads_back_to_a_millimetre_with_its_inner_boundaries(items: list[MachineField]) -> None:
    again = machine.read(machine.write("sima", items).content, "x.sim")
    assert [item.name for item in again] == [item.name for item in items]
    for one, other in zip(items, again, strict=True):
        assert same_ring(one.outer, other.outer)
        assert same_rings(one.inners, other.inners)
        assert (one.headland is None) == (other.headland is None)


def test_inner_boundaries_are_plots_of_their_own_and_that_is_said_both_ways() -> None:
    file = machine.write("sima", [PLAIN])
    assert any("別の区画" in note and "引いてください" in note for note in file.notes)
    assert any("誘導線 2本" in note for note in file.notes)
    (again,) = machine.read(file.content, "x.sim")
    assert any("内側の境界・枕地として読みました" in note for note in again.notes)


def test_a_plot_that_only_sounds_like_a_part_stays_a_plot() -> None:
    apart = replace(BARE, name="前田の田んぼ_内側1")
    names = [
        item.name
        for item in machine.read(machine.write("sima", [replace(PLAIN, inners=(), headland=None), apart]).content)
    ]
    assert names == ["前田の田んぼ", "前田の田んぼ_内側1"]


def test_a_file_from_elsewhere_reads_in_the_zone_of_the_asker_and_says_so() -> None:
    (found,) = machine.read(ELSEWHERE.encode("cp932"), "848.sim", ZONE_9)
    lon, lat = found.outer[0]
    assert (found.name, len(found.outer)) == ("848-1", 4)
    assert 35.9 < lat < 36.1
    assert 139.2 < lon < 139.3
    assert any("系" in note for note in found.notes)
    assert any("標高" in note for note in found.notes)


def test_without_any_zone_nothing_is_guessed() -> None:
    with pytest.raises(MissingCrsError, match="系番号がありません"):
        machine.read(ELSEWHERE.encode("cp932"), "848.sim")


def test_an_older_datum_needs_its_grid() -> None:
    older = ELSEWHERE.replace("法務省地図XML2sima", "第9系 JGD2000")
    with pytest.raises(MissingGridError):
        machine.read(older.encode("cp932"), "848.sim", ZONE_9)


def test_letters_that_cp932_lacks_are_replaced_and_told() -> None:
    file = machine.write("sima", [replace(BARE, name="𠮷田,の畑")])
    (again,) = machine.read(file.content)
    assert again.name == "〓田、の畑"
    assert any("𠮷" in note for note in file.notes)


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (ELSEWHERE.replace("D99,\n", ""), "途中で切れています"),
        (ELSEWHERE.replace("A01,2,5929553,642.388,-52620.022,,\n", ""), "5929553"),
        (ELSEWHERE.replace("642.388", "北642"), "数ではありません"),
        (ELSEWHERE.replace("A01,3,5929547,591.051,-52630.159,,", "A01,3,592"), "6 行目は項目が足りません"),
        (ELSEWHERE.replace("D00,1,848-1,1,\n", ""), "どの区画にも入らない"),
        (ELSEWHERE.replace("645.479", "64547900.1"), "第9系"),
        (ELSEWHERE[: ELSEWHERE.index("Z00,区画")], "境界（面）がありません"),
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(broken: str, sentence: str) -> None:
    with pytest.raises(UnreadableFileError, match=sentence):
        machine.read(broken.encode("cp932"), "848.sim", ZONE_9)


def test_shared_corners_are_written_once() -> None:
    left = MachineField("1", "左", ring((0, 0), (50, 0), (50, 50), (0, 50)))
    right = MachineField("2", "右", ring((50, 0), (90, 0), (90, 50), (50, 50)))
    raw = machine.write("sima", [left, right]).content.decode("cp932")
    assert raw.count("A01,") == 6
    shapes = [shapely.Polygon(item.outer) for item in machine.read(raw.encode("cp932"))]
    assert shapes[0].touches(shapes[1])
