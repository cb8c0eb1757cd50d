"""City planning: the planning area, 用途地域 with A29 codes, and a planned road."""

from datetime import date
from pathlib import Path

import numpy as np
import shapely

from layers.sample_town.files import SampleFile, write_features
from layers.sample_town.mesh import Floats, Ints
from layers.sample_town.town import Town

_USES = (  # A29 code, name, 建蔽率, 容積率
    (1, "第一種低層住居専用地域", 50, 80), (2, "第二種低層住居専用地域", 50, 80), (3, "第一種中高層住居専用地域", 60, 200),
    (4, "第二種中高層住居専用地域", 60, 200), (5, "第一種住居地域", 60, 200), (6, "第二種住居地域", 60, 200),
    (7, "準住居地域", 60, 200), (8, "近隣商業地域", 80, 200), (9, "商業地域", 80, 400), (10, "準工業地域", 60, 200),
    (11, "工業地域", 60, 200), (12, "工業専用地域", 60, 200), (21, "田園住居地域", 50, 80),
)  # fmt: skip


def write_planning(town: Town, folder: Path) -> list[SampleFile]:
    """Writes a planning area about the centre, 用途地域 in sectors of whole blocks, and one planned road."""
    rng = town.random("planning")
    centre = shapely.transform(town.roads.centre, town.bend.points)
    middle = np.array(centre.centroid.coords[0])
    away = np.hypot(*(town.centres - middle).T)[: town.parcels.faces]
    blocks = int(town.parcels.block.max()) + 1
    block_away = np.bincount(town.parcels.block, away, blocks) / np.maximum(
        np.bincount(town.parcels.block, minlength=blocks), 1
    )
    near = block_away[town.parcels.block] < 2600.0
    area = shapely.multipolygons(town.dissolved(np.where(near, 0, -1))[0])
    angle = np.arctan2(*(town.centres[: town.parcels.faces] - middle).T[::-1])
    sector = np.bincount(town.parcels.block, angle, blocks) / np.maximum(
        np.bincount(town.parcels.block, minlength=blocks), 1
    )
    ring = np.digitize(block_away, (260.0, 520.0, 900.0))
    part = np.digitize(sector, (-1.8, -0.6, 0.6, 1.8)) % 4
    table = np.array([[8, 7, 8, 9], [5, 6, 4, 10], [2, 3, 0, 11], [12, 1, 12, 12]])
    flat = town.land.beyond_at(town.centres[: town.parcels.faces]) < 160.0
    flat_block = np.bincount(town.parcels.block, flat, blocks) > 0.5 * np.bincount(town.parcels.block, minlength=blocks)
    use = np.where((block_away < 1150.0) & flat_block, table[ring, part], -1)
    _complete(use, block_away)
    zones = town.dissolved(use[town.parcels.block])
    shapes: list[shapely.Geometry] = [area]
    rows: list[tuple[str, int | None, str | None, int | None, int | None, date]] = [
        ("area", None, "見本都市計画区域", None, None, date(1971, 3, 31))
    ]
    for index, polygons in sorted(zones.items()):
        code, name, coverage, floor = _USES[index]
        shapes.append(shapely.multipolygons(polygons))
        rows.append(("use", code, name, coverage, floor, date(1986 + index % 3 * 9, 4, 1)))
    turn = town.roads.centre_axis + 0.5
    along = np.array([np.cos(turn), np.sin(turn)])
    route = np.array([middle + along * reach + rng.normal(0, 25, 2) for reach in np.linspace(-1500, 1500, 9)])
    road = shapely.LineString(route).intersection(area).buffer(8.0, cap_style="flat")
    shapes.append(road)
    rows.append(("road", None, "3・5・1 見本中央線", None, None, date(1974, 8, 1)))
    kinds = list(zip(*rows, strict=True))
    path = write_features(
        folder / "city_planning_sample.fgb",
        np.array(shapes, dtype=object),
        {
            "zone_kind": kinds[0], "use_code": kinds[1], "use_name": kinds[2], "coverage_ratio": kinds[3],
            "floor_ratio": kinds[4], "decided_on": kinds[5],
        },
    )  # fmt: skip
    return [SampleFile("city_planning", path, town.days_ago(500))]


def _complete(use: Ints, away: Floats) -> None:
    """Gives each 用途地域 that got no block the block nearest the centre whose own has others: every code occurs."""
    for index in sorted(set(range(len(_USES))) - set(use.tolist())):
        spare = np.bincount(use[use >= 0], minlength=len(_USES))[use] > 1
        spare &= use >= 0
        use[np.flatnonzero(spare)[np.argmin(away[spare])]] = index
