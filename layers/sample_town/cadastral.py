"""The cadastral layer's file: what the registry and the survey say of each parcel."""

from datetime import date
from pathlib import Path

import numpy as np
import shapely

from layers.sample_town import reference
from layers.sample_town.blocks import Ground
from layers.sample_town.files import Column, SampleFile, write_features
from layers.sample_town.mesh import Bools, Floats, Ints
from layers.sample_town.town import Town

_CLASSES = np.array(["甲一", "甲二", "甲三", "乙一", "乙二", "乙三"], dtype=object)
_SCALES = (500, 500, 500, 1000, 2500, 5000)


def write_cadastral(town: Town, folder: Path) -> list[SampleFile]:
    """Writes the parcels, without the resurveyed ones, as one FlatGeobuf."""
    keep = np.ones(len(town.shapes), dtype=bool)
    keep[town.resurveyed] = False
    rows = np.flatnonzero(keep)
    kept = {
        name: values[rows] if isinstance(values, np.ndarray) else [values[row] for row in rows.tolist()]
        for name, values in columns(town).items()
    }
    path = write_features(folder / "cadastral_sample.fgb", town.shapes[rows], kept)
    return [SampleFile("cadastral", path, town.days_ago(40))]


def columns(town: Town) -> dict[str, Column]:
    """All columns of the layer but the geometry, a row for each parcel."""
    rng = town.random("cadastral")
    count = len(town.shapes)
    ground = ground_of(town)
    surveyed = _surveyed(town, rng)
    accuracy = _accuracy(town, ground, surveyed, rng)
    area = shapely.area(town.shapes)
    category = land_categories(town)
    names = town.addresses
    sheets = _sheets(town)
    known = accuracy >= 0
    dates = _survey_dates(town, surveyed, rng)
    return {
        "oaza": np.array([reference.oaza()[index].name for index in names.oaza], dtype=object),
        "koaza": np.array([names.koaza_names[index][1] for index in names.koaza], dtype=object),
        "chiban": np.array(names.chiban, dtype=object),
        "accuracy_class": [str(_CLASSES[value]) if value >= 0 else None for value in accuracy.tolist()],
        "coordinate_kind": np.where(surveyed, "測量成果", "図上測量").astype(object),
        "undetermined": np.array([bool(member) for member in names.members]),
        "undetermined_members": [member or None for member in names.members],
        "land_category": category,
        "registered_area_m2": _registered(area, ground, surveyed, category, rng),
        "map_name": np.array([f"見本{sheet}" for sheet in sheets], dtype=object),
        "map_number": np.array(sheets, dtype=object),
        "map_class": np.where(surveyed, "法第14条1項地図", "地図に準ずる図面").astype(object),
        "scale_denominator": np.where(known, np.array(_SCALES)[accuracy], 600).astype(np.int64),
        "moj_id": np.array([f"07522-9900-{names.koaza[i] + 1}#H{i + 1:09d}" for i in range(count)], dtype=object),
        "surveyed_on": dates,
        "survey_status": np.where(surveyed, "調査済", "未了").astype(object),
    }


def ground_of(town: Town) -> Ints:
    """Use of the ground per parcel; an island counts as upland."""
    islands = len(town.shapes) - town.parcels.faces
    return np.concatenate((town.parcels.ground, np.full(islands, int(Ground.UPLAND))))


def land_categories(town: Town) -> Column:
    """地目 of each parcel."""
    rng = town.random("land category")
    ground, count = ground_of(town), len(town.shapes)
    luck = rng.random(count)
    common = np.array(["公衆用道路", "水路", "田", "畑", "宅地", "宅地", "山林"], dtype=object)[ground]
    rare = np.array(["雑種地", "原野", "畑", "田", "畑", "雑種地", "原野"], dtype=object)[ground]
    limit = np.array([0.0, 0.0, 0.93, 0.86, 0.74, 0.86, 0.93])[ground]
    category = np.where(luck < limit, common, rare)
    category = np.where(ground <= Ground.WATER, common, category)
    category = np.where((ground == Ground.UPLAND) & (luck > 0.97), "原野", category)
    islands = np.arange(count) >= town.parcels.faces
    kinds = np.array(["墓地", "墓地", "雑種地", "ため池", "境内地"], dtype=object)
    return np.where(islands, kinds[rng.integers(0, len(kinds), count)], category).astype(object)


