"""The town cut into blocks by roads, water, the foot of the hills, crests and field edges."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import shapely

from layers.sample_town.landform import Landform, floor_polygons, ribbon
from layers.sample_town.mesh import Bools, Floats, Geometries, Ints, Mesh, from_polygons, spans
from layers.sample_town.network import ROAD_SHARE, Network
from layers.sample_town.noise import waves
from layers.sample_town.streams import inside

TERRACE_M = 42.0  # gentle ground above the foot of the hills: gardens, some houses


class Ground(IntEnum):
    """What a block is used for."""

    ROAD = 0
    WATER = 1
    PADDY = 2
    UPLAND = 3
    HOUSE = 4
    CENTRE = 5
    FOREST = 6


@dataclass(frozen=True)
class Blocks:
    """Blocks as an edge-matched mesh with the use of each."""

    mesh: Mesh
    ground: Ints


def blocks(town: shapely.Polygon, land: Landform, roads: Network, spacing_m: float, rng: np.random.Generator) -> Blocks:
    """Lays all lines over each other and takes the faces between them; field edges stand about `spacing_m` apart."""
    water = shapely.union_all(
        np.array([ribbon(s.line, s.channel) for s in land.streams if s.order < 3 or len(s.line) > 25])
    )
    centre_lines = shapely.linestrings(np.concatenate([road.line for road in roads.roads]), indices=_indices(roads))
    widths = np.array([road.width for road in roads.roads])
    tarmac = shapely.union_all(shapely.buffer(centre_lines, widths / 2.0 + 0.4, quad_segs=2)).difference(water)
    floor = shapely.union_all(floor_polygons(land.streams, 1.0))
    terrace = shapely.union_all(floor_polygons(land.streams, 1.0, TERRACE_M))
    lines = [
        town.boundary, shapely.boundary(water), shapely.boundary(tarmac), shapely.boundary(floor), shapely.boundary(terrace),
        *_crests(land, terrace), *_field_edges(land, spacing_m, roads.centre, rng), *_ticks(centre_lines, widths, spacing_m),
        *_stream_ticks(land, spacing_m),
    ]  # fmt: skip
    faces = _faces(lines, town)
    ground = _grounds(faces, (tarmac, water, floor, terrace), land, roads, rng)
    faces, ground = _without_slivers(faces, ground)
    return Blocks(from_polygons(faces), ground)


def _indices(roads: Network) -> Ints:
    return np.repeat(np.arange(len(roads.roads)), [len(road.line) for road in roads.roads])


def _faces(lines: list[shapely.Geometry], town: shapely.Polygon) -> Geometries:
    """Noded at the centimetre and cut into faces inside the town, none of them with a hole."""
    noded = shapely.union_all(np.array(lines, dtype=object), grid_size=0.01)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    faces = faces[inside(town, shapely.get_coordinates(shapely.point_on_surface(faces)))]
    holed = shapely.get_num_interior_rings(faces) > 0
    opened = [part for face in faces[holed] for part in _opened(face)]
    return np.concatenate((faces[~holed], np.array(opened, dtype=object)))


def _opened(face: shapely.Polygon) -> list[shapely.Polygon]:
    """Cuts a face with holes by lines from the four ends of each hole to corners of other rings: no neighbour gets a corner."""
    if not face.interiors:
        return [face]
    rings = [np.asarray(ring.coords)[:-1] for ring in (face.exterior, *face.interiors)]
    joints = []
    for number, hole in enumerate(rings[1:], start=1):
        others = np.concatenate(rings[:number] + rings[number + 1 :])
        ends = {int(hole[:, axis].argmin()) for axis in (0, 1)} | {int(hole[:, axis].argmax()) for axis in (0, 1)}
        joints += [_joint(face, hole[end], others) for end in sorted(ends)]
    parts = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all([face.boundary, *joints]))))
    inner = [part for part in parts if face.contains(part.representative_point())]
    return [opened for part in inner for opened in _opened(part)]


def _joint(face: shapely.Polygon, corner: Floats, others: Floats) -> shapely.LineString:
    """The shortest line from a corner of one ring to a corner of another that stays within the face."""
    away = np.hypot(*(others - corner).T)
    nearest = np.argsort(away, kind="stable")
    candidates = (shapely.LineString([corner, others[index]]) for index in nearest if away[index] > 0.0)
    return next(line for line in candidates if line.relate_pattern(face, "1FF******"))


def _crests(land: Landform, floor: shapely.Geometry) -> list[shapely.Geometry]:
    """Lines between the catchments of two streams, smoothed, outside the valley floors."""
    samples = np.concatenate([stream.line[::3] for stream in land.streams])
    number = np.concatenate([np.full(len(stream.line[::3]), index) for index, stream in enumerate(land.streams)])
    _, first = np.unique(np.round(samples, 2), axis=0, return_index=True)
    samples, number = samples[np.sort(first)], number[np.sort(first)]
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(samples), ordered=True))
    lines = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(borders(from_polygons(cells), number))))
    lines = shapely.simplify(lines, 12.0)
    rounded = [shapely.LineString(_chaikin(np.asarray(line.coords))) for line in lines]
    outside = shapely.multilinestrings(rounded).difference(floor.buffer(-4.0))
    return [line for line in shapely.get_parts(outside) if line.length > 8.0]


def borders(mesh: Mesh, labels: Ints) -> Geometries:
    """Edges between faces of different label as two-point lines."""
    side, other = mesh.pairs
    element = side[labels[mesh.owner[side]] != labels[mesh.owner[other]]]
    ends = np.stack((mesh.points[mesh.ring[element]], mesh.points[mesh.ring[mesh.following[element]]]), axis=1)
    return np.asarray(shapely.linestrings(ends))


def _chaikin(corners: Floats) -> Floats:
    for _ in range(2):
        if len(corners) < 3:
            return corners
        near, far = corners[:-1] * 0.75 + corners[1:] * 0.25, corners[:-1] * 0.25 + corners[1:] * 0.75
        corners = np.vstack((corners[:1], np.stack((near, far), axis=1).reshape(-1, 2)[1:-1], corners[-1:]))
    return corners


def _field_edges(
    land: Landform, spacing_m: float, centre: shapely.Polygon, rng: np.random.Generator
) -> list[shapely.Geometry]:
    """Lines across the valley floors from foot to foot; none where a larger valley's floor is already cut, none in the centre."""
    lines: list[shapely.Geometry] = []
    shapely.prepare(centre)
    for stream in land.streams:
        if stream.order == 3 and spacing_m > 300.0:
            continue
        along, left = stream.along, stream.left
        start = 0.0 if stream.parent < 0 else _reach(land, stream.parent, stream.line)
        at = start + rng.uniform(20, spacing_m)
        while at < along[-1] - 15.0:
            index = int(np.searchsorted(along, at))
            across = left[index] * (stream.floor[index] + TERRACE_M + 4.0)
            point = stream.line[index]
            if not shapely.contains_xy(centre, *point):
                lines.append(shapely.LineString([point - across, point + across]))
            at += spacing_m * rng.uniform(0.7, 1.3) * (1.0 if stream.order < 2 else 1.25)
    return lines


