"""The count and length tests."""

from dataclasses import replace

import pytest
from shapely import LineString, Point, box

from layers.store.definitions import ThemeTest
from layers.store.outcomes import Outcome
from tests.layers.inquiries.engine.engine_samples import THEME, ask, evidence, parcel

PLOT = box(0, 0, 20, 20)
LIGHTS = replace(THEME, test=ThemeTest.COUNT, distance_m=30.0, label_applies="{count}基", label_not="なし")
PIPES = replace(THEME, test=ThemeTest.LENGTH, label_applies="延長{length_m}m", label_not="なし")


def test_features_within_the_distance_are_counted_between_the_least_and_the_most_there_can_be() -> None:
    held = evidence([Point(25, 10), Point(48, 10), Point(52, 10), Point(90, 10)], error_m=5.0)
    finding = ask(parcel(PLOT), LIGHTS, held)
    assert finding.outcome is Outcome.APPLIES
    assert finding.label == "2基"
    assert [finding.measure[name] for name in ("count_min", "count", "count_max")] == [1, 2, 3]


def test_a_count_of_which_none_is_certain_is_near_the_boundary() -> None:
    finding = ask(parcel(PLOT), LIGHTS, evidence([Point(48, 10)], error_m=5.0))
    assert finding.outcome is Outcome.NEAR_BOUNDARY
    assert finding.label == "境界付近・要確認（1基）"


def test_nothing_within_the_distance_and_the_band_is_a_no() -> None:
    assert ask(parcel(PLOT), LIGHTS, evidence([Point(56, 10)], error_m=5.0)).outcome is Outcome.DOES_NOT_APPLY


def test_without_a_distance_what_is_inside_the_parcel_is_counted() -> None:
    theme = replace(LIGHTS, distance_m=None)
    held = evidence([Point(10, 10), Point(1, 10), Point(21, 10)], error_m=5.0)
    finding = ask(parcel(PLOT), theme, held)
    assert [finding.measure[name] for name in ("count_min", "count", "count_max")] == [1, 2, 3]


def test_the_length_of_lines_inside_the_parcel_is_measured_between_the_least_and_the_most() -> None:
    finding = ask(parcel(PLOT), PIPES, evidence([LineString([(10, -50), (10, 50)])], error_m=2.0))
    assert finding.outcome is Outcome.APPLIES
    assert finding.label == "延長20m"
    assert finding.measure["length_m"] == 20
    assert finding.measure["length_min_m"] == pytest.approx(16, abs=0.11)
    assert finding.measure["length_max_m"] == pytest.approx(24, abs=0.11)


def test_a_line_that_only_touches_a_corner_has_no_length_there() -> None:
    held = evidence([LineString([(20, 20), (40, 40)])])
    assert ask(parcel(PLOT), PIPES, held).outcome is Outcome.NEAR_BOUNDARY


def test_a_line_along_the_edge_may_lie_inside_or_outside() -> None:
    finding = ask(parcel(PLOT), PIPES, evidence([LineString([(20, -50), (20, 50)])], error_m=1.0))
    assert finding.outcome is Outcome.NEAR_BOUNDARY


def test_lengths_are_measured_around_the_parcel_if_the_theme_has_a_distance() -> None:
    theme = replace(PIPES, distance_m=10.0)
    finding = ask(parcel(PLOT), theme, evidence([LineString([(25, -5), (25, 25)])]))
    assert finding.measure["length_m"] == pytest.approx(30, abs=0.1)


def test_an_undetermined_parcel_is_never_certain_to_hold_anything() -> None:
    finding = ask(parcel(PLOT, undetermined=True), LIGHTS, evidence([Point(10, 10)]))
    assert finding.outcome is Outcome.NEAR_BOUNDARY