def _surveyed(town: Town, rng: np.random.Generator) -> Bools:
    """Whether the cadastral survey was made: by 大字, and in those half done by 字."""
    state = np.array([{"full": 1.0, "part": 0.5, "none": 0.0}[oaza.survey] for oaza in reference.oaza()])
    by_koaza = rng.random(len(town.addresses.koaza_names))
    return np.asarray(by_koaza[town.addresses.koaza] < state[town.addresses.oaza])


def _accuracy(town: Town, ground: Ints, surveyed: Bools, rng: np.random.Generator) -> Ints:
    """精度区分 as a number (0 甲一 … 5 乙三, −1 none): villages fine, farmland middling, woods coarse, unsurveyed land none."""
    beyond = town.land.beyond_at(town.centres)
    by_koaza = rng.random(len(town.addresses.koaza_names))[town.addresses.koaza]
    accuracy = np.full(len(ground), 3)
    accuracy[ground == Ground.HOUSE] = 2
    accuracy[(ground <= Ground.WATER) & (by_koaza < 0.5)] = 2
    accuracy[ground == Ground.FOREST] = np.where(beyond[ground == Ground.FOREST] < 130.0, 4, 5)
    centre = shapely.transform(town.roads.centre, town.bend.points)
    core = shapely.buffer(centre.centroid, 190.0)
    shapely.prepare(centre)
    shapely.prepare(core)
    x, y = town.centres.T
    accuracy[shapely.contains_xy(centre, x, y)] = 1
    accuracy[shapely.contains_xy(core, x, y)] = 0
    accuracy[~surveyed] = np.where(by_koaza[~surveyed] < 0.25, 5, -1)
    return accuracy


def _registered(
    area: Floats, ground: Ints, surveyed: Bools, category: Column, rng: np.random.Generator
) -> list[float | None]:
    """Registered area in m²: near the map's where surveyed, less where not (縄延び), wrong in a few cases, none for roads."""
    count = len(area)
    factor = 1.0 + rng.normal(0.0, 0.004, count)
    stretched = np.where(ground == Ground.FOREST, rng.uniform(0.25, 0.85, count), rng.uniform(0.72, 1.02, count))
    factor = np.where(surveyed, factor, stretched)
    factor = np.where(rng.random(count) < 0.012, rng.uniform(0.5, 1.6, count), factor)
    value = area * factor
    fine = np.isin(np.asarray(category), ("宅地", "鉱泉地")) | (value <= 10.0)
    rounded = np.where(fine, np.floor(value * 100.0) / 100.0, np.floor(value))
    none = (ground <= Ground.WATER) & (rng.random(count) < 0.8)
    return [None if missing else float(number) for number, missing in zip(rounded, none, strict=True)]


def _sheets(town: Town) -> list[str]:
    """Number of the map sheet: squares of 500 m from the south-west."""
    west, south, _, _ = town.outline.bounds
    column = ((town.centres[:, 0] - west) // 500.0).astype(int).tolist()
    row = ((town.centres[:, 1] - south) // 500.0).astype(int).tolist()
    return [f"Ｓ{r + 1:02d}-{c + 1:02d}" for r, c in zip(row, column, strict=True)]


def _survey_dates(town: Town, surveyed: Bools, rng: np.random.Generator) -> list[date | None]:
    years = rng.integers(3, 45, len(town.addresses.koaza_names))
    days = rng.integers(0, 360, len(town.addresses.koaza_names))
    by_koaza = [town.days_ago(int(y) * 365 + int(d)) for y, d in zip(years, days, strict=True)]
    return [
        by_koaza[k] if done else None for k, done in zip(town.addresses.koaza.tolist(), surveyed.tolist(), strict=True)
    ]
