"""A public side for each test, and a small store whose layers are published from."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import shapely

from layers.publication.importing import PublicSide
from layers.store.cluster import Cluster
from layers.store.instance import Store
from tests.layers.publication.publication_samples import make_public_side
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, insert

_numbers = count(1)


@pytest.fixture
def public_side(test_cluster: Cluster, empty_store: Store) -> Iterator[PublicSide]:
    """An empty public side beside `empty_store`, in the same home, trusting its key."""
    name = f"public_{next(_numbers)}"
    yield make_public_side(test_cluster, empty_store.settings.home, name)
    test_cluster.drop_database(name)


@pytest.fixture
def small_store(empty_store: Store) -> Store:
    """A store with three shelters, two roads and one parcel that has a staff column filled."""
    points = [shapely.Point(EAST_M + 100 * step, NORTH_M) for step in range(3)]
    for number, point in enumerate(points):
        insert(empty_store, "shelters", [point], name=f"避難所{number}", capacity=100 + number)
    lines = [shapely.MultiLineString([[(EAST_M, NORTH_M + d), (EAST_M + 900, NORTH_M + d)]]) for d in (0, 50)]
    insert(empty_store, "roads", lines, road_class=1)
    square = shapely.MultiPolygon([shapely.box(EAST_M, NORTH_M, EAST_M + 40, NORTH_M + 40)])
    insert(empty_store, "cadastral", [square], chiban="12-3", parcel_key="谷津作/平/12-3", land_category="CANARY_宅地")
    return empty_store


@pytest.fixture
def home(empty_store: Store) -> Path:
    """Where the store and the public side keep their files."""
    return empty_store.settings.home
