"""Many parcels are judged side by side, a layer as soon as it comes; the findings must not show it."""

from dataclasses import replace

import numpy as np
import pytest
from shapely import Point, Polygon, box

from layers.inquiries.engine import EvidenceError, Judging, judge, judge_all
from layers.inquiries.engine.judging import WORTH_THREADS
from layers.inquiries.model import Parcel
from tests.layers.inquiries.engine.engine_samples import BY_KIND, THEME, evidence, parcel

THEMES = [replace(THEME, id="plain"), BY_KIND, replace(BY_KIND, id="again")]


def many(count: int) -> list[Parcel]:
    chance = np.random.default_rng(3)
    corners = chance.uniform(0, 400, (count, 2))
    return [
        parcel(box(x, y, x + 15, y + 9), error_m=0.75, key=f"飯豊/中田/{i}")
        for i, (x, y) in enumerate(corners.tolist())
    ]


def zones() -> list[Polygon]:
    chance = np.random.default_rng(4)
    return [Point(x, y).buffer(r) for x, y, r in chance.uniform((0, 0, 10), (400, 400, 60), (25, 3)).tolist()]


def test_judging_side_by_side_finds_what_judging_one_by_one_finds() -> None:
    parcels = many(WORTH_THREADS + 36)
    held = evidence(zones(), error_m=2.0, kind=[1, 2, 2, 1, 1] * 5)
    together = judge_all(parcels, THEMES, {"zones": held})
    one_by_one = [judge([one], theme, held)[0] for one in parcels for theme in THEMES]
    assert together == one_by_one


def test_what_goes_wrong_beside_us_is_raised_to_us() -> None:
    held = evidence(zones())
    broken = replace(held, attributes={})
    with Judging(many(WORTH_THREADS), [BY_KIND]) as judging:
        judging.take("zones", broken)
        with pytest.raises(EvidenceError):
            judging.findings()
