"""Roads, water mains and their fittings."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely

from layers.sample_town.files import SampleFile, write_features
from layers.sample_town.mesh import Bools, Geometries, Ints
from layers.sample_town.network import Road
from layers.sample_town.town import Town

_DIAMETERS = {"national": (150, 200), "prefectural": (100, 150, 200), "town": (50, 75, 75, 100, 150)}
_MATERIALS = ("ダクタイル鋳鉄管", "硬質塩化ビニル管", "ポリエチレン管", "石綿セメント管")
_CUT_M = 380.0


def write_lines(town: Town, folder: Path) -> list[SampleFile]:
    """Writes roads, mains and fittings."""
    lines = road_lines(town)
    return [_roads(town, lines, folder), *_water(town, lines, folder)]


def road_lines(town: Town) -> Geometries:
    """Centre lines where the parcels are, cut to the town; one per road of the network, None where it lies outside."""
    drawn = np.array([shapely.LineString(road.line) for road in town.roads.roads], dtype=object)
    inside = shapely.intersection(town.bend.geometries(drawn), town.outline)
    return np.array([shape if shape.length > 5.0 else None for shape in inside], dtype=object)


def _roads(town: Town, lines: Geometries, folder: Path) -> SampleFile:
    kept = [(road, line) for road, line in zip(town.roads.roads, lines, strict=True) if line is not None]
    roads = [road for road, _ in kept]
    counted = dict.fromkeys(("national", "prefectural", "town", "forest_road", "other"), 0)
    numbers: list[str | None] = []
    names: list[str | None] = []
    for road in roads:
        counted[road.kind] += 1
        number = counted[road.kind]
        numbers.append(_number(road, number))
        names.append(road.name or _name(road, number))
    path = write_features(
        folder / "roads_sample.fgb",
        np.array([shapely.set_precision(line, 0.001, mode="pointwise") for _, line in kept], dtype=object),
        {
            "route_number": numbers,
            "route_name": names,
            "road_class": [road.kind for road in roads],
            "width_m": np.round([road.width for road in roads], 1),
            "status": ["open"] * len(roads),
            "is_recognized": [road.recognised for road in roads],
        },
        "MultiLineString",
    )
    return SampleFile("roads", path, town.days_ago(75))


def _number(road: Road, count: int) -> str | None:
    if not road.recognised:
        return None
    return {"national": "見本国{}", "prefectural": "見本県{}", "town": "{}", "forest_road": "林{}", "other": "他{}"}[
        road.kind
    ].format(count if road.kind != "town" else 1000 + count)


def _name(road: Road, count: int) -> str | None:
    if not road.recognised:
        return None
    return f"林道見本{count}号線" if road.kind == "forest_road" else f"町道見本{count}号線"


def _water(town: Town, lines: Geometries, folder: Path) -> list[SampleFile]:
    """Mains under the wider roads of the valleys, 1.2 m beside the centre line, cut into lengths of some 380 m."""
    rng = town.random("water")
    shapes: list[shapely.Geometry] = []
    classes: list[str] = []
    for road, line in zip(town.roads.roads, lines, strict=True):
        if line is None or road.kind not in _DIAMETERS or road.width < 3.6 or rng.random() < 0.12:
            continue
        for part in shapely.get_parts(line):
            moved = shapely.offset_curve(part, 1.2)
            for piece in shapely.get_parts(moved):
                pieces = _pieces(piece)
                shapes += pieces
                classes += [road.kind] * len(pieces)
    mains = np.array(shapes, dtype=object)
    diameter = np.array([int(rng.choice(_DIAMETERS[kind])) for kind in classes])
    year = rng.integers(1963, town.today.year, len(mains))
    material = [_material(int(y), int(d)) for y, d in zip(year, diameter, strict=True)]
    kind = np.where(diameter >= 150, "配水本管", "配水支管").astype(object)
    kind[diameter == 200] = rng.choice(["配水本管", "配水本管", "送水管", "導水管"], int((diameter == 200).sum()))
    path = write_features(
        folder / "water_mains_sample.fgb",
        mains,
        {
            "main_id": [f"M{index + 1:05d}" for index in range(len(mains))],
            "diameter_mm": diameter,
            "material": material,
            "laid_year": year,
            "kind": kind,
        },
        "MultiLineString",
    )
    return [SampleFile("water", path, town.days_ago(120)), _fittings(town, mains, diameter, folder)]


def _pieces(line: shapely.LineString) -> list[shapely.LineString]:
    """The line in equal lengths of some 380 m."""
    corners = np.asarray(line.coords)
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))))
    ends = np.linspace(0.0, along[-1], max(1, round(along[-1] / _CUT_M)) + 1)
    at = np.unique(np.concatenate((along, ends)))
    points = np.round(np.column_stack((np.interp(at, along, corners[:, 0]), np.interp(at, along, corners[:, 1]))), 3)
    parts = [shapely.LineString(points[(at >= start) & (at <= stop)]) for start, stop in pairwise(ends)]
    return [part for part in parts if part.length > 8.0]


def _material(year: int, diameter: int) -> str:
    if year < 1975:
        return _MATERIALS[3] if diameter <= 100 else _MATERIALS[0]
    if diameter >= 150:
        return _MATERIALS[0]
    return _MATERIALS[1] if year < 2003 else _MATERIALS[2]


def _fittings(town: Town, mains: Geometries, diameter: Ints, folder: Path) -> SampleFile:
    """A valve at both ends of a main, hydrants every 150 m on mains of 75 mm and more, some air valves and drains."""
    rng = town.random("fittings")
    points: list[shapely.Point] = []
    kinds: list[str] = []
    sizes: list[int] = []
    for main, size in zip(mains, diameter.tolist(), strict=True):
        places = [(2.0, "valve")]
        if size >= 75:
            places += [(float(at), "hydrant") for at in np.arange(70.0, main.length - 10.0, 150.0)]
        if rng.random() < 0.12:
            places.append((main.length * 0.6, str(rng.choice(["air_valve", "drain"]))))
        for at, kind in places:
            points.append(main.interpolate(at))
            kinds.append(kind)
            sizes.append(65 if kind == "hydrant" else size)
    counted = dict.fromkeys(("valve", "hydrant", "air_valve", "drain"), 0)
    letters = {"valve": "V", "hydrant": "H", "air_valve": "A", "drain": "D"}
    numbers = []
    for kind in kinds:
        counted[kind] += 1
        numbers.append(f"{letters[kind]}-{counted[kind]:04d}")
    path = write_features(
        folder / "water_fittings_sample.fgb",
        np.array(points, dtype=object),
        {
            "fitting_id": [f"F{index + 1:05d}" for index in range(len(points))],
            "kind": kinds,
            "diameter_mm": sizes,
            "number": numbers,
        },
        "Point",
    )
    return SampleFile("water_fittings", path, town.days_ago(120))


def near_roads(town: Town, within_m: float) -> Bools:
    """Which parcels have their middle that near to a road."""
    lines = [line for line in road_lines(town) if line is not None]
    tree = shapely.STRtree(np.array(lines, dtype=object))
    points = shapely.points(town.centres)
    found = tree.query(points, predicate="dwithin", distance=within_m)[0]
    near = np.zeros(len(points), dtype=bool)
    near[found] = True
    return near
