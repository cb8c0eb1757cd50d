"""The made-up outline of the sample town, over the real town's extent."""

from functools import lru_cache

import numpy as np
import shapely
from pyproj import Transformer

from layers.sample_town.mesh import Floats

WEST, SOUTH, EAST, NORTH = 140.5377, 37.2037, 140.6939, 37.3670
MESH_MERIDIAN = 140.625  # also a web-tile column edge at every zoom from 6 up
CENTRE = (140.62628, 37.286823)  # the town hall
EPSG = 6677

# Drawn by hand; a share of the extent, from the west and from the south, counter-clockwise from the southern tip.
_CORNERS = (
    (0.545, 0.000), (0.623, 0.080), (0.672, 0.135), (0.692, 0.201), (0.772, 0.212), (0.836, 0.243), (0.888, 0.266),
    (1.000, 0.285), (0.946, 0.359), (0.951, 0.435), (0.862, 0.500), (0.826, 0.549), (0.773, 0.573), (0.783, 0.625),
    (0.741, 0.661), (0.736, 0.720), (0.705, 0.767), (0.703, 0.839), (0.678, 0.932), (0.600, 1.000), (0.519, 0.946),
    (0.473, 0.885), (0.408, 0.869), (0.362, 0.825), (0.296, 0.847), (0.210, 0.844), (0.142, 0.807), (0.149, 0.737),
    (0.177, 0.680), (0.127, 0.636), (0.141, 0.576), (0.057, 0.519), (0.000, 0.450), (0.065, 0.390), (0.155, 0.369),
    (0.218, 0.332), (0.236, 0.294), (0.278, 0.232), (0.339, 0.210), (0.407, 0.188), (0.429, 0.106), (0.490, 0.054),
)  # fmt: skip


@lru_cache(maxsize=2)
def _transformer(inverse: bool) -> Transformer:
    codes = (f"EPSG:{EPSG}", "EPSG:6668") if inverse else ("EPSG:6668", f"EPSG:{EPSG}")
    return Transformer.from_crs(*codes, always_xy=True)


def to_plane(lon_lat: Floats) -> Floats:
    """JGD2011 degrees (n, 2) → EPSG:6677 metres (n, 2), x east, y north."""
    return np.column_stack(_transformer(False).transform(lon_lat[:, 0], lon_lat[:, 1]))


def to_degrees(points: Floats) -> Floats:
    """EPSG:6677 metres (n, 2) → JGD2011 longitude, latitude (n, 2)."""
    return np.column_stack(_transformer(True).transform(points[:, 0], points[:, 1]))


def outline(rng: np.random.Generator) -> shapely.Polygon:
    """The town's boundary in EPSG:6677: the hand-drawn corners with two rounds of displaced midpoints between them.

    The four outermost corners stay where they are, so that the extent is the real town's to the millimetre.
    """
    corners = np.array(_CORNERS)
    for size in (0.22, 0.14):
        after = np.roll(corners, -1, axis=0)
        step = after - corners
        push = rng.normal(0.0, size, len(corners))[:, None] * np.column_stack((-step[:, 1], step[:, 0]))
        middle = np.clip((corners + after) / 2.0 + np.clip(push, -0.02, 0.02), 0.012, 0.988)
        corners = np.stack((corners, middle), axis=1).reshape(-1, 2)
    degrees = np.array([WEST, SOUTH]) + corners * np.array([EAST - WEST, NORTH - SOUTH])
    return shapely.Polygon(np.round(to_plane(degrees), 3))
