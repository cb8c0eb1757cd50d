"""The overlap test: 該当, 非該当 and what lies between, rule by rule."""

from dataclasses import replace

import pytest
from shapely import MultiPolygon, Polygon, box

from layers.inquiries.engine import judge
from layers.store.outcomes import Outcome
from tests.layers.inquiries.engine.engine_samples import BY_KIND, THEME, ask, evidence, parcel

ZONE = box(0, 0, 100, 100)


def test_a_parcel_farther_inside_than_the_band_applies_with_all_of_its_area() -> None:
    finding = ask(parcel(box(40, 40, 60, 60), error_m=3.0), THEME, evidence([ZONE], error_m=4.0))
    assert finding.outcome is Outcome.APPLIES
    assert finding.label == "区域内"
    assert (
        finding.measure["overlap_m2"] == finding.measure["overlap_min_m2"] == finding.measure["overlap_max_m2"] == 400
    )
    assert finding.measure["share"] == 1.0
    assert finding.measure["band_m"] == 5.0


def test_a_parcel_narrower_than_the_band_but_deep_inside_applies() -> None:
    finding = ask(parcel(box(50, 50, 52, 52)), THEME, evidence([ZONE], error_m=20.0))
    assert finding.outcome is Outcome.APPLIES


def test_a_parcel_inside_but_all_of_it_within_the_band_of_the_outline_is_near_the_boundary() -> None:
    finding = ask(parcel(box(1, 40, 9, 60)), THEME, evidence([ZONE], error_m=10.0))
    assert finding.outcome is Outcome.NEAR_BOUNDARY
    assert finding.label == "境界付近・要確認（区域内）"
    assert finding.measure["overlap_m2"] == 160
    assert finding.measure["overlap_min_m2"] == 0


def test_a_parcel_that_shares_an_edge_with_a_zone_is_near_the_boundary() -> None:
    finding = ask(parcel(box(100, 0, 120, 20)), THEME, evidence([ZONE], error_m=1.0))
    assert finding.outcome is Outcome.NEAR_BOUNDARY
    assert finding.measure["overlap_m2"] == 0
    assert finding.measure["distance_m"] == 0
    assert finding.measure["overlap_max_m2"] == pytest.approx(20.0, rel=0.01)


def test_a_parcel_exactly_as_far_away_as_the_band_is_near_the_boundary_and_a_little_farther_it_is_not() -> None:
    held = evidence([ZONE], error_m=5.0)
    assert ask(parcel(box(105, 0, 120, 20)), THEME, held).outcome is Outcome.NEAR_BOUNDARY
    finding = ask(parcel(box(105.001, 0, 120, 20)), THEME, held)
    assert finding.outcome is Outcome.DOES_NOT_APPLY
    assert finding.label == "区域外"


def test_a_parcel_across_the_outline_applies_in_part_if_more_than_the_band_reaches_in() -> None:
    finding = ask(parcel(box(80, 40, 120, 60)), THEME, evidence([ZONE], error_m=5.0))
    assert finding.outcome is Outcome.APPLIES
    assert finding.label == "区域内（一部）"
    assert finding.measure["overlap_m2"] == 400
    assert finding.measure["share"] == 0.5
    assert finding.measure["overlap_min_m2"] == pytest.approx(300, abs=1)
    assert finding.measure["overlap_max_m2"] == pytest.approx(500, abs=1)


def test_both_errors_add_as_squares() -> None:
    finding = ask(parcel(box(103.9, 0, 120, 20), error_m=2.4), THEME, evidence([ZONE], error_m=3.2))
    assert finding.measure["band_m"] == 4.0
    assert finding.outcome is Outcome.NEAR_BOUNDARY


def test_without_any_error_the_drawn_overlap_decides_and_touching_is_no() -> None:
    held = evidence([ZONE])
    assert ask(parcel(box(99, 0, 119, 20)), THEME, held).outcome is Outcome.APPLIES
    assert ask(parcel(box(100, 0, 120, 20)), THEME, held).outcome is Outcome.DOES_NOT_APPLY


def test_an_overlap_below_the_square_metre_limit_is_a_sliver() -> None:
    theme, held = replace(THEME, sliver_m2=10.0), evidence([ZONE])
    assert ask(parcel(box(99.6, 0, 119.6, 20)), theme, held).outcome is Outcome.DOES_NOT_APPLY
    assert ask(parcel(box(99.4, 0, 119.4, 20)), theme, held).outcome is Outcome.APPLIES


def test_an_overlap_below_the_share_limit_is_a_sliver_however_large() -> None:
    theme, held = replace(THEME, sliver_share=0.1), evidence([ZONE])
    assert ask(parcel(box(91, 0, 191, 100)), theme, held).outcome is Outcome.DOES_NOT_APPLY
    assert ask(parcel(box(89, 0, 189, 100)), theme, held).outcome is Outcome.APPLIES


