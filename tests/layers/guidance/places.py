"""Places of the sample town to ask about: spread over it, on the seams of tiles and meshes, and about the zones' edges."""

import numpy as np

from layers.publication.serving import PublicEdition
from tests.guided_town import MESH_LATS, SEAM_LON

WEST, SOUTH, EAST, NORTH = 140.5377, 37.2037, 140.6939, 37.367
Places = list[tuple[float, float]]


def asked_places(edition: PublicEdition) -> Places:
    """2,000 places: 1,100 anywhere, 300 on seams, 600 within 30 m of a zone's edge."""
    rng = np.random.default_rng(20261126)
    places = [(float(rng.uniform(WEST, EAST)), float(rng.uniform(SOUTH, NORTH))) for _ in range(1_100)]
    places += [(SEAM_LON, float(rng.uniform(SOUTH, NORTH))) for _ in range(100)]
    places += [(float(rng.uniform(WEST, EAST)), lat) for lat in MESH_LATS for _ in range(100)]
    corners = _corners(edition)
    for lon, lat in rng.choice(corners, size=600, replace=True):
        places.append((float(lon + rng.uniform(-3e-4, 3e-4)), float(lat + rng.uniform(-3e-4, 3e-4))))
    return places


def _corners(edition: PublicEdition) -> list[tuple[float, float]]:
    statement = (
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Transform((ST_DumpPoints(geom)).geom, 6668) p FROM layers.{} ) corners"
    )
    with edition.database.transaction() as connection:
        return [
            row
            for layer in ("flood", "landslide")
            for row in connection.execute(statement.format(layer).encode()).fetchall()
        ]
