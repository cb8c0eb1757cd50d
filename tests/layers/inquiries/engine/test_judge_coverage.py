"""Where a layer does not know, finding nothing is データなし and never 非該当."""

from dataclasses import replace

import pytest
from shapely import Polygon, box

from layers.store.definitions import ThemeTest
from layers.store.outcomes import Outcome
from tests.layers.inquiries.engine.engine_samples import COUNTRY, THEME, ask, evidence, parcel

ZONE = box(0, 0, 100, 100)
HALF = box(0, 0, 1000, 1000)
FARTHER = box(1020, 0, 1040, 20)


def test_without_any_known_coverage_nothing_found_is_no_data() -> None:
    finding = ask(parcel(box(500, 500, 520, 520)), THEME, evidence([ZONE], coverage=None))
    assert finding.outcome is Outcome.NO_DATA
    assert finding.label == "データなし（データの範囲が示されていません）"


def test_without_any_known_coverage_a_certain_overlap_still_applies_and_says_so() -> None:
    finding = ask(parcel(box(40, 40, 60, 60)), THEME, evidence([ZONE], coverage=None))
    assert finding.outcome is Outcome.APPLIES
    assert finding.notes == ("このレイヤはデータの範囲が示されていないため、ほかに該当がないとは言えません。",)


def test_a_parcel_outside_the_coverage_has_no_data() -> None:
    finding = ask(parcel(FARTHER), THEME, evidence([ZONE], coverage=HALF))
    assert finding.outcome is Outcome.NO_DATA
    assert finding.label == "データなし（筆の100%がデータの範囲外）"
    assert finding.measure["covered_share"] == 0


def test_a_parcel_partly_outside_the_coverage_has_no_data_and_says_how_much() -> None:
    finding = ask(parcel(box(980, 0, 1020, 20)), THEME, evidence([ZONE], coverage=HALF))
    assert finding.outcome is Outcome.NO_DATA
    assert finding.measure["covered_share"] == 0.5
    assert finding.label == "データなし（筆の50%がデータの範囲外）"


def test_a_parcel_in_a_hole_of_the_coverage_has_no_data() -> None:
    holed = Polygon(HALF.exterior.coords, [box(400, 400, 600, 600).exterior.coords])
    finding = ask(parcel(box(480, 480, 500, 500)), THEME, evidence([ZONE], coverage=holed))
    assert finding.outcome is Outcome.NO_DATA


def test_a_parcel_along_the_edge_of_the_coverage_is_covered_as_far_as_the_outlines_can_tell() -> None:
    held = evidence([ZONE], coverage=HALF, coverage_error_m=17.5)
    finding = ask(parcel(box(990, 500, 1010, 520), error_m=0.75), THEME, held)
    assert finding.outcome is Outcome.DOES_NOT_APPLY
    assert finding.measure["covered_share"] == 0.5
    assert "データの範囲の端" in finding.notes[0]


def test_a_certain_overlap_with_part_of_the_parcel_outside_the_coverage_applies_with_a_note() -> None:
    held = evidence([box(900, 0, 1000, 100)], coverage=HALF)
    finding = ask(parcel(box(980, 0, 1020, 20)), THEME, held)
    assert finding.outcome is Outcome.APPLIES
    assert finding.notes == ("筆の50%はデータの範囲外です。",)
    assert finding.measure["overlap_m2"] == 400


def test_a_drawn_overlap_is_not_hidden_behind_a_gap_even_if_it_is_not_certain() -> None:
    held = evidence([box(900, 0, 1000, 100)], error_m=30.0, coverage=HALF)
    finding = ask(parcel(box(980, 0, 1020, 20)), THEME, held)
    assert finding.outcome is Outcome.NEAR_BOUNDARY


def test_a_zone_near_a_parcel_outside_the_coverage_is_told_beside_the_gap() -> None:
    held = evidence([box(900, 0, 1000, 100)], error_m=30.0, coverage=HALF)
    finding = ask(parcel(FARTHER), THEME, held)
    assert finding.outcome is Outcome.NO_DATA
    assert finding.notes == ("位置の誤差の範囲内に区域の線があります（区域内）。",)
    assert finding.measure["distance_m"] == 20


def test_nothing_within_a_distance_that_leaves_the_coverage_is_no_data() -> None:
    theme = replace(THEME, distance_m=50.0)
    assert ask(parcel(box(960, 0, 980, 20)), theme, evidence([ZONE], coverage=HALF)).outcome is Outcome.NO_DATA
    assert ask(parcel(box(920, 60, 940, 80)), theme, evidence([ZONE], coverage=HALF)).outcome is Outcome.DOES_NOT_APPLY


@pytest.mark.parametrize("test", [ThemeTest.NEAREST, ThemeTest.ADJACENCY, ThemeTest.COUNT, ThemeTest.LENGTH])
def test_every_distance_test_answers_no_inside_the_coverage_and_no_data_outside(test: ThemeTest) -> None:
    theme = replace(THEME, test=test, distance_m=10.0)
    held = evidence([], coverage=HALF)
    assert ask(parcel(box(500, 500, 520, 520)), theme, held).outcome is Outcome.DOES_NOT_APPLY
    assert ask(parcel(FARTHER), theme, held).outcome is Outcome.NO_DATA


def test_the_nearest_of_all_is_no_data_outside_the_coverage() -> None:
    theme = replace(THEME, test=ThemeTest.NEAREST)
    assert ask(parcel(FARTHER), theme, evidence([ZONE], coverage=HALF)).outcome is Outcome.NO_DATA


def test_the_nearest_of_all_says_when_something_nearer_may_lie_beyond_the_coverage() -> None:
    theme = replace(THEME, test=ThemeTest.NEAREST)
    near = ask(parcel(box(110, 500, 120, 510)), theme, evidence([ZONE], coverage=COUNTRY))
    assert near.notes == ()
    edge = ask(parcel(box(900, 500, 920, 520)), theme, evidence([ZONE], coverage=HALF))
    assert edge.notes == ("データの範囲の外に、より近いものがある可能性があります。",)