def test_a_sliver_within_the_band_is_near_the_boundary_and_never_no() -> None:
    theme = replace(THEME, sliver_m2=10.0)
    finding = ask(parcel(box(99.9, 0, 119.9, 20)), theme, evidence([ZONE], error_m=0.01))
    assert finding.outcome is Outcome.NEAR_BOUNDARY


def test_a_parcel_smaller_than_the_sliver_limit_can_still_apply() -> None:
    finding = ask(parcel(box(50, 50, 50.5, 50.5)), replace(THEME, sliver_m2=10.0), evidence([ZONE], error_m=1.0))
    assert finding.outcome is Outcome.APPLIES


def test_overlapping_zones_of_one_group_are_counted_once() -> None:
    finding = ask(parcel(box(0, 0, 20, 20)), THEME, evidence([box(0, 0, 10, 20), box(5, 0, 15, 20)]))
    assert finding.measure["overlap_m2"] == 300
    assert finding.measure["feature_count"] == 2


def test_the_edge_between_two_zones_of_one_group_is_no_boundary() -> None:
    halves = [box(0, 0, 50, 100), box(50, 0, 100, 100)]
    finding = ask(parcel(box(48, 40, 52, 60)), THEME, evidence(halves, error_m=10.0))
    assert finding.outcome is Outcome.APPLIES
    assert finding.measure["overlap_min_m2"] == 80


def test_neighbouring_zones_drawn_a_few_millimetres_apart_have_no_boundary_between_them() -> None:
    halves = [box(0, 0, 49.995, 100), box(50, 0, 100, 100)]
    finding = ask(parcel(box(48, 40, 52, 60)), THEME, evidence(halves, error_m=10.0))
    assert finding.outcome is Outcome.APPLIES


def test_a_hole_in_a_zone_is_not_the_zone() -> None:
    ring = Polygon(ZONE.exterior.coords, [box(30, 30, 70, 70).exterior.coords])
    held = evidence([ring], error_m=3.0)
    assert ask(parcel(box(40, 40, 60, 60)), THEME, held).outcome is Outcome.DOES_NOT_APPLY
    assert ask(parcel(box(35, 40, 60, 60)), THEME, held).outcome is Outcome.DOES_NOT_APPLY
    assert ask(parcel(box(32, 40, 60, 60)), THEME, held).outcome is Outcome.NEAR_BOUNDARY


def test_a_hole_in_the_parcel_is_not_the_parcel() -> None:
    holed = Polygon(box(0, 0, 60, 60).exterior.coords, [box(20, 20, 40, 40).exterior.coords])
    finding = ask(parcel(holed), THEME, evidence([box(25, 25, 35, 35)], error_m=2.0))
    assert finding.outcome is Outcome.DOES_NOT_APPLY


def test_a_parcel_of_two_pieces_is_measured_as_one() -> None:
    pieces = MultiPolygon([box(0, 0, 10, 10), box(200, 0, 210, 10)])
    finding = ask(parcel(pieces), THEME, evidence([ZONE]))
    assert finding.measure["overlap_m2"] == 100
    assert finding.measure["share"] == 0.5


def test_each_group_is_measured_and_the_gravest_that_applies_names_the_finding() -> None:
    held = evidence([ZONE, box(0, 0, 100, 50)], kind=[1, 2], name=["甲", "乙"])
    finding = ask(parcel(box(40, 40, 60, 60)), BY_KIND, held)
    assert finding.label == "特別警戒区域ほか1区分"
    assert finding.measure["overlap_m2"] == 400
    assert finding.measure["groups"] == [
        {
            "codes": {"kind": "2"},
            "labels": {"kind": "特別警戒区域"},
            "label": "特別警戒区域",
            "outcome": "applies",
            "overlap_m2": 200,
            "share": 0.5,
            "overlap_min_m2": 200,
            "overlap_max_m2": 200,
        },
        {
            "codes": {"kind": "1"},
            "labels": {"kind": "警戒区域"},
            "label": "警戒区域",
            "outcome": "applies",
            "overlap_m2": 400,
            "share": 1.0,
            "overlap_min_m2": 400,
            "overlap_max_m2": 400,
        },
    ]


def test_a_graver_group_that_may_apply_is_said_in_the_same_breath() -> None:
    held = evidence([ZONE, box(0, 0, 100, 39)], error_m=5.0, kind=[1, 2])
    finding = ask(parcel(box(40, 40, 60, 60)), BY_KIND, held)
    assert finding.outcome is Outcome.APPLIES
    assert finding.label == "警戒区域、特別警戒区域は境界付近・要確認"
    assert [group["outcome"] for group in finding.measure["groups"]] == ["near_boundary", "applies"]  # type: ignore[attr-defined]


