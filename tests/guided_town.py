"""The sample town with everything that the guide reads, published by the real way."""

from collections.abc import Iterator
from itertools import count

import pytest

from layers.publication.importing import PublicSide
from layers.store.cluster import Cluster
from layers.store.instance import Store
from tests.layers.publication.publication_samples import make_public_side, publish

GUIDED = (
    "cadastral",
    "districts",
    "evacuation_sites",
    "flood",
    "landslide",
    "municipality",
    "roads",
    "shelters",
)
SEAM_LON = 140.625
"""Where two tiles meet at every zoom from 8 on."""
MESH_LATS = (37.25, 37.3333333)
"""Edges of the standard meshes that cross the town."""
_numbers = count(1)


@pytest.fixture(scope="session")
def guided_side(
    test_cluster: Cluster, sample_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PublicSide]:
    """A public side with one edition of these layers."""
    name = f"guided_{next(_numbers)}"
    side = make_public_side(test_cluster, tmp_path_factory.mktemp("guided"), name, sample_store.settings.home)
    publish(sample_store, side, 1, GUIDED)
    yield side
    test_cluster.drop_database(name)
