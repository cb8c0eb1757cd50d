"""The engine against a naive overlay, pair by pair, that shares no code with it."""

from dataclasses import dataclass

import numpy as np
import pytest
import shapely
from shapely import LinearRing, Polygon, affinity, box
from shapely.geometry.base import BaseGeometry

from layers.inquiries.engine import judge
from layers.inquiries.model import Parcel
from layers.store.outcomes import Outcome
from tests.layers.inquiries.engine.engine_samples import BY_KIND, THEME, evidence, parcel

TOO_WIDE = 0.026
"""The engine's strips may be so much wider than the band, and never narrower."""


@dataclass(frozen=True)
class Naive:
    """What a plain reading of the rule gives for one parcel and one zone."""

    drawn: float
    certain: float
    possible: float
    distance: float

    def outcome(self, threshold: float, band: float) -> Outcome:
        if self.certain >= threshold:
            return Outcome.APPLIES
        return Outcome.NEAR_BOUNDARY if self.distance <= band else Outcome.DOES_NOT_APPLY


def naive(one: BaseGeometry, zone: BaseGeometry, band: float) -> Naive:
    """Every stretch of the zone's outline on its own, with a fine arc around each end."""
    outline = [np.asarray(ring.coords) for part in shapely.get_parts(zone) for ring in rings(part)]
    stretches = [stretch for ring in outline for stretch in np.stack([ring[:-1], ring[1:]], axis=1)]
    lines = shapely.linestrings(np.array(stretches))
    near = lines[shapely.distance(lines, one) <= band]
    strip = shapely.union_all(shapely.buffer(near, band, quad_segs=16))
    drawn = one.intersection(zone)
    return Naive(
        drawn=drawn.area,
        certain=drawn.difference(strip).area,
        possible=drawn.union(one.intersection(strip)).area,
        distance=one.distance(zone),
    )


def rings(polygon: Polygon) -> list[LinearRing]:
    return [polygon.exterior, *polygon.interiors]


def coastline(random: np.random.Generator, corners: int) -> Polygon:
    """A ragged shape with bays narrower than some bands, and a hole."""
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    middle, size = random.uniform(0, 600, 2), random.uniform(40, 200)
    waves = 0.2 * np.sin(3 * turn + random.uniform(0, 6)) + 0.08 * np.sin(29 * turn) + 0.02 * np.sin(211 * turn)
    reach = size * (1 + waves)
    outer = np.c_[middle[0] + reach * np.cos(turn), middle[1] + reach * np.sin(turn)]
    hole = np.c_[middle[0] + size * 0.2 * np.cos(turn), middle[1] + size * 0.15 * np.sin(turn)]
    return Polygon(outer, [hole])


def field(random: np.random.Generator, key: int) -> Parcel:
    """A parcel of 3 to 60 m, turned, some of them L-shaped."""
    width, height = random.uniform(3, 60, 2)
    shape: BaseGeometry = box(0, 0, width, height)
    if random.random() < 0.3:
        shape = shape.difference(box(width * 0.4, height * 0.5, width, height))
    turned = affinity.rotate(shape, random.uniform(0, 360))
    return parcel(affinity.translate(turned, *random.uniform(0, 600, 2)), random.choice([0.2, 0.75, 3.0]), key=str(key))


@pytest.mark.parametrize(
    ("seed", "corners", "layer_error", "parcels"),
    [(1, 12, 0.5, 60), (2, 60, 3.5, 40), (3, 900, 10.0, 10), (4, 5000, 5.0, 4), (5, 2500, 1.0, 6)],
)
def test_each_group_and_all_of_them_agree_with_the_naive_overlay(
    seed: int, corners: int, layer_error: float, parcels: int
) -> None:
    random = np.random.default_rng(seed)
    shapes = [coastline(random, corners) for _ in range(10)]
    kinds: list[object] = random.integers(1, 3, 10).tolist()
    asked = [field(random, key) for key in range(parcels)]
    findings = judge(asked, BY_KIND, evidence(shapes, layer_error, kind=kinds))
    for one, finding in zip(asked, findings, strict=True):
        assert one.geometry is not None
        band = float(np.hypot(one.error_m, layer_error))
        groups = finding.measure.get("groups", [])
        assert isinstance(groups, list)
        said = {group["codes"]["kind"]: group for group in groups}
        for kind in (1, 2):
            zone = shapely.union_all([shape for shape, code in zip(shapes, kinds, strict=True) if code == kind])
            _agrees(one.geometry, zone, band, said.get(str(kind)))
        everything = naive(one.geometry, shapely.union_all(shapes), band)
        assert finding.measure.get("overlap_m2", 0.0) == pytest.approx(everything.drawn, abs=0.01)


def _agrees(one: BaseGeometry, zone: BaseGeometry, band: float, said: dict[str, object] | None) -> None:
    exact, wider = naive(one, zone, band), naive(one, zone, band * (1 + TOO_WIDE))
    threshold = min(1.0, one.area / 2)
    allowed = {exact.outcome(threshold, band), wider.outcome(threshold, band)}
    if said is None:
        assert Outcome.DOES_NOT_APPLY in allowed
        return
    assert Outcome(said["outcome"]) in allowed
    assert said["overlap_m2"] == pytest.approx(exact.drawn, abs=0.01)
    least, most = said["overlap_min_m2"], said["overlap_max_m2"]
    assert isinstance(least, float)
    assert isinstance(most, float)
    assert wider.certain - 0.05 <= least <= exact.certain + 0.05
    assert exact.possible - 0.05 <= most <= wider.possible + 0.05


def test_grids_of_flood_cells_agree_with_the_naive_overlay() -> None:
    random = np.random.default_rng(5)
    cells = [box(x, y, x + 5, y + 5) for x in range(0, 300, 5) for y in range(0, 300, 5) if random.random() < 0.7]
    asked = [field(random, key) for key in range(30)]
    findings = judge(asked, THEME, evidence(list(cells), 2.0))
    zone = shapely.union_all(cells)
    for one, finding in zip(asked, findings, strict=True):
        assert one.geometry is not None
        band = float(np.hypot(one.error_m, 2.0))
        exact, wider = naive(one.geometry, zone, band), naive(one.geometry, zone, band * (1 + TOO_WIDE))
        threshold = min(1.0, one.geometry.area / 2)
        assert finding.outcome in {exact.outcome(threshold, band), wider.outcome(threshold, band)}
        assert finding.measure.get("overlap_m2", 0.0) == pytest.approx(exact.drawn, abs=0.01)
