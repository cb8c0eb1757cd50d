"""A store with two shelters, an evacuation site and a road, and a public side beside it."""

from collections.abc import Iterator
from itertools import count

import pytest
import shapely

from layers.publication.importing import PublicSide
from layers.situation.desk import SituationDesk
from layers.store.cluster import Cluster
from layers.store.instance import Store
from layers.store.rights.caller import Caller, Post
from tests.layers.publication.publication_samples import make_public_side
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, insert

ON_DUTY = Caller("bosai", "防災 三郎", Post("総務課", frozenset({"viewer", "disaster"})))
OTHER = Caller("bosai2", "防災 四郎", Post("総務課", frozenset({"viewer", "disaster"})))
_numbers = count(1)


@pytest.fixture
def town(empty_store: Store) -> Store:
    """The small store."""
    points = [shapely.Point(EAST_M + 100 * step, NORTH_M) for step in range(2)]
    for number, point in enumerate(points):
        insert(empty_store, "shelters", [point], name=f"避難所{number}", address=f"平{number}番地")
    insert(empty_store, "evacuation_sites", [shapely.Point(EAST_M, NORTH_M + 50)], name="校庭", flood=True)
    line = shapely.MultiLineString([[(EAST_M, NORTH_M), (EAST_M + 900, NORTH_M)]])
    insert(empty_store, "roads", [line], road_class="town", route_name="平谷津作線")
    return empty_store


@pytest.fixture
def desk(town: Store) -> SituationDesk:
    """The switch, for somebody on duty."""
    return SituationDesk(town, ON_DUTY, "10.0.0.1")


@pytest.fixture
def public_side(test_cluster: Cluster, empty_store: Store) -> Iterator[PublicSide]:
    """An empty public side in the same home, trusting its key."""
    name = f"public_situation_{next(_numbers)}"
    yield make_public_side(test_cluster, empty_store.settings.home, name)
    test_cluster.drop_database(name)