def _reach(land: Landform, parent: int, line: Floats) -> float:
    """How far up a stream its parent's floor reaches, in m."""
    near = land.streams[parent]
    at = int(np.argmin(np.hypot(*(near.line - line[0]).T)))
    return float(near.floor[at]) + 10.0


def _ticks(lines: Geometries, widths: Floats, spacing_m: float) -> list[shapely.Geometry]:
    """Short lines across roads, one at least on each, so that roads become parcels and not one net."""
    lengths = shapely.length(lines)
    count = np.maximum(1, np.round(lengths / max(130.0, spacing_m))).astype(np.int64)
    which = np.repeat(np.arange(len(lines)), count)
    at = (spans(np.zeros(len(lines), dtype=np.int64), count) + 0.5) / count[which] * lengths[which]
    middle, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines[which], place)) for place in (at, at + 0.5)
    )
    step = (ahead - middle) * 2.0
    across = np.column_stack((-step[:, 1], step[:, 0])) * (widths[which] / 2.0 + 1.2)[:, None]
    return list(shapely.linestrings(np.stack((middle - across, middle + across), axis=1)))


def _stream_ticks(land: Landform, spacing_m: float) -> list[shapely.Geometry]:
    ticks: list[shapely.Geometry] = []
    for stream in land.streams:
        every = max(8, round(max(260.0, spacing_m * 2) / 25.0))
        for index in range(4, len(stream.line) - 2, every):
            across = stream.left[index] * (stream.channel[index] * 1.15 + 0.8)
            ticks.append(shapely.LineString([stream.line[index] - across, stream.line[index] + across]))
    return ticks


