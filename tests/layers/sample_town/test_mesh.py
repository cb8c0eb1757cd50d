"""Faces over shared vertices: cutting, joining and bending keep neighbours edge-matched."""

import numpy as np
import pytest
import shapely

from layers.sample_town.mesh import densify, dissolve, from_polygons
from layers.sample_town.subdivide import Rules, subdivide


def squares(side: int) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array(
        [shapely.box(x * 100, y * 100, x * 100 + 100, y * 100 + 100) for x in range(side) for y in range(side)]
    )


def rules(count: int, wobble: float = 1.0) -> Rules:
    axis = np.array([0.8, 0.6])
    return Rules(
        np.full(count, 500.0),
        np.full(count, 2.0),
        np.full(count, wobble),
        lambda points, _origin: np.tile(axis, (len(points), 1)),
    )


def test_polygons_come_out_of_a_mesh_as_they_went_in() -> None:
    given = squares(3)
    assert shapely.equals(from_polygons(given).polygons(), given).all()


def test_areas_and_perimeters_agree_with_shapely() -> None:
    mesh = subdivide(from_polygons(squares(3)), rules(9), 120, np.random.default_rng(4)).mesh
    np.testing.assert_allclose(mesh.areas(), shapely.area(mesh.polygons()), atol=1e-6)
    np.testing.assert_allclose(mesh.perimeters(), shapely.length(mesh.polygons()), atol=1e-6)


def test_cutting_gives_exactly_the_number_wanted_as_a_valid_coverage() -> None:
    mesh = subdivide(from_polygons(squares(4)), rules(16, wobble=3.0), 500, np.random.default_rng(3)).mesh
    assert mesh.count == 500
    assert shapely.coverage_is_valid(mesh.polygons())
    assert mesh.areas().sum() == pytest.approx(160_000.0, abs=1.0)
    assert mesh.areas().min() > 0.0


def test_a_winding_face_is_cut_too() -> None:
    horseshoe = shapely.box(0, 0, 300, 300).difference(shapely.box(100, 100, 200, 300))
    mesh = subdivide(from_polygons(np.array([horseshoe])), rules(1), 60, np.random.default_rng(5)).mesh
    assert mesh.areas().max() < 0.1 * horseshoe.area


def test_more_starting_faces_than_wanted_are_refused() -> None:
    with pytest.raises(ValueError, match="16 starting faces for 10 parcels"):
        subdivide(from_polygons(squares(4)), rules(16), 10, np.random.default_rng(3))


def test_vertices_added_along_edges_are_the_same_on_both_sides() -> None:
    mesh = from_polygons(squares(2))
    spacing = np.array([5.0, 50.0, 12.0, 30.0])
    fine = densify(mesh, spacing)
    assert shapely.coverage_is_valid(fine.polygons())
    assert fine.lengths[0] > 40
    assert shapely.equals(fine.polygons(), mesh.polygons()).all()


def test_joined_faces_keep_holes_and_leave_out_negative_labels() -> None:
    mesh = from_polygons(squares(4))
    labels = np.zeros(16, dtype=np.int64)
    labels[5] = 1
    labels[15] = -1
    joined = dissolve(mesh, labels)
    assert sorted(joined) == [0, 1]
    assert shapely.area(joined[0]).sum() == pytest.approx(140_000.0)
    assert [len(polygon.interiors) for polygon in joined[0]] == [1]
