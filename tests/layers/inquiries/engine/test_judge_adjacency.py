"""The adjacency test: which roads a parcel lies on, and how wide they are."""

from dataclasses import replace

import pytest
from shapely import LineString, box

from layers.inquiries.engine.labels import width_class
from layers.store.definitions import ThemeTest
from layers.store.outcomes import Outcome
from tests.layers.inquiries.engine.engine_samples import THEME, ask, evidence, parcel

PLOT = box(0, 0, 20, 20)
ROAD = replace(
    THEME,
    test=ThemeTest.ADJACENCY,
    distance_m=1.0,
    label_applies="{name}に接する",
    label_not="接していない",
    width_field="width_m",
    width_classes_m=(4.0, 8.0),
    show=("name",),
)


def along(x: float) -> LineString:
    return LineString([(x, -50), (x, 70)])


def test_a_parcel_along_the_drawn_edge_of_a_road_lies_on_it() -> None:
    finding = ask(parcel(PLOT), ROAD, evidence([along(23)], error_m=1.75, width_m=[6.0], name=["町道1号線"]))
    assert finding.outcome is Outcome.APPLIES
    assert finding.label == "町道1号線に接する（幅員4m以上8m未満）"
    assert finding.measure["distance_m"] == 0
    assert finding.measure["width_m"] == 6
    assert finding.measure["width_class"] == "幅員4m以上8m未満"


def test_a_gap_that_drawing_leaves_is_within_the_theme_s_distance() -> None:
    held = evidence([along(23.9)], error_m=1.75, width_m=[6.0])
    finding = ask(parcel(PLOT), ROAD, held)
    assert finding.outcome is Outcome.APPLIES
    assert finding.measure["distance_m"] == pytest.approx(0.9)


def test_a_wider_gap_within_the_band_is_near_the_boundary() -> None:
    finding = ask(parcel(PLOT), ROAD, evidence([along(25.5)], error_m=1.75, width_m=[6.0], name=["町道1号線"]))
    assert finding.outcome is Outcome.NEAR_BOUNDARY
    assert finding.label == "境界付近・要確認（町道1号線に接する（幅員4m以上8m未満））"
    assert finding.measure["count"] == 0


def test_a_gap_beyond_the_band_is_a_no() -> None:
    finding = ask(parcel(PLOT), ROAD, evidence([along(25.8)], error_m=1.75, width_m=[6.0]))
    assert finding.outcome is Outcome.DOES_NOT_APPLY
    assert finding.label == "接していない"


def test_a_wide_road_reaches_farther_than_a_narrow_one() -> None:
    held = evidence([along(30)], width_m=[18.0])
    assert ask(parcel(PLOT), ROAD, held).outcome is Outcome.APPLIES
    held = evidence([along(30)], width_m=[4.0])
    assert ask(parcel(PLOT), ROAD, held).outcome is Outcome.DOES_NOT_APPLY


def test_the_widest_road_names_the_finding_and_the_others_are_counted() -> None:
    held = evidence([along(-2), along(25)], width_m=[3.0, 9.0], name=["町道2号線", "県道"])
    finding = ask(parcel(PLOT), ROAD, held)
    assert finding.label == "県道に接する（幅員8m以上）ほか1路線"
    assert finding.measure["features"] == [
        {"fid": 2, "name": "県道", "distance_m": 0.5, "adjacent": True, "width_class": "幅員8m以上"},
        {"fid": 1, "name": "町道2号線", "distance_m": 0.5, "adjacent": True, "width_class": "幅員4m未満"},
    ]
    assert finding.measure["count"] == 2


def test_a_road_it_lies_on_names_the_finding_before_a_wider_one_that_is_only_near() -> None:
    held = evidence([along(-2), along(27)], error_m=3.0, width_m=[3.0, 9.0], name=["町道2号線", "県道"])
    finding = ask(parcel(PLOT), ROAD, held)
    assert finding.outcome is Outcome.APPLIES
    assert finding.label == "町道2号線に接する（幅員4m未満）"


def test_a_road_of_unknown_width_applies_only_by_its_centre_line() -> None:
    held = evidence([along(20.5)], error_m=0.5, width_m=[None], name=["里道"])
    finding = ask(parcel(PLOT), ROAD, held)
    assert finding.outcome is Outcome.APPLIES
    assert finding.label == "里道に接する（幅員不明）"
    assert "幅員の分からない路線" in finding.notes[0]


def test_a_road_of_unknown_width_is_open_as_far_as_a_wide_one_could_reach() -> None:
    held = evidence([along(25)], error_m=0.5, width_m=[None])
    assert ask(parcel(PLOT), ROAD, held).outcome is Outcome.NEAR_BOUNDARY
    held = evidence([along(25.6)], error_m=0.5, width_m=[None])
    assert ask(parcel(PLOT), ROAD, held).outcome is Outcome.DOES_NOT_APPLY


def test_a_label_that_says_the_width_class_itself_is_not_told_twice() -> None:
    theme = replace(ROAD, label_applies="{width_class}の{name}（{width}m）")
    finding = ask(parcel(PLOT), theme, evidence([along(23)], width_m=[6.5], name=["町道"]))
    assert finding.label == "幅員4m以上8m未満の町道（6.5m）"


def test_an_undetermined_parcel_is_never_certain_to_lie_on_a_road() -> None:
    finding = ask(parcel(PLOT, undetermined=True), ROAD, evidence([along(23)], width_m=[6.0]))
    assert finding.outcome is Outcome.NEAR_BOUNDARY


@pytest.mark.parametrize(
    ("width_m", "said"),
    [
        (3.99, "幅員4m未満"),
        (4.0, "幅員4m以上8m未満"),
        (7.99, "幅員4m以上8m未満"),
        (8.0, "幅員8m以上"),
        (None, "幅員不明"),
    ],
)
def test_a_width_on_a_bound_belongs_to_the_wider_class(width_m: float | None, said: str) -> None:
    assert width_class(width_m, (4.0, 8.0)) == said