def _grounds(
    faces: Geometries, areas: tuple[shapely.Geometry, ...], land: Landform, roads: Network, rng: np.random.Generator
) -> Ints:
    """Road and water by place; on the floor paddies by the stream, houses or upland fields between road and hill; forest above."""
    tarmac, water, floor, terrace = areas
    at = shapely.get_coordinates(shapely.point_on_surface(faces))
    shares = np.array([ROAD_SHARE[stream.order] for stream in land.streams])
    inner = shapely.union_all(
        np.array(
            [
                ribbon(s.line, np.maximum(s.floor * share, s.channel + 3.0))
                for s, share in zip(land.streams, shares, strict=True)
            ]
        )
    )
    ground = np.full(len(faces), int(Ground.FOREST))
    on_floor = inside(floor, at)
    village = waves(rng, 1500.0).at(at) + 0.5 * waves(rng, 500.0).at(at) > 0.05
    luck = waves(rng, 700.0).at(at) + 0.6 * waves(rng, 230.0).at(at)
    on_terrace = inside(terrace, at)
    ground[on_terrace & (luck > 0.28)] = Ground.UPLAND
    ground[on_terrace & village & (luck > 0.55)] = Ground.HOUSE
    ground[on_floor] = np.where(village[on_floor], Ground.HOUSE, Ground.UPLAND)
    ground[on_floor & inside(inner, at)] = Ground.PADDY
    ground[inside(roads.centre, at)] = Ground.CENTRE
    ground[inside(tarmac, at)] = Ground.ROAD
    ground[inside(water, at)] = Ground.WATER
    return ground


def _without_slivers(faces: Geometries, ground: Ints) -> tuple[Geometries, Ints]:
    """Gives faces too small or too thin for a parcel to the neighbour with the longest common boundary."""
    for _ in range(3):
        thin = _slivers(faces, ground)
        if not thin.any():
            break
        mesh = from_polygons(faces)
        into = _longest_neighbour(mesh, thin)
        label = np.arange(len(faces))
        label[thin] = np.where(into[thin] >= 0, into[thin], label[thin])
        touched = np.isin(label, label[thin & (into >= 0)])
        groups = label[touched]
        order = np.argsort(groups, kind="stable")
        members, groups = faces[touched][order], groups[order]
        cuts = np.flatnonzero(np.diff(groups)) + 1
        merged = [shapely.coverage_union_all(group) for group in np.split(members, cuts)]
        keep_ground = ground[[group[0] for group in np.split(groups, cuts)]]
        simple = np.array(
            [geometry.geom_type == "Polygon" and not geometry.interiors for geometry in merged], dtype=bool
        )
        if not simple.any():
            break
        rest = ~touched
        failed = np.isin(label, np.array([group[0] for group in np.split(groups, cuts)])[~simple])
        faces = np.concatenate((faces[rest | failed], np.array(merged, dtype=object)[simple]))
        ground = np.concatenate((ground[rest | failed], keep_ground[simple]))
    return faces, ground


def _slivers(faces: Geometries, ground: Ints) -> Bools:
    area, length = shapely.area(faces), shapely.length(faces)
    thinness = 4 * np.pi * area / length**2
    long_kind = (ground == Ground.ROAD) | (ground == Ground.WATER)
    return np.asarray((area < 6.0) | (~long_kind & ((area < 25.0) | (area < 1.5 * length) & (thinness < 0.2))))


def _longest_neighbour(mesh: Mesh, faces: Bools) -> Ints:
    """For the given faces the neighbour that is not one of them and shares most boundary (−1: none)."""
    element, other = mesh.pairs
    a, b = mesh.owner[element], mesh.owner[other]
    step = mesh.points[mesh.ring[mesh.following[element]]] - mesh.points[mesh.ring[element]]
    length = np.hypot(step[:, 0], step[:, 1])
    who, beside, long = np.concatenate((a, b)), np.concatenate((b, a)), np.concatenate((length, length))
    use = faces[who] & ~faces[beside]
    pairs, inverse = np.unique(who[use] * mesh.count + beside[use], return_inverse=True)
    total = np.bincount(inverse, weights=long[use], minlength=len(pairs))
    best = np.full(mesh.count, -1, dtype=np.int64)
    for index in np.argsort(total, kind="stable"):
        best[pairs[index] // mesh.count] = pairs[index] % mesh.count
    return best
