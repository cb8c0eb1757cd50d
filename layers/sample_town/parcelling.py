"""From blocks to parcels: sizes and shapes by use of the ground, islands, and the final coordinates."""

from dataclasses import dataclass

import numpy as np
import shapely

from layers.sample_town.blocks import Blocks, Ground
from layers.sample_town.landform import Landform
from layers.sample_town.mesh import Bools, Floats, Geometries, Ints, Mesh, densify
from layers.sample_town.subdivide import Parcelling, Rules, subdivide
from layers.sample_town.warp import Warp

# by Ground: parcel size in m², length along the axis over depth, wobble of the cuts
_SIZE = np.array([900.0, 900.0, 820.0, 640.0, 390.0, 240.0, 4300.0])
_ASPECT = np.array([1.0, 1.0, 2.0, 1.5, 0.75, 0.8, 0.65])
_WOBBLE = np.array([0.0, 0.0, 1.0, 1.2, 0.6, 0.35, 2.2])


@dataclass(frozen=True)
class Parcels:
    """All parcels: `mesh` are the faces; `islands` lie inside the faces `island_in`, which have a hole for each.

    `shapes` are faces with their holes, then islands; `ground`, `block`, `last_cut` and `cut_before` are for faces only.
    """

    mesh: Mesh
    shapes: Geometries
    ground: Ints
    block: Ints
    last_cut: Ints
    cut_before: Ints
    island_in: Ints

    @property
    def faces(self) -> int:
        """Number of faces; islands come after them."""
        return self.mesh.count


def parcels(
    found: Blocks, land: Landform, bend: Warp, centre_axis: float, count: int, rng: np.random.Generator
) -> Parcels:
    """Cuts blocks into exactly `count` parcels, islands included, valid and edge-matched."""
    islands = max(3, count // 350)
    parted = subdivide(found.mesh, _rules(found, land, centre_axis, rng), count - islands, rng)
    mesh, shapes = _placed(parted, bend)
    ground = found.ground[parted.origin]
    shapes, island_in = _with_islands(shapes, ground, islands, rng)
    return Parcels(mesh, shapes, ground, parted.origin, parted.last_cut, parted.cut_before, island_in)


def _rules(found: Blocks, land: Landform, centre_axis: float, rng: np.random.Generator) -> Rules:
    ground, count = found.ground, found.mesh.count
    long_axis = _principal(found.mesh)
    fixed = np.array([np.cos(centre_axis), np.sin(centre_axis)])

    def axis(points: Floats, origin: Ints) -> Floats:
        use = ground[origin]
        direction = land.axis_at(points)
        along = (use == Ground.ROAD) | (use == Ground.WATER)
        direction = np.where(along[:, None], long_axis[origin], direction)
        return np.asarray(np.where((use == Ground.CENTRE)[:, None], fixed, direction))

    at = _middles(found.mesh)
    order = np.array([stream.order for stream in land.streams])[land.stream_at(at)]
    size, aspect = _SIZE[ground].copy(), _ASPECT[ground].copy()
    paddy, wooded = ground == Ground.PADDY, ground == Ground.FOREST
    size[paddy] *= np.array([1.75, 1.15, 0.7, 0.5])[order[paddy]]
    aspect[paddy] = np.array([0.42, 0.6, 0.9, 0.8])[order[paddy]]  # consolidated fields stand across the valley
    contour = paddy & (rng.random(count) < 0.3)
    aspect[contour] = 2.6
    size[wooded] *= np.clip(0.35 + land.beyond_at(at[wooded]) / 220.0, 0.3, 1.7)
    spread = np.where(wooded, 0.40, 0.25)
    return Rules(
        size * np.exp(rng.normal(0.0, 1.0, count) * spread),
        aspect * np.exp(rng.normal(0.0, 0.30, count)),
        _WOBBLE[ground],
        axis,
    )


def _middles(mesh: Mesh) -> Floats:
    """Mean of each face's corners."""
    points = mesh.points[mesh.ring]
    total = np.column_stack([np.add.reduceat(points[:, axis], mesh.offsets[:-1]) for axis in (0, 1)])
    return np.asarray(total / mesh.lengths[:, None])


def _principal(mesh: Mesh) -> Floats:
    """Direction of the longest extent of each face's corners, unit vectors."""
    away = mesh.points[mesh.ring] - _middles(mesh)[mesh.owner]
    xx, yy, xy = (
        np.add.reduceat(value, mesh.offsets[:-1])
        for value in (away[:, 0] ** 2, away[:, 1] ** 2, away[:, 0] * away[:, 1])
    )
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    return np.column_stack((np.cos(angle), np.sin(angle)))


def _placed(parted: Parcelling, bend: Warp) -> tuple[Mesh, Geometries]:
    """Adds vertices and bends; a parcel that crosses itself after that gets more vertices, so that its edges bend as one.

    Raises ValueError when a parcel stays invalid, which would be a mistake in this module.
    """
    coarse = parted.mesh
    perimeter = coarse.perimeters()
    spacing = np.minimum(np.clip(perimeter / 15.0, 2.5, 26.0), np.maximum(coarse.areas() / perimeter * 8.0, 1.5))
    for _ in range(5):
        fine = densify(coarse, spacing)
        mesh = fine.moved(bend.points(fine.points))
        shapes = mesh.polygons()
        bad = ~shapely.is_valid(shapes)
        if not bad.any():
            return mesh, shapes
        spacing = np.where(bad, np.maximum(spacing * 0.15, 0.5), spacing)
    raise ValueError(f"{int(bad.sum())} parcels of the sample town are not valid")


def _with_islands(shapes: Geometries, ground: Ints, count: int, rng: np.random.Generator) -> tuple[Geometries, Ints]:
    """Puts a small parcel (a grave, a pylon, a pond) inside some fields and woods."""
    able = np.flatnonzero(np.isin(ground, (Ground.PADDY, Ground.UPLAND, Ground.FOREST)))
    tried = rng.permutation(able)[: count * 12]
    middle = shapely.centroid(shapes[tried])
    room = np.where(
        shapely.contains(shapes[tried], middle), shapely.distance(middle, shapely.boundary(shapes[tried])), 0.0
    )
    chosen = np.flatnonzero(room > 5.0)[:count]
    if len(chosen) < count:
        chosen = np.argsort(-room, kind="stable")[:count]
    island_in = tried[chosen]
    islands = [
        _island(point, min(float(size) * 0.6, float(rng.uniform(3.0, 14.0))), rng)
        for point, size in zip(shapely.get_coordinates(middle[chosen]), room[chosen], strict=True)
    ]
    around = shapes.copy()
    for face, island in zip(island_in, islands, strict=True):
        around[face] = shapely.Polygon(shapes[face].exterior.coords, [island.exterior.coords[::-1]])
    return np.concatenate((around, np.array(islands, dtype=object))), island_in


def _island(middle: Floats, radius: float, rng: np.random.Generator) -> shapely.Polygon:
    corners = int(rng.integers(8, 14))
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False) + rng.uniform(0, 1)
    reach = radius * rng.uniform(0.75, 1.0, corners)
    ring = middle + np.column_stack((np.cos(turn), np.sin(turn))) * reach[:, None]
    return shapely.Polygon(np.round(ring, 3))


def is_field(ground: Ints) -> Bools:
    """Paddies and upland fields."""
    return np.asarray((ground == Ground.PADDY) | (ground == Ground.UPLAND))
