"""Landslide zones (A33 codes) and flood depths (A31a ranks) that follow from the ground."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import shapely

from layers.sample_town.blocks import Ground
from layers.sample_town.files import SampleFile, write_features
from layers.sample_town.landform import ribbon
from layers.sample_town.mesh import Floats, Geometries
from layers.sample_town.streams import Stream
from layers.sample_town.town import Town

SLOPE, DEBRIS, SLIDE = 1, 2, 3
WARNING, SPECIAL, WARNING_TO_COME, SPECIAL_TO_COME = 1, 2, 3, 4


@dataclass(frozen=True)
class _Zone:
    phenomenon: int
    zone_class: int
    number: str
    name: str
    pending: int
    shape: shapely.Geometry


def write_hazards(town: Town, folder: Path) -> list[SampleFile]:
    """Writes landslide zones, flood depths and the area for which flood depths were worked out."""
    return [_landslide(town, folder), _flood(town, folder)]


def _landslide(town: Town, folder: Path) -> SampleFile:
    rng = town.random("landslide")
    zones = [*_debris(town, rng), *_slopes(town, rng), *_slides(town, rng)]
    moved = town.bend.geometries(np.array([zone.shape for zone in zones], dtype=object), 10.0)
    shapes = shapely.intersection(moved, town.outline)
    keep = shapely.area(shapes) > 50.0
    kept = [zone for zone, good in zip(zones, keep, strict=True) if good]
    given = [
        date(int(y), int(m), 1)
        for y, m in zip(rng.integers(2006, 2024, len(kept)), rng.integers(1, 13, len(kept)), strict=True)
    ]
    since = {zone.number: day for zone, day in zip(kept, given, strict=True)}
    path = write_features(
        folder / "landslide_sample.fgb",
        shapes[keep],
        {
            "A33_001": [zone.phenomenon for zone in kept],
            "A33_002": [zone.zone_class for zone in kept],
            "A33_003": ["07"] * len(kept),
            "A33_004": [zone.number for zone in kept],
            "A33_005": [zone.name for zone in kept],
            "A33_006": ["福島県田村郡小野町（架空）"] * len(kept),
            "A33_007": [
                since[zone.number].strftime("%Y/%m/%d") if zone.zone_class <= SPECIAL else "9999/1/1" for zone in kept
            ],
            "A33_008": [zone.pending for zone in kept],
        },
    )
    return SampleFile("landslide", path, town.days_ago(300))


def _classes(made: int, luck: float) -> tuple[int, int | None, int]:
    """Warning class, special class (None: not designated) and A33_008 of a zone; the first two `made` are the rarer kinds."""
    luck = (0.05, 0.2)[made] if made < 2 else luck
    if luck < 0.10:
        return WARNING_TO_COME, SPECIAL_TO_COME, 1
    if luck < 0.25:
        return WARNING, None, 1
    return WARNING, SPECIAL, 0


def _named(town: Town, point: Floats) -> str:
    nearest = town.parcels.mesh.tree.nearest(shapely.Point(point))
    return f"見本{town.addresses.koaza_name(int(nearest))}"


def _debris(town: Town, rng: np.random.Generator) -> list[_Zone]:
    """Fans at the mouths of steep little valleys: warning as wide as the fan, special along the channel above it."""
    zones: list[_Zone] = []
    for index, stream in enumerate(town.land.streams):
        if stream.order < 2 or len(stream.line) < 14 or (zones and rng.random() < 0.25 + 0.4 * (stream.order == 2)):
            continue
        parent = town.land.streams[stream.parent]
        at = int(np.argmin(np.hypot(*(parent.line - stream.line[0]).T)))
        apex = min(len(stream.line) - 4, int(parent.floor[at] / 25.0) + 5)
        reach = np.linspace(1.0, 0.0, apex + 1) ** 0.8
        fan = ribbon(stream.line[: apex + 1], 9.0 + reach * min(95.0, 14.0 * apex**0.6))
        above = ribbon(stream.line[apex : apex + 8], np.full(len(stream.line[apex : apex + 8]), 9.0))
        warning, special, pending = _classes(len({zone.number for zone in zones}), float(rng.random()))
        number = f"522-D-{index + 1:03d}"
        name = _named(town, stream.line[apex]) + "沢"
        zones.append(_Zone(DEBRIS, warning, number, name, pending, shapely.union_all([fan, above])))
        if special is not None:
            core = ribbon(stream.line[apex // 2 : apex + 6], np.full(len(stream.line[apex // 2 : apex + 6]), 6.5))
            zones.append(_Zone(DEBRIS, special, number, name, pending, core))
    return zones


def _slopes(town: Town, rng: np.random.Generator) -> list[_Zone]:
    """Steep slopes behind houses: a band along the foot of the hill, the special zone nearer to the foot."""
    zones: list[_Zone] = []
    houses = np.flatnonzero(np.isin(town.parcels.ground, (Ground.HOUSE, Ground.CENTRE)))
    tree = shapely.STRtree(shapely.points(town.centres[houses]))
    for index, stream in enumerate(town.land.streams):
        for start in range(8, len(stream.line) - 8, 11):
            side = 1 if rng.random() < 0.5 else -1
            middle = stream.line[start] + stream.left[start] * side * stream.floor[start]
            if rng.random() < 0.45 or not len(tree.query(shapely.Point(middle), "dwithin", 60.0)):
                continue
            stop = min(len(stream.line) - 1, start + int(rng.integers(2, 7)))
            foot = stream.line[start:stop] + stream.left[start:stop] * side * stream.floor[start:stop, None]
            if len(foot) < 2:
                continue
            height = float(rng.uniform(9.0, 38.0))
            outward = stream.left[start:stop] * side
            low, high = foot - outward * min(50.0, 1.7 * height), foot + outward * (height * 1.6 + 10.0)
            near, top = foot - outward * min(18.0, 0.55 * height), foot + outward * (height * 1.5)
            warning, special, pending = _classes(len({zone.number for zone in zones}), float(rng.random()))
            number = f"522-K-{index + 1:03d}{start:03d}"
            name = _named(town, middle)
            zones.append(_Zone(SLOPE, warning, number, name, pending, _band(low, high)))
            if special is not None:
                zones.append(_Zone(SLOPE, special, number, name, pending, _band(near, top)))
    return zones


def _band(low: Floats, high: Floats) -> shapely.Geometry:
    return shapely.make_valid(shapely.Polygon(np.vstack((low, high[::-1])))).buffer(0)


def _slides(town: Town, rng: np.random.Generator) -> list[_Zone]:
    """Landslides: tongues down a hillside; they rarely have a special zone."""
    zones: list[_Zone] = []
    wooded = np.flatnonzero(town.parcels.ground == Ground.FOREST)
    beyond = town.land.beyond_at(town.centres[wooded])
    able = wooded[(beyond > 80.0) & (beyond < 260.0)]
    for index, parcel in enumerate(rng.choice(able, size=min(14, len(able)), replace=False).tolist()):
        point = town.centres[parcel]
        axis = town.land.axis_at(point[None])[0]
        down = np.array([-axis[1], axis[0]])
        if town.land.height_at((point + down * 60.0)[None])[0] > town.land.height_at(point[None])[0]:
            down = -down
        length, width = float(rng.uniform(160, 420)), float(rng.uniform(50, 130))
        spine = point + np.outer(np.linspace(-0.5, 0.5, 9), down) * length
        body = ribbon(spine, width * np.array([0.55, 0.8, 0.9, 0.85, 0.8, 0.85, 0.95, 0.9, 0.6]) / 1.0)
        warning, special, pending = _classes(index, float(rng.uniform(0.1, 0.35)))
        number = f"522-J-{index + 1:03d}"
        zones.append(_Zone(SLIDE, warning, number, _named(town, point), pending, body))
        if special is not None:
            zones.append(
                _Zone(SLIDE, special, number, _named(town, point), pending, ribbon(spine[5:], np.full(4, width * 0.4)))
            )
    return zones


def _flood(town: Town, folder: Path) -> SampleFile:
    """Depth ranks side by side along two rivers, two scenarios; only their lower reaches were worked out."""
    shapes: list[shapely.Geometry] = []
    rows: list[tuple[str, str, int, str]] = []
    reach: list[shapely.Geometry] = []
    for stream in town.land.streams[:2]:
        share = 0.72
        upto = int(len(stream.line) * share)
        identifier = f"840{town.land.streams.index(stream) + 1:07d}"
        for scenario, level in (("max", 1.0), ("plan", 0.55)):
            for rank, shape in _ranks(stream, upto, level):
                shapes.append(shape)
                rows.append((identifier, stream.name, rank, scenario))
        reach.append(ribbon(stream.line[:upto], stream.floor[:upto] * 1.35 + 40.0))
    moved = shapely.intersection(town.bend.geometries(np.array(shapes, dtype=object), 12.0), town.outline)
    keep = ~shapely.is_empty(moved)
    kept = [row for row, good in zip(rows, keep, strict=True) if good]
    path = write_features(
        folder / "flood_sample.fgb",
        _areal(moved[keep]),
        {
            "river_id": [row[0] for row in kept],
            "river_name": [row[1] for row in kept],
            "manager_code": ["07"] * len(kept),
            "manager_name": ["福島県（架空）"] * len(kept),
            "depth_rank": [row[2] for row in kept],
            "scenario": [row[3] for row in kept],
        },
    )
    worked = town.bend.geometries(np.array([shapely.union_all(np.array(reach, dtype=object))], dtype=object), 12.0)
    coverage = write_features(
        folder / "flood_coverage_sample.fgb",
        _areal(shapely.intersection(worked, town.outline)),
        {"note": ["浸水想定を算定した区間（架空）"]},
    )
    return SampleFile("flood", path, town.days_ago(640), {"coverage": coverage})


def _ranks(stream: Stream, upto: int, level: float) -> list[tuple[int, shapely.Geometry]]:
    """Areas of ranks 1 to 6, each without the deeper ones; the deepest only where the valley is narrow."""
    line, floor = stream.line[:upto], stream.floor[:upto]
    swell = 0.85 + 0.15 * np.sin(np.arange(upto) / 23.0)
    narrow = np.clip(1.0 - (floor - floor.min()) / max(float(np.ptp(floor)), 1.0), 0.0, 1.0)
    widths = [
        floor * swell * (0.55 + 0.45 * level),
        floor * swell * 0.82 * level,
        floor * swell * 0.52 * level,
        floor * (0.02 + 0.22 * narrow**2) * level,
        np.where(narrow > 0.72, floor * 0.14 * level, 0.0),
        np.where(narrow > 0.86, floor * 0.07 * level, 0.0) if level == 1.0 else np.zeros(upto),
    ]
    areas = [ribbon(line, width) if (width > 0.5).all() else _some(line, width) for width in widths]
    areas.append(shapely.Polygon())
    found = [(rank + 1, areas[rank].difference(areas[rank + 1])) for rank in range(6)]
    return [(rank, area) for rank, area in found if not area.is_empty]


def _some(line: Floats, width: Floats) -> shapely.Geometry:
    parts = [
        ribbon(line[run], width[run])
        for run in np.split(np.arange(len(line)), np.flatnonzero(np.diff((width > 0.5).astype(int))) + 1)
        if len(run) > 1 and width[run[0]] > 0.5
    ]
    return shapely.union_all(np.array(parts, dtype=object)) if parts else shapely.Polygon()


def _areal(shapes: Geometries) -> Geometries:
    """Valid polygons only: what a boundary cuts may leave lines behind."""
    fixed = shapely.make_valid(shapes)
    kept = [
        shapely.multipolygons([p for p in shapely.get_parts(shapely.get_parts(shape)) if p.geom_type == "Polygon"])
        for shape in fixed
    ]
    return np.array(kept, dtype=object)
