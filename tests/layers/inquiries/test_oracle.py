"""An oracle that shares no code with the engine: shapely on the sample town's source files, pair by pair."""

import csv
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from layers.inquiries.inquire import InquiryRequest, inquire
from layers.inquiries.model import Finding
from layers.store.instance import Store
from layers.store.outcomes import Outcome

PAIRS = 5_000
# theme → file, rows that count, square metres from which an overlap is one
OVERLAPS = {
    "city_planning_area": ("city_planning", {"zone_kind": "area"}),
    "use_district": ("city_planning", {"zone_kind": "use"}),
    "private_forest": ("forest", {"kind": "private_plan"}),
    "protection_forest": ("forest", {"kind": "protection"}),
    "landslide": ("landslide", {}),
    "flood": ("flood", {}),
    "buried_heritage": ("buried_heritage", {}),
}
ACCURACY_M = {"甲一": 0.06, "甲二": 0.20, "甲三": 0.45, "乙一": 0.75, "乙二": 1.5, "乙三": 3.0, None: 3.0}


def source_files(store: Store) -> dict[str, Path]:
    return {file.stem.removesuffix("_sample").removeprefix("sample_"): file for file in _files(store)}


def _files(store: Store) -> list[Path]:
    return sorted((store.settings.home / "sample").rglob("*.fgb"))


