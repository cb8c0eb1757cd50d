"""Forest with its protected parts, and sites of buried heritage where they were searched for."""

from datetime import date
from pathlib import Path

import numpy as np
import shapely

from layers.sample_town import reference
from layers.sample_town.blocks import Ground
from layers.sample_town.cadastral import ground_of
from layers.sample_town.files import SampleFile, write_features
from layers.sample_town.mesh import Bools
from layers.sample_town.noise import waves
from layers.sample_town.town import Town


def write_land(town: Town, folder: Path) -> list[SampleFile]:
    """Writes forest and buried heritage."""
    return [_forest(town, folder), _heritage(town, folder)]


def _forest(town: Town, folder: Path) -> SampleFile:
    """地域森林計画対象民有林 by 林班, and 保安林 on parts of it."""
    rng = town.random("forest")
    wooded = town.parcels.ground == Ground.FOREST
    state = _blockwise(town, 0.12, rng, 4000.0)
    koaza = town.addresses.koaza[: town.parcels.faces]
    private = town.dissolved(np.where(wooded & ~state, koaza, -1))
    guarded = _blockwise(town, 0.16, rng, 2500.0)
    protected = town.dissolved(np.where(wooded & guarded, town.addresses.oaza[: town.parcels.faces], -1))
    kinds = ("水源かん養保安林", "土砂流出防備保安林", "土砂崩壊防備保安林", "保健保安林")
    shapes = [shapely.multipolygons(parts) for parts in (*private.values(), *protected.values())]
    path = write_features(
        folder / "forest_sample.fgb",
        np.array(shapes, dtype=object),
        {
            "kind": ["private_plan"] * len(private) + ["protection"] * len(protected),
            "forest_number": [f"{number // 9 + 1}林班{number % 9 + 1}小班" for number in private]
            + [None] * len(protected),
            "protection_kind": [None] * len(private) + [str(rng.choice(kinds)) for _ in protected],
            "designated_on": [None] * len(private)
            + [date(int(y), 6, 1) for y in rng.integers(1950, 2015, len(protected))],
        },
    )
    return SampleFile("forest", path, town.days_ago(420))


def _blockwise(town: Town, share: float, rng: np.random.Generator, wavelength: float) -> Bools:
    """A patchy choice of blocks, about that share of them."""
    value = waves(rng, wavelength).at(town.centres[: town.parcels.faces])
    blocks = int(town.parcels.block.max()) + 1
    mean = np.bincount(town.parcels.block, value, blocks) / np.maximum(
        np.bincount(town.parcels.block, minlength=blocks), 1
    )
    limit = np.quantile(mean[np.unique(town.parcels.block)], share)
    return np.asarray(mean[town.parcels.block] < limit)


def _heritage(town: Town, folder: Path) -> SampleFile:
    """Sites on terraces by the valley floor; 湯沢 has not been searched yet, which the coverage file says."""
    rng = town.random("heritage")
    unsearched = next(i for i, oaza in enumerate(reference.oaza()) if oaza.survey == "none")
    beyond = town.land.beyond_at(town.centres)
    able = np.flatnonzero(
        (beyond > -60.0) & (beyond < 120.0) & (town.addresses.oaza != unsearched) & (ground_of(town) > 1)
    )
    chosen = rng.choice(able, size=min(70, len(able) // 8), replace=False)
    periods = ("縄文時代", "弥生時代", "古墳時代", "奈良・平安時代", "中世", "近世")
    kinds = ("散布地", "集落跡", "古墳", "城館跡", "製鉄跡", "窯跡")
    shapes = [_site(town.centres[parcel], rng) for parcel in chosen.tolist()]
    names = town.addresses
    path = write_features(
        folder / "buried_heritage_sample.fgb",
        np.array([shape.intersection(town.outline) for shape in shapes], dtype=object),
        {
            "site_number": [f"S-{index + 1:03d}" for index in range(len(chosen))],
            "name": [f"見本{names.koaza_name(parcel)}遺跡" for parcel in chosen.tolist()],
            "name_kana": [None] * len(chosen),
            "period": [str(rng.choice(periods)) for _ in chosen],
            "kind": [str(rng.choice(kinds)) for _ in chosen],
        },
    )
    searched = town.dissolved(np.where(names.oaza[: town.parcels.faces] != unsearched, 0, -1))[0]
    coverage = write_features(
        folder / "buried_heritage_coverage_sample.fgb",
        np.array([shapely.multipolygons(searched)], dtype=object),
        {"note": ["分布調査の済んだ範囲（湯沢は未調査）"]},
    )
    return SampleFile("buried_heritage", path, town.days_ago(800), {"coverage": coverage})


def _site(centre: np.ndarray[tuple[int], np.dtype[np.float64]], rng: np.random.Generator) -> shapely.Polygon:
    turn = np.linspace(0, 2 * np.pi, 26, endpoint=False)
    size = float(np.exp(rng.uniform(np.log(18), np.log(110))))
    reach = size * (1 + 0.22 * np.sin(2 * turn + rng.uniform(0, 6)) + 0.12 * np.sin(3 * turn + rng.uniform(0, 6)))
    return shapely.Polygon(np.round(centre + np.column_stack((np.cos(turn), np.sin(turn) * 0.75)) * reach[:, None], 3))
