"""Two hundred fields of the sample town walked round with a made-up receiver, from its NMEA text to the boundary.

The truth is the drawn field. What is stated of a corner and of an area has to hold as often as it says.
"""

import gzip
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import jgdtrans
import numpy as np
import pyogrio
import pytest
import shapely

from gis.crs import Grids
from gis.errors import MissingGridError
from gis.positioning.boundary import area_with_error, boundary_of, polygon_of
from gis.positioning.corner import corner_of
from gis.positioning.model import Epoch, FixQuality, Station, SurveyedBoundary, Vertex
from gis.positioning.nmea import read
from gis.positioning.plane import to_plane
from gis.positioning.track import line_of
from layers.sample_town.farming import write_farming
from layers.sample_town.town import build
from tests.gis.positioning.walking import Floats, Noise, Walk, degrees_of_jgd2011, drive, walk

PLANE = 6677
FIELDS = 200
NO_GRIDS = Grids()
STATION = Station("役場", "ONO-RTCM3", "JGD2011", Epoch.REFERENCE, "ZED-F9P")
NOISES = {
    "white": Noise(),
    "remembering": Noise(memory_s=60.0),
    "jumping": Noise(jumps=0.1),
    "with float spells": Noise(memory_s=30.0, float_spells=0.3, gst=False),
}


@dataclass(frozen=True)
class Surveyed:
    """A field walked: the drawn truth, what came of it, and the truth of each vertex of its rings."""

    truth: shapely.Polygon
    boundary: SurveyedBoundary
    off_m: list[tuple[Vertex, float, float]]
    noise: str


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[shapely.Polygon]:
    """The sample town's fields as somebody would walk them: at most 24 corners, every fifth with a pond."""
    folder = tmp_path_factory.mktemp("town")
    town = build(75221, 3000, date(2026, 11, 27), lambda _what, _share: None)
    file = next(made.path for made in write_farming(town, folder) if made.layer == "farmland")
    shapes = shapely.get_parts(shapely.from_wkb(pyogrio.raw.read(str(file))[2]))
    fields = [_walkable(shape) for shape in shapes]
    fields = [
        field for field in fields if field.is_valid and field.area > 300 and shapely.get_num_coordinates(field) <= 25
    ]
    return [_with_pond(field) if number % 5 == 0 else field for number, field in enumerate(fields[:FIELDS])]


def _walkable(shape: shapely.Polygon) -> shapely.Polygon:
    outline = shapely.Polygon(shape.exterior)
    for tolerance in (1.0, 2.0, 4.0, 8.0):
        thin = shapely.simplify(outline, tolerance)
        if shapely.get_num_coordinates(thin) <= 25:
            break
    return thin


def _with_pond(field: shapely.Polygon) -> shapely.Polygon:
    inside = shapely.maximum_inscribed_circle(field)
    (x, y), radius = inside.coords[0], 0.6 * inside.length
    return shapely.Polygon(field.exterior, [shapely.Point(x, y).buffer(radius, quad_segs=2).exterior.coords])


def _crosses_a_mesh(field: shapely.Polygon) -> bool:
    """Whether the nodes of the datum grids (every 30″ by 45″) or the sheets of the base map (300 by 400 m) divide it."""
    degrees = degrees_of_jgd2011(shapely.get_coordinates(field)) * (80, 120)
    sheets = shapely.get_coordinates(field) / (400, 300)
    return any((np.ptp(np.floor(where), axis=0) > 0).any() for where in (degrees, sheets))


def _rings(field: shapely.Polygon) -> list[list[tuple[float, float]]]:
    return [list(ring.coords)[:-1] for ring in (field.exterior, *field.interiors)]


def _vertices(walked: Walk, station: Station = STATION, grids: Grids = NO_GRIDS) -> list[Vertex]:
    """From the text to the corners, the fixes of each stand picked by the diary's times."""
    fixes = to_plane(read(walked.log).fixes, station, PLANE, grids)
    return [
        corner_of([fix for fix in fixes if fix.at is not None and stand.begin <= fix.at <= stand.end]).vertex
        for stand in walked.stands
    ]


def _surveyed(field: shapely.Polygon, name: str, seed: int) -> Surveyed:
    rng = np.random.default_rng(seed)
    rings = _rings(field)
    vertices = [_vertices(walk(ring, NOISES[name], rng)) for ring in rings]
    boundary = boundary_of(vertices[0], vertices[1:], plane_epsg=PLANE)
    off = [
        (vertex, vertex.x - x, vertex.y - y)
        for ring, truth in zip(vertices, rings, strict=True)
        for vertex, (x, y) in zip(ring, truth, strict=True)
    ]
    return Surveyed(field, boundary, off, name)


@pytest.fixture(scope="module")
def surveyed(drawn: list[shapely.Polygon]) -> list[Surveyed]:
    names = list(NOISES)
    return [_surveyed(field, names[number % len(names)], 1000 + number) for number, field in enumerate(drawn)]


def test_the_walk_goes_round_two_hundred_fields_some_with_ponds_and_some_over_the_seams(
    drawn: list[shapely.Polygon],
) -> None:
    assert len(drawn) == FIELDS
    assert sum(bool(field.interiors) for field in drawn) == FIELDS / 5
    assert sum(map(_crosses_a_mesh, drawn)) >= 50


