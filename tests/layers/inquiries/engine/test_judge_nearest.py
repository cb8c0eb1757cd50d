"""The nearest test: what is nearest, and whether it is within the distance asked about."""

from dataclasses import replace

from shapely import LineString, MultiLineString, Point, box

from layers.inquiries.engine import judge
from layers.store.definitions import ThemeTest
from layers.store.outcomes import Outcome
from tests.layers.inquiries.engine.engine_samples import THEME, ask, evidence, parcel

PLOT = box(0, 0, 20, 20)
MAIN = replace(
    THEME,
    test=ThemeTest.NEAREST,
    distance_m=10.0,
    label_applies="{name}あり",
    label_not="10m以内になし",
    show=("name",),
)
SHELTER = replace(MAIN, distance_m=None, label_applies="最寄りは{name}（直線{distance_m}m）")


def test_a_main_within_the_distance_whatever_the_band_does_applies() -> None:
    held = evidence([LineString([(25, -50), (25, 50)])], error_m=3.0, name=["配水管"])
    finding = ask(parcel(PLOT), MAIN, held)
    assert finding.outcome is Outcome.APPLIES
    assert finding.label == "配水管あり"
    assert finding.measure["distance_m"] == 5
    assert finding.measure["count"] == 1
    assert finding.measure["features"] == [{"fid": 1, "name": "配水管", "distance_m": 5}]


def test_a_main_within_the_distance_but_not_for_sure_is_near_the_boundary() -> None:
    held = evidence([LineString([(28, -50), (28, 50)])], error_m=3.0, name=["配水管"])
    finding = ask(parcel(PLOT), MAIN, held)
    assert finding.outcome is Outcome.NEAR_BOUNDARY
    assert finding.label == "境界付近・要確認（配水管あり、約8.0m）"


def test_a_main_beyond_the_distance_but_within_the_band_of_it_is_near_the_boundary_and_not_counted() -> None:
    held = evidence([LineString([(32, -50), (32, 50)])], error_m=3.0)
    finding = ask(parcel(PLOT), MAIN, held)
    assert finding.outcome is Outcome.NEAR_BOUNDARY
    assert finding.measure["count"] == 0


def test_a_main_beyond_the_distance_and_the_band_is_a_no() -> None:
    finding = ask(parcel(PLOT), MAIN, evidence([LineString([(34, -50), (34, 50)])], error_m=3.0))
    assert finding.outcome is Outcome.DOES_NOT_APPLY
    assert finding.label == "10m以内になし"


def test_with_a_band_wider_than_the_distance_only_what_is_deep_inside_the_parcel_applies() -> None:
    theme, wide = replace(MAIN, distance_m=1.0), box(0, 0, 40, 40)
    through = evidence([LineString([(20, -50), (20, 50)])], error_m=5.0)
    assert ask(parcel(wide), theme, through).outcome is Outcome.APPLIES
    along = evidence([LineString([(2, -50), (2, 50)])], error_m=5.0)
    assert ask(parcel(wide), theme, along).outcome is Outcome.NEAR_BOUNDARY


def test_the_features_are_listed_nearest_first_each_once() -> None:
    twice = MultiLineString([[(23, 0), (23, 20)], [(21, 0), (21, 20)]])
    held = evidence([LineString([(22, 0), (22, 20)]), twice], name=["甲", "乙"])
    finding = ask(parcel(PLOT), MAIN, held)
    assert finding.measure["features"] == [
        {"fid": 2, "name": "乙", "distance_m": 1},
        {"fid": 1, "name": "甲", "distance_m": 2},
    ]
    assert finding.label == "乙あり"


def test_a_feature_that_meets_the_parcel_is_at_no_distance() -> None:
    assert ask(parcel(PLOT), MAIN, evidence([Point(10, 10)])).measure["distance_m"] == 0


def test_without_a_distance_the_nearest_is_told_however_far_it_is() -> None:
    held = evidence([Point(5020, 10), Point(1220, 10)], error_m=20.0, name=["小野高校", "町民体育館"])
    finding = ask(parcel(PLOT), SHELTER, held)
    assert finding.outcome is Outcome.APPLIES
    assert finding.label == "最寄りは町民体育館（直線1,200m）"
    assert finding.measure["distance_m"] == 1200
    assert finding.measure["feature_count"] == 1


def test_without_a_distance_an_empty_layer_is_a_no() -> None:
    assert ask(parcel(PLOT), SHELTER, evidence([])).outcome is Outcome.DOES_NOT_APPLY


def test_only_features_that_pass_the_where_are_looked_for() -> None:
    theme = replace(SHELTER, where={"kind": ("2",)})
    held = evidence([Point(30, 10), Point(520, 10)], kind=[1, 2], name=["甲", "乙"])
    assert ask(parcel(PLOT), theme, held).label == "最寄りは乙（直線500m）"


def test_each_parcel_gets_its_own_nearest() -> None:
    held = evidence([Point(0, 0), Point(1000, 0)], name=["西", "東"])
    asked = [parcel(box(x, 10, x + 10, 20)) for x in (900, 100)]
    labels = [finding.label for finding in judge(asked, SHELTER, held)]
    assert labels == ["最寄りは東（直線90.6m）", "最寄りは西（直線100.5m）"]


def test_an_undetermined_parcel_is_never_certain_to_have_something_within_a_distance() -> None:
    finding = ask(parcel(PLOT, undetermined=True), MAIN, evidence([Point(10, 10)]))
    assert finding.outcome is Outcome.NEAR_BOUNDARY
