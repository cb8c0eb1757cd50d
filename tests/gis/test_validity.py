"""Broken geometries: repaired and named, or refused and named; never passed on."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon

from gis.errors import UnsupportedFileError
from gis.formats import moj_xml
from gis.validity import as_multi, fault, misfits, repair

SQUARE = Polygon([(0, 0), (10, 0), (10, 10), (0, 10)])
TWO_FIELDS_AT_A_POINT = Polygon([(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)])
BOW_TIE = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
# A corner that was digitised a few centimetres beyond the line it should have met.
OVERSHOT = Polygon([(0, 0), (10, 0), (10, 10), (5, 10), (5.02, 10.01), (5.01, 9.99), (0, 10)])


def rows(*geometries: object) -> np.ndarray:
    column = np.empty(len(geometries), dtype=object)
    column[:] = geometries
    return column


def not_a_number() -> Polygon:
    with np.errstate(invalid="ignore"):
        return Polygon([(0, 0), (1, np.nan), (1, 1)])


def test_what_is_valid_is_left_as_it_is_and_nothing_is_said() -> None:
    source = rows(SQUARE, None, Point(1, 2), LineString([(0, 0), (1, 1)]))

    repaired, reasons, rejected = repair(source)

    assert [a is b for a, b in zip(repaired, source, strict=True)] == [True] * 4
    assert (reasons, rejected.tolist()) == ([None] * 4, [False] * 4)


def test_a_ring_that_touches_itself_becomes_two_parts_and_is_named() -> None:
    repaired, reasons, rejected = repair(rows(TWO_FIELDS_AT_A_POINT))

    assert (repaired[0].geom_type, repaired[0].area, rejected[0]) == ("MultiPolygon", 8.0, np.False_)
    assert reasons[0] == "輪が自分の頂点に触れていた（2, 0 付近）ため直しました（面積の変化なし）"


def test_a_ring_that_crosses_itself_is_repaired_and_named_with_the_change() -> None:
    repaired, reasons, rejected = repair(rows(OVERSHOT))

    assert shapely.is_valid(repaired[0])
    assert not rejected[0]
    assert reasons[0] is not None
    assert "自分と交差していた" in reasons[0]
    assert repaired[0].area == pytest.approx(OVERSHOT.area, abs=0.01)


def test_a_ring_that_crosses_in_its_middle_has_no_one_shape_and_is_refused() -> None:
    repaired, reasons, rejected = repair(rows(SQUARE, BOW_TIE), in_metres=True)

    assert rejected.tolist() == [False, True]
    assert repaired[1] is BOW_TIE
    assert "+2.00㎡" in str(reasons[1])
    assert "形を決められない" in str(reasons[1])


@pytest.mark.parametrize(
    ("geometry", "word"),
    [
        (Polygon(), "空"),
        (Point(), "空"),
        (not_a_number(), "数値でない"),
        (Polygon([(0, 0), (1, 1), (2, 2)]), "残らない"),
        (Polygon([(0, 0), (1, 1), (0, 0), (0, 0)]), "残らない"),
        (LineString([(3, 3), (3, 3)]), "残らない"),
    ],
    ids=["empty", "empty point", "not a number", "flat", "there and back", "a line of no length"],
)
def test_what_has_no_shape_is_refused_with_its_reason(geometry: object, word: str) -> None:
    repaired, reasons, rejected = repair(rows(geometry, SQUARE))

    assert rejected.tolist() == [True, False]
    assert word in str(reasons[0])
    assert (repaired[1], reasons[1]) == (SQUARE, None)


def test_repeated_vertices_go_and_are_counted() -> None:
    double = Polygon([(0, 0), (5, 0), (5, 0), (5, 0), (5, 5), (0, 5)])

    repaired, reasons, _ = repair(rows(double, SQUARE))

    assert shapely.get_num_coordinates(repaired[0]) == 5
    assert reasons == ["重複した頂点を2点除きました", None]


def test_a_hole_that_begins_where_its_ring_ends_repeats_nothing() -> None:
    meeting = Polygon([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)], [[(0, 0), (5, 1), (1, 5)]])

    repaired, reasons, _ = repair(rows(meeting))

    assert (repaired[0] is meeting, reasons) == (True, [None])


def test_a_part_inside_another_part_is_counted_once() -> None:
    nested = MultiPolygon([SQUARE, Polygon([(1, 1), (2, 1), (2, 2), (1, 2)])])

    repaired, reasons, rejected = repair(rows(nested), in_metres=True)

    assert (repaired[0].area, rejected[0]) == (100.0, np.False_)
    assert reasons[0] == "面の中に面が重なっていた（1, 1 付近）ため直しました（面積-1.00㎡）"


def test_specks_left_by_a_crossing_are_dropped_whatever_the_unit() -> None:
    # 1e-7 of the square folds over itself at one corner.
    fold = [(10, 10), (10.004, 10), (10, 9.996), (10.003, 9.9999), (0, 10)]
    for scale in (1.0, 1e-5):
        bad = shapely.transform(Polygon([(0, 0), (10, 0), *fold]), lambda xy, by=scale: xy * by)
        assert not shapely.is_valid(bad)

        repaired, _, rejected = repair(rows(bad), in_metres=scale == 1.0)

        assert not rejected[0]
        parts = shapely.get_parts(repaired[0])
        assert shapely.area(parts).min() > 1e-6 * repaired[0].area


def test_where_the_unit_is_not_told_the_change_is_stated_in_percent() -> None:
    nested = MultiPolygon([shapely.box(140.0, 37.0, 140.01, 37.01), shapely.box(140.001, 37.001, 140.002, 37.002)])

    _, reasons, _ = repair(rows(nested))

    assert "-0.990%" in str(reasons[0])


def test_no_rows_are_no_trouble() -> None:
    repaired, reasons, rejected = repair(rows())

    assert (len(repaired), reasons, len(rejected)) == (0, [], 0)


coordinates = st.tuples(st.integers(0, 12), st.integers(0, 12))


@given(st.lists(st.lists(coordinates, min_size=3, max_size=9), min_size=1, max_size=6))
def test_whatever_ring_comes_in_only_valid_polygons_go_on(rings: list[list[tuple[int, int]]]) -> None:
    source = rows(*(Polygon(ring) for ring in rings))

    repaired, reasons, rejected = repair(source)

    for before, after, reason, refused in zip(source, repaired, reasons, rejected, strict=True):
        if refused:
            assert reason is not None
            assert after is before
        else:
            assert after.is_valid
            assert after.area > 0
            assert after.geom_type in {"Polygon", "MultiPolygon"}
            assert (reason is None) == (after is before)
            assert abs(after.area - before.area) <= 0.1 * before.area + 1e-9


def test_every_row_is_cast_to_the_kind_of_the_layer() -> None:
    two = MultiPolygon([SQUARE, shapely.box(20, 20, 30, 30)])

    cast = as_multi(rows(SQUARE, two, None, GeometryCollection([SQUARE, Point(1, 1)])), "MultiPolygon")

    assert [None if g is None else g.geom_type for g in cast] == ["MultiPolygon", "MultiPolygon", None, "MultiPolygon"]
    assert [0 if g is None else len(g.geoms) for g in cast] == [1, 2, 0, 1]


def test_lines_and_points_are_cast_too() -> None:
    line = LineString([(0, 0), (1, 1)])

    assert as_multi(rows(line, MultiLineString([line])), "MultiLineString").tolist() == [MultiLineString([line])] * 2
    assert as_multi(rows(Point(1, 2), MultiPoint([(3, 4)])), "Point").tolist() == [Point(1, 2), Point(3, 4)]


@pytest.mark.parametrize(
    ("geometry", "kind"),
    [
        (SQUARE, "Point"),
        (Point(1, 2), "MultiPolygon"),
        (MultiPoint([(1, 2), (3, 4)]), "Point"),
        (Polygon(), "MultiPolygon"),
    ],
)
def test_a_row_of_another_kind_is_not_bent_into_shape(geometry: object, kind: str) -> None:
    column = rows(None, geometry)

    assert misfits(column, kind).tolist() == [False, True]
    with pytest.raises(UnsupportedFileError, match="2番目"):
        as_multi(column, kind)


def test_the_sheets_of_the_registry_come_through_without_a_loss(shared_data: Path) -> None:
    tables = list(moj_xml.read(shared_data / "mojxml" / "15222-1107-1553.xml.zip"))
    geometry = np.concatenate([table.geometry for table in tables])
    assert (~shapely.is_valid(geometry)).sum() == 6

    repaired, reasons, rejected = repair(geometry, in_metres=True)

    assert not rejected.any()
    assert shapely.is_valid(repaired).all()
    assert [reason for reason in reasons if reason and "頂点に触れていた" not in reason] == []
    assert len([reason for reason in reasons if reason]) == 6
    assert np.abs(shapely.area(repaired) - shapely.area(geometry)).max() < 1e-6


@pytest.mark.parametrize(
    ("geometry", "cause"),
    [
        (BOW_TIE, "境界線が自分と交差していた（1, 1 付近）"),
        (Polygon(), "図形が空です"),
        (Point(np.nan, 1), "座標に数値でないものがあります"),
        (LineString([(0, 0), (np.inf, 1)]), "座標に数値でないものがあります"),
        (SQUARE, None),
        (MultiPoint([(0, 0), (0, 0)]), None),
    ],
)
def test_what_is_not_to_be_repaired_is_only_told_what_is_wrong(geometry: object, cause: str | None) -> None:
    assert fault(geometry) == cause