@pytest.mark.parametrize("noise", NOISES)
def test_corners_are_within_three_standard_errors_of_the_truth(surveyed: list[Surveyed], noise: str) -> None:
    off = np.array(
        [
            (dx / vertex.sigma_m, dy / vertex.sigma_m)
            for one in surveyed
            if one.noise == noise
            for vertex, dx, dy in one.off_m
        ]
    )

    assert len(off) > 500
    assert (np.abs(off) <= 3).mean() >= 0.997  # what three standard errors promise of one axis
    assert np.abs(off).max() <= 4


def test_a_fixed_corner_is_stated_in_centimetres_and_a_float_one_is_not(surveyed: list[Surveyed]) -> None:
    vertices = [vertex for one in surveyed for vertex, _, _ in one.off_m]
    fixed = [vertex.sigma_m for vertex in vertices if vertex.is_centimetre]
    floating = [vertex.sigma_m for vertex in vertices if vertex.quality is FixQuality.RTK_FLOAT]

    assert len(fixed) + len(floating) == len(vertices)
    assert len(floating) > 50
    assert max(fixed) < 0.05
    assert min(floating) > 0.2


@pytest.mark.parametrize("noise", NOISES)
def test_the_area_is_within_its_95_percent_interval(surveyed: list[Surveyed], noise: str) -> None:
    areas = [(area_with_error(one.boundary), one.truth.area) for one in surveyed if one.noise == noise]
    within = [low <= truth <= high for (low, high), truth in ((area.interval_95, truth) for area, truth in areas)]

    assert len(within) == FIELDS / len(NOISES)
    assert sum(within) / len(within) >= 0.95


def test_the_stated_error_of_an_area_is_no_more_than_the_edges_could_make_it(surveyed: list[Surveyed]) -> None:
    for one in surveyed:
        worst = max(vertex.sigma_m for vertex, _, _ in one.off_m)
        assert area_with_error(one.boundary).sigma_m2 < worst * one.truth.length


def test_every_pond_is_kept_and_every_boundary_is_a_valid_polygon(surveyed: list[Surveyed]) -> None:
    for one in surveyed:
        polygon = polygon_of(one.boundary)
        assert polygon.is_valid
        assert len(polygon.interiors) == len(one.truth.interiors)
        assert polygon.symmetric_difference(one.truth).area < 0.5 * one.truth.length


def test_fields_driven_round_have_their_area_within_the_stated_error(drawn: list[shapely.Polygon]) -> None:
    rng = np.random.default_rng(6677)
    small = [field for field in drawn if field.exterior.length < 400][:20]
    within = 0
    for field in small:
        driven = drive(_rings(field)[0], Noise(memory_s=60.0), rng)
        line = line_of(to_plane(read(driven.log).fixes, STATION, PLANE, NO_GRIDS))
        low, high = area_with_error(boundary_of(line.vertices, plane_epsg=PLANE)).interval_95
        within += low <= shapely.Polygon(field.exterior).area <= high

    assert len(small) == 20
    assert within >= 19


@pytest.fixture(scope="module")
def patch(shared_data: Path) -> Path:
    file = shared_data / "gsi-par/touhokutaiheiyouoki2011_reconstructed.par.txt.gz"
    if not file.is_file():
        pytest.skip(f"the grid of 2011 is not here: {file}")
    return file


def test_over_the_seams_of_the_datum_grid_a_jgd2000_station_gives_the_same_corners(
    drawn: list[shapely.Polygon], patch: Path
) -> None:
    """The grid's own cells meet within these fields; jgdtrans, one point at a time, says what a JGD2000 receiver shows."""
    station = Station("古い基準点", "", "JGD2000", Epoch.REFERENCE, "")
    back = _jgd2000(patch)
    divided = [field for field in drawn if _crosses_a_mesh(field)][:10]
    for number, field in enumerate(divided):
        ring = _rings(field)[0]
        walked = walk(ring, Noise(), np.random.default_rng(number), degrees=back)
        for vertex, (x, y) in zip(_vertices(walked, station, Grids(patchjgd=patch)), ring, strict=True):
            assert math.hypot(vertex.x - x, vertex.y - y) < 0.05  # unmoved it would be 1.96 m
            assert vertex.sigma_m >= 0.2  # what the grid is good for


def test_without_the_grid_a_jgd2000_station_is_refused_naming_its_file(drawn: list[shapely.Polygon]) -> None:
    walked = walk(_rings(drawn[0])[0], Noise(), np.random.default_rng(0))
    station = Station("古い基準点", "", "JGD2000", Epoch.REFERENCE, "")

    with pytest.raises(MissingGridError, match=r"touhokutaiheiyouoki2011\.par"):
        to_plane(read(walked.log).fixes, station, PLANE, Grids())


def _jgd2000(patch: Path) -> Callable[[Floats], Floats]:
    with gzip.open(patch, "rt") as text:
        lines = [line for line in text if line[:8].strip().isdigit() and len(line.split()) >= 3]
    nodes = {int(code): jgdtrans.Parameter(float(lat), float(lon), 0.0) for code, lat, lon, *_ in map(str.split, lines)}
    transformer = jgdtrans.Transformer(data=jgdtrans.ParData(format="PatchJGD", parameter=nodes))

    def degrees(places: Floats) -> Floats:
        points = [transformer.backward(lat, lon) for lon, lat in degrees_of_jgd2011(places)]
        return np.array([(point.longitude, point.latitude) for point in points])

    return degrees
