"""City planning, farmland, the agricultural zone, RTK fields, forest and buried heritage."""

from datetime import date
from pathlib import Path

import numpy as np
import shapely

from layers.sample_town import reference
from layers.sample_town.blocks import Ground
from layers.sample_town.cadastral import ground_of
from layers.sample_town.files import SampleFile, write_features, write_table
from layers.sample_town.landform import waves
from layers.sample_town.mesh import Bools, Floats, Geometries, Ints
from layers.sample_town.parcelling import is_field
from layers.sample_town.town import Town

_USES = (  # A29 code, name, 建蔽率, 容積率
    (1, "第一種低層住居専用地域", 50, 80), (2, "第二種低層住居専用地域", 50, 80), (3, "第一種中高層住居専用地域", 60, 200),
    (4, "第二種中高層住居専用地域", 60, 200), (5, "第一種住居地域", 60, 200), (6, "第二種住居地域", 60, 200),
    (7, "準住居地域", 60, 200), (8, "近隣商業地域", 80, 200), (9, "商業地域", 80, 400), (10, "準工業地域", 60, 200),
    (11, "工業地域", 60, 200), (12, "工業専用地域", 60, 200), (21, "田園住居地域", 50, 80),
)  # fmt: skip


def write_land_use(town: Town, folder: Path) -> list[SampleFile]:
    """Writes all layers of this module."""
    return [
        _planning(town, folder), _farmland(town, folder), *_agricultural_zone(town, folder), _rtk(town, folder),
        _forest(town, folder), _heritage(town, folder),
    ]  # fmt: skip


def _planning(town: Town, folder: Path) -> SampleFile:
    """A planning area about the centre, 用途地域 in sectors of whole blocks, and one planned road."""
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
    return SampleFile("city_planning", path, town.days_ago(500))


def _complete(use: Ints, away: Floats) -> None:
    """Gives each 用途地域 that got no block the block nearest the centre whose own has others: every code occurs."""
    for index in sorted(set(range(len(_USES))) - set(use.tolist())):
        spare = np.bincount(use[use >= 0], minlength=len(_USES))[use] > 1
        spare &= use >= 0
        use[np.flatnonzero(spare)[np.argmin(away[spare])]] = index


def _shifted(town: Town, shapes: Geometries, rng: np.random.Generator, reach_m: float) -> Geometries:
    """Shapes as another survey draws them: displaced by up to a metre or so, smoothly over the ground, and a little smaller."""
    east, north = waves(rng, 700.0), waves(rng, 700.0)
    inner = shapely.simplify(shapely.buffer(shapes, -0.4, quad_segs=1, join_style="mitre"), 0.35)

    def move(
        points: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    ) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        away = np.column_stack((east.at(points), north.at(points))) * reach_m
        return np.asarray(np.round(points + away, 3))

    return np.asarray(shapely.transform(inner, move))


def _farmland(town: Town, folder: Path) -> SampleFile:
    """筆ポリゴン: fields seen from the air, so a metre or two off the registered lines, and only those still farmed."""
    rng = town.random("farmland")
    fields = np.flatnonzero(is_field(town.parcels.ground) & (rng.random(town.parcels.faces) < 0.86))
    shapes = _shifted(town, town.shapes[fields], rng, 1.6)
    good = (shapely.get_type_id(shapes) == 3) & (shapely.area(shapes) > 40.0)
    shapes, fields = shapes[good], fields[good]
    paddy = town.parcels.ground[fields] == Ground.PADDY
    identifiers = [f"{value[0]:08x}-{value[1] >> 16:04x}-4{value[1] & 0xFFF:03x}-8{value[2] >> 20:03x}-{value[3]:012x}"
                   for value in zip(*(rng.integers(0, 2**32, len(fields)).tolist() for _ in range(4)), strict=True)]  # fmt: skip
    path = write_features(
        folder / "farmland_sample.fgb",
        shapes,
        {
            "polygon_uuid": identifiers,
            "land_type": np.where(paddy, 100, 200),
            "issue_year": np.full(len(fields), town.today.year),
            "edit_year": rng.integers(town.today.year - 6, town.today.year + 1, len(fields)),
            "local_government_cd": ["075221"] * len(fields),
        },
    )
    return SampleFile("farmland", path, town.days_ago(150))


def _zone_parcels(town: Town) -> Ints:
    """Parcels listed in the agricultural zone: most fields outside the centre, by 字."""
    rng = town.random("zone")
    by_koaza = rng.random(len(town.addresses.koaza_names))[town.addresses.koaza[: town.parcels.faces]]
    numbered = np.array([chiban[0].isdigit() for chiban in town.addresses.chiban[: town.parcels.faces]])
    listed = is_field(town.parcels.ground) & numbered & (by_koaza < 0.8) & (rng.random(town.parcels.faces) < 0.93)
    return np.flatnonzero(listed)


