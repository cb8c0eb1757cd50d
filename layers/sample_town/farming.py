"""Fields seen from the air, the agricultural zone with its contradictions, and fields measured with RTK."""

from datetime import date
from pathlib import Path

import numpy as np
import shapely

from layers.sample_town.blocks import Ground
from layers.sample_town.files import SampleFile, write_features, write_table
from layers.sample_town.mesh import Geometries, Ints
from layers.sample_town.noise import waves
from layers.sample_town.parcelling import is_field
from layers.sample_town.town import Town


def write_farming(town: Town, folder: Path) -> list[SampleFile]:
    """Writes 筆ポリゴン, the agricultural zone, RTK fields and the base stations that they were measured from."""
    return [_farmland(town, folder), *_agricultural_zone(town, folder), _rtk(town, folder), _stations(town, folder)]


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


def _stations(town: Town, folder: Path) -> SampleFile:
    """Two stations of the town, one of which does not reach all fields, a service's, and two reference points: all made up."""
    west, south, east, north = shapely.total_bounds(town.shapes[: town.parcels.faces])
    width, height = east - west, north - south
    rows = (
        ("ONO-1", "見本基準局（架空）", "town", (0.5, 0.52), 6.0, "SAMPLE1", "ok", "役場の屋上"),
        (
            "ONO-2",
            "見本基準局・南（架空）",
            "town",
            (0.45, 0.2),
            3.0,
            "SAMPLE2",
            "attention",
            "停電のあと固定解になりにくい",
        ),
        ("SVC-1", "見本補正サービス（架空）", "provider", (0.1, 0.9), 10.0, None, "ok", ""),
        ("G-1", "見本電子基準点１（架空）", "geonet", (0.7, 0.95), None, None, None, ""),
        ("G-2", "見本電子基準点２（架空）", "geonet", (-0.2, 0.3), None, None, None, ""),
    )
    owners = {"town": "小野町（架空）", "provider": "見本の事業者（架空）", "geonet": "見本の測量機関（架空）"}
    places = shapely.points([(west + at[0] * width, south + at[1] * height) for _, _, _, at, *_ in rows])
    path = write_features(
        folder / "base_stations_sample.gpkg",
        places,
        {
            "station_id": [row[0] for row in rows],
            "name": [row[1] for row in rows],
            "kind": [row[2] for row in rows],
            "owner": [owners[row[2]] for row in rows],
            "datum": ["JGD2011"] * len(rows),
            "epoch": ["reference"] * len(rows),
            "coverage_km": np.array([row[4] for row in rows], dtype=object),
            "position_error_m": [600.0 if row[2] == "geonet" else 0.02 for row in rows],
            "mount_point": np.array([row[5] for row in rows], dtype=object),
            "health": np.array([row[6] for row in rows], dtype=object),
            "health_note": [row[7] for row in rows],
            "contact": ["産業振興課"] * len(rows),
        },
        kind="Point",
    )
    return SampleFile("base_stations", path, town.days_ago(20), {"add": True})


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
