"""One smooth displacement of the whole town, which bends every drawn line without ever letting two of them cross."""

from dataclasses import dataclass

import numpy as np
import shapely

from layers.sample_town.landform import GRID_M, Landform, interpolate
from layers.sample_town.mesh import Floats, Geometries
from layers.sample_town.noise import Waves, waves

# wavelength and height of the displacement in m; the sum of 2π·height/wavelength stays under 0.6, so that no line can fold over
_SCALES = ((520.0, 15.0), (150.0, 4.0), (48.0, 0.5))
_FADE_M = 300.0


@dataclass(frozen=True)
class Warp:
    """Displaces places inside the town; on its outline nothing moves."""

    terms: tuple[tuple[float, Waves, Waves], ...]
    fade: Floats
    origin: tuple[float, float]

    def points(self, points: Floats) -> Floats:
        """Moved places (n, 2)."""
        size = interpolate(self.fade, self.origin, points)
        move = np.zeros_like(points)
        for height, east, north in self.terms:
            move[:, 0] += height * east.at(points)
            move[:, 1] += height * north.at(points)
        return np.asarray(points + move * size[:, None])

    def geometries(self, shapes: Geometries, every_m: float = 12.0) -> Geometries:
        """Moved geometries, given a vertex every so many metres first."""
        dense = shapely.segmentize(shapes, every_m)
        return np.asarray(shapely.transform(dense, lambda points: np.round(self.points(points), 3)))


def warp(town: shapely.Polygon, land: Landform, rng: np.random.Generator) -> Warp:
    """The displacement of this town."""
    rows, columns = land.stream.shape
    x, y = np.meshgrid(land.origin[0] + np.arange(columns) * GRID_M, land.origin[1] + np.arange(rows) * GRID_M)
    places = shapely.points(x.ravel(), y.ravel())
    away = shapely.distance(places, town.boundary)
    shapely.prepare(town)
    within = shapely.contains(town, places)
    fade = np.where(within, np.clip((away - GRID_M * 1.5) / _FADE_M, 0.0, 1.0), 0.0).reshape(rows, columns)
    terms = tuple((height, waves(rng, length, 5), waves(rng, length, 5)) for length, height in _SCALES)
    return Warp(terms, fade, land.origin)