def _agricultural_zone(town: Town, folder: Path) -> list[SampleFile]:
    """The list of 地番 as the town keeps it (CSV), and the same with drawn polygons, which is what is loaded.

    Of the drawn ones about 1 % contradict the list: half lie over another parcel, half spill onto an unlisted neighbour.
    """
    rng = town.random("agricultural zone")
    listed = _zone_parcels(town)
    names = town.addresses
    use = rng.choice(["農地", "農地", "農地", "農地", "農地", "採草放牧地", "農業用施設用地", "山林原野"], len(listed))
    years = rng.integers(1973, town.today.year, len(listed))
    since = [
        date(int(year), int(month), 1) for year, month in zip(years, rng.integers(1, 13, len(listed)), strict=True)
    ]
    write_table(
        folder / "agricultural_zone_sample.csv",
        ("大字", "字", "地番", "区分", "指定年月日"),
        (
            {
                "大字": names.oaza_name(p),
                "字": names.koaza_name(p),
                "地番": names.chiban[p],
                "区分": u,
                "指定年月日": s.isoformat(),
            }
            for p, u, s in zip(listed.tolist(), use.tolist(), since, strict=True)
        ),
    )
    shapes = town.shapes[listed].copy()
    luck = rng.random(len(listed))
    elsewhere = np.flatnonzero(luck < 0.005)
    shapes[elsewhere] = np.roll(town.shapes[listed[elsewhere]], 1)
    spilling = np.flatnonzero((luck >= 0.005) & (luck < 0.01))
    shapes[spilling] = shapely.buffer(shapes[spilling], 9.0, quad_segs=2)
    undrawn = luck > 0.88
    shapes[undrawn] = None
    path = write_features(
        folder / "agricultural_zone_sample.gpkg",
        shapes,
        {
            "oaza": [names.oaza_name(p) for p in listed.tolist()],
            "koaza": [names.koaza_name(p) for p in listed.tolist()],
            "chiban": [names.chiban[p] for p in listed.tolist()],
            "use_class": use.astype(object),
            "designated_on": since,
        },
    )
    return [SampleFile("agricultural_zone", path, town.days_ago(90))]


def _rtk(town: Town, folder: Path) -> SampleFile:
    """A few fields measured with RTK: the registered shape within decimetres, and a hand's breadth of scatter."""
    rng = town.random("rtk")
    size = shapely.area(town.shapes[: town.parcels.faces])
    fields = np.flatnonzero(is_field(town.parcels.ground) & (size > 600.0))
    chosen = np.sort(rng.choice(fields, size=min(26, len(fields)), replace=False))
    shapes = _shifted(town, town.shapes[chosen], rng, 0.5)
    good = shapely.get_type_id(shapes) == 3
    shapes, chosen = shapes[good], chosen[good]
    fixed = rng.random(len(chosen)) < 0.85
    path = write_features(
        folder / "rtk_fields_sample.fgb",
        shapes,
        {
            "field_id": [f"RTK-{index + 1:03d}" for index in range(len(chosen))],
            "field_name": [f"見本{town.addresses.koaza_name(p)}の圃場{n + 1}" for n, p in enumerate(chosen.tolist())],
            "surveyed_on": [town.days_ago(int(days)) for days in rng.integers(20, 800, len(chosen))],
            "fix_quality": np.where(fixed, 4, 5),
            "base_station": ["見本基準局（架空）"] * len(chosen),
            "std_error_m": np.round(
                np.where(fixed, rng.uniform(0.012, 0.035, len(chosen)), rng.uniform(0.2, 0.6, len(chosen))), 3
            ),
            "datum": ["JGD2011"] * len(chosen),
        },
    )
    return SampleFile("rtk_fields", path, town.days_ago(20), {"add": True})


def _blockwise(town: Town, share: float, rng: np.random.Generator, wavelength: float) -> Bools:
    """A patchy choice of blocks, about that share of them."""
    value = waves(rng, wavelength).at(town.centres[: town.parcels.faces])
    blocks = int(town.parcels.block.max()) + 1
    mean = np.bincount(town.parcels.block, value, blocks) / np.maximum(
        np.bincount(town.parcels.block, minlength=blocks), 1
    )
    limit = np.quantile(mean[np.unique(town.parcels.block)], share)
    return np.asarray(mean[town.parcels.block] < limit)


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