def read(store: Store, layer: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Columns and shapes of a layer's source file, by pyogrio and nothing of ours."""
    file = next(file for file in _files(store) if layer in file.stem and "coverage" not in file.stem)
    meta, _, wkb, values = pyogrio.raw.read(file)
    return dict(zip(meta["fields"], values, strict=True)), shapely.from_wkb(wkb)


def coverage(store: Store, layer: str) -> shapely.Geometry | None:
    for file in _files(store):
        if layer in file.stem and "coverage" in file.stem:
            _, _, wkb, _ = pyogrio.raw.read(file)
            return shapely.union_all(shapely.from_wkb(wkb))
    return None


@pytest.fixture(scope="module")
def asked(sample_store: Store) -> dict[str, tuple[shapely.Geometry, float]]:
    """Some hundred parcels, half of them on zone edges, by key: their shape in the source file and their 公差."""
    columns, shapes = read(sample_store, "cadastral")
    chance = random.Random(4711)
    edges = [
        shapely.boundary(zone) for layer in ("landslide", "flood", "forest") for zone in read(sample_store, layer)[1]
    ]
    near, _ = shapely.STRtree(shapes).query(edges, predicate="intersects")[::-1]
    chosen = set(chance.sample(sorted(set(near.tolist())), 400)) | set(chance.sample(range(len(shapes)), 400))
    names = [
        f"{str(oaza).removeprefix('大字')}/{str(koaza or '').removeprefix('字')}/{chiban}"
        for oaza, koaza, chiban in zip(columns["oaza"], columns["koaza"], columns["chiban"], strict=True)
    ]
    times = Counter(names)
    plain = [i for i in sorted(chosen) if not columns["undetermined"][i] and times[names[i]] == 1]
    return {names[i]: (shapes[i], ACCURACY_M[columns["accuracy_class"][i] or None]) for i in plain}


@pytest.fixture(scope="module")
def findings(sample_store: Store, asked: dict[str, object]) -> dict[tuple[str, str], Finding]:
    answer = inquire(sample_store, InquiryRequest(tuple(asked)))
    assert not answer.unresolved
    return {(finding.parcel, finding.theme): finding for finding in answer.findings}


def test_the_engine_agrees_with_the_oracle_on_five_thousand_pairs(
    sample_store: Store,
    asked: dict[str, tuple[shapely.Geometry, float]],
    findings: dict[tuple[str, str], Finding],
) -> None:
    verdicts: list[str] = []
    wrong = []
    for theme, (layer, where) in OVERLAPS.items():
        columns, shapes = read(sample_store, layer)
        keep = np.ones(len(shapes), dtype=bool)
        for name, value in where.items():
            keep &= columns[name].astype(str) == value
        zones = shapes[keep]
        tree = shapely.STRtree(zones)
        covered = coverage(sample_store, layer)
        declared = sample_store.layer(layer)
        limits = next(t for t in declared.themes if t.id == theme)
        for key, (parcel, error_m) in asked.items():
            near = tree.query(parcel, predicate="dwithin", distance=2.0 * declared.accuracy_m + 10.0)
            zone = shapely.union_all(zones[near])
            verdict = oracle(parcel, zone, float(np.hypot(error_m, declared.accuracy_m)), limits.sliver_m2)
            verdicts.append(verdict)
            if covered is None or covered.covers(parcel.buffer(5.0)):
                complaints = objections(verdict, findings[key, theme], searches=limits.distance_m is not None)
                complaints += wrong_area(findings[key, theme], parcel, zone)
            else:
                complaints = hidden(verdict, findings[key, theme])
            wrong += [(key, theme, complaint) for complaint in complaints]
    assert len(verdicts) >= PAIRS
    assert sum(verdict != "near" for verdict in verdicts) > 0.7 * len(verdicts)
    assert wrong == []


def told(finding: Finding) -> object:
    """What the finding says, or would say were its layer not past its cycle."""
    return finding.measure.get("provisional", finding.outcome)


def hidden(verdict: str, finding: Finding) -> list[str]:
    """The one mistake that must never happen: 非該当 where the drawn overlap is above the threshold."""
    if verdict in ("deep", "applies") and told(finding) == Outcome.DOES_NOT_APPLY:
        return ["a hidden overlap"]
    return []


def objections(verdict: str, finding: Finding, *, searches: bool) -> list[str]:
    """Where the finding contradicts the oracle; a theme that searches around the parcel may say more than "far"."""
    allowed = {
        "deep": {Outcome.APPLIES},
        "applies": {Outcome.APPLIES, Outcome.NEAR_BOUNDARY},
        "near": {Outcome.APPLIES, Outcome.NEAR_BOUNDARY, Outcome.DOES_NOT_APPLY, Outcome.NO_DATA},
        "far": {Outcome.DOES_NOT_APPLY, Outcome.NO_DATA} | ({Outcome.NEAR_BOUNDARY} if searches else set()),
    }
    return [] if told(finding) in allowed[verdict] else [f"{verdict} but {told(finding)}"]


def wrong_area(finding: Finding, parcel: shapely.Geometry, zone: shapely.Geometry) -> list[str]:
    """Whether the overlap, which a finding rounds to 0.01 ㎡, is another than the plain one."""
    mine = parcel.intersection(zone).area
    stated = finding.measure.get("overlap_m2", mine)
    return [] if abs(float(str(stated)) - mine) <= 0.0051 else [f"{stated} m2 instead of {mine}"]


def oracle(parcel: shapely.Geometry, zone: shapely.Geometry, band_m: float, sliver_m2: float) -> str:
    """far: beyond the band; deep: the parcel overlaps the zone shrunk by the band; applies: it overlaps as drawn; near."""
    if zone.is_empty or parcel.distance(zone) > band_m * 1.02 + 0.01:
        return "far"
    core = zone.buffer(-(band_m * 1.02 + 0.01))
    if parcel.intersection(core).area > sliver_m2 * 1.05 + 0.1:
        return "deep"
    return "applies" if parcel.intersection(zone).area >= sliver_m2 else "near"


def test_a_parcel_in_the_hole_of_a_layers_coverage_has_no_data(sample_store: Store) -> None:
    covered = coverage(sample_store, "buried_heritage")
    assert covered is not None
    columns, shapes = read(sample_store, "cadastral")
    outside = [i for i in np.flatnonzero(~shapely.dwithin(shapes, covered, 200.0)) if not columns["undetermined"][i]]
    assert len(outside) > 100
    keys = [
        "/".join(
            (
                str(columns["oaza"][i]).removeprefix("大字"),
                str(columns["koaza"][i] or "").removeprefix("字"),
                str(columns["chiban"][i]),
            )
        )
        for i in random.Random(1).sample(outside, 50)
    ]
    answer = inquire(sample_store, InquiryRequest(tuple(keys)))
    outcomes = {finding.outcome for finding in answer.findings if finding.theme == "buried_heritage"}
    assert outcomes == {Outcome.NO_DATA}


def test_the_list_of_the_agricultural_zone_decides(
    sample_store: Store, asked: dict[str, object], findings: dict[tuple[str, str], Finding]
) -> None:
    listed = set()
    for file in (sample_store.settings.home / "sample").rglob("*agricultural*"):
        if file.suffix == ".fgb":
            meta, _, _, values = pyogrio.raw.read(file)
            table = dict(zip(meta["fields"], values, strict=True))
            listed |= {
                f"{str(o).removeprefix('大字')}/{str(k or '').removeprefix('字')}/{c}"
                for o, k, c in zip(table["oaza"], table["koaza"], table["chiban"], strict=True)
            }
        elif file.suffix == ".csv":
            with file.open(encoding="utf-8-sig", newline="") as stream:
                listed |= {
                    f"{row['大字'].removeprefix('大字')}/{row['字'].removeprefix('字')}/{row['地番']}"
                    for row in csv.DictReader(stream)
                }
    told = {key: findings[key, "agricultural_zone"] for key in asked}
    assert {key for key, finding in told.items() if finding.outcome == Outcome.APPLIES} <= listed
    assert not {key for key, finding in told.items() if finding.outcome == Outcome.DOES_NOT_APPLY} & listed
    assert sum(finding.outcome == Outcome.APPLIES for finding in told.values()) > 20