def test_a_lesser_group_that_may_apply_is_only_in_the_measure() -> None:
    held = evidence([ZONE, box(0, 0, 100, 39)], error_m=5.0, kind=[2, 1])
    assert ask(parcel(box(40, 40, 60, 60)), BY_KIND, held).label == "特別警戒区域"


def test_on_the_line_between_two_groups_the_zone_is_certain_and_only_the_group_is_open() -> None:
    held = evidence([box(0, 0, 50, 100), box(50, 0, 100, 100)], error_m=10.0, kind=[1, 2])
    finding = ask(parcel(box(48, 40, 52, 60)), BY_KIND, held)
    assert finding.outcome is Outcome.APPLIES
    assert finding.label == "特別警戒区域または警戒区域（区分の境界付近・要確認）"
    assert finding.measure["overlap_min_m2"] == 80


def test_a_code_that_the_order_does_not_name_ranks_last() -> None:
    theme = replace(BY_KIND, rank_order=("2",))
    finding = ask(parcel(box(40, 40, 60, 60)), theme, evidence([ZONE, ZONE], kind=[1, 2]))
    assert finding.label == "特別警戒区域ほか1区分"


def test_only_rows_that_pass_the_where_are_read() -> None:
    theme = replace(THEME, where={"kind": ("2",)})
    finding = ask(parcel(box(40, 40, 60, 60)), theme, evidence([ZONE], kind=[1]))
    assert finding.outcome is Outcome.DOES_NOT_APPLY


def test_the_label_names_what_takes_part_of_the_parcel_and_not_what_is_merely_near() -> None:
    theme = replace(THEME, label_applies="{name}")
    held = evidence([ZONE, box(0, 101, 100, 200)], error_m=5.0, name=["本町", "荒町"])
    assert ask(parcel(box(40, 60, 60, 99)), theme, held).label == "本町"
    assert ask(parcel(box(40, 60, 60, 150)), theme, held).label == "荒町、本町"


def test_the_features_are_listed_with_what_the_theme_shows_up_to_twenty_and_all_are_counted() -> None:
    shapes = [box(x, 0, x + 1, 1) for x in range(25)]
    finding = ask(parcel(box(0, 0, 25, 1)), BY_KIND, evidence(shapes, kind=[1] * 25, name=["甲"] * 25))
    features = finding.measure["features"]
    assert isinstance(features, list)
    assert len(features) == 20
    assert features[0] == {"fid": 1, "name": "甲", "overlap_m2": 1.0, "outcome": "applies"}
    assert finding.measure["feature_count"] == 25


BESIDE = replace(THEME, label_applies="包蔵地（{name}）", distance_m=50.0)


def test_no_overlap_but_a_zone_within_the_distance_asked_about_is_beside() -> None:
    finding = ask(parcel(box(120, 0, 140, 20)), BESIDE, evidence([ZONE], error_m=7.0, name=["谷津"]))
    assert finding.outcome is Outcome.NEAR_BOUNDARY
    assert finding.label == "隣接（包蔵地（谷津）まで約20m）"
    assert finding.measure["distance_m"] == 20


def test_a_zone_beyond_the_distance_but_within_the_band_of_it_is_still_open() -> None:
    finding = ask(parcel(box(155, 0, 170, 20)), BESIDE, evidence([ZONE], error_m=7.0, name=["谷津"]))
    assert finding.outcome is Outcome.NEAR_BOUNDARY
    assert finding.label == "境界付近・要確認（包蔵地（谷津）まで約55m）"


def test_a_zone_beyond_the_distance_and_the_band_is_a_no() -> None:
    finding = ask(parcel(box(158, 0, 170, 20)), BESIDE, evidence([ZONE], error_m=7.0, name=["谷津"]))
    assert finding.outcome is Outcome.DOES_NOT_APPLY


def test_an_undetermined_parcel_applies_only_with_all_of_it() -> None:
    held = evidence([ZONE], error_m=5.0)
    inside = ask(parcel(box(40, 40, 60, 60), undetermined=True), THEME, held)
    assert inside.outcome is Outcome.APPLIES
    assert "筆界未定" in inside.notes[0]
    across = ask(parcel(box(40, 40, 120, 60), undetermined=True), THEME, held)
    assert across.outcome is Outcome.NEAR_BOUNDARY
    outside = ask(parcel(box(140, 40, 160, 60), undetermined=True), THEME, held)
    assert outside.outcome is Outcome.DOES_NOT_APPLY


def test_parcels_are_answered_in_the_order_asked() -> None:
    asked = [parcel(box(x, 40, x + 10, 60), key=str(x)) for x in (200, 40, 95)]
    findings = judge(asked, THEME, evidence([ZONE], error_m=1.0))
    assert [finding.parcel for finding in findings] == ["200", "40", "95"]
    assert [finding.outcome for finding in findings] == [
        Outcome.DOES_NOT_APPLY,
        Outcome.APPLIES,
        Outcome.APPLIES,
    ]
