"""A new edition is seen by every server within a second, and no answer is made of two."""

import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx
import mapbox_vector_tile
import pytest
import shapely

from layers.publication.importing import PublicSide
from layers.store.cluster import Cluster
from layers.store.instance import Store
from tests.api.public.conftest import serving
from tests.layers.publication.publication_samples import make_public_side, publish
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, insert

ROWS = 40
_numbers = count(1)


@pytest.fixture
def side(test_cluster: Cluster, empty_store: Store, tmp_path: Path) -> Iterator[PublicSide]:
    """A public side whose first edition has shelters that all say 1."""
    name = f"switching_public_{next(_numbers)}"
    made = make_public_side(test_cluster, tmp_path, name, empty_store.settings.home)
    points = [shapely.Point(EAST_M + 10 * step, NORTH_M) for step in range(ROWS)]
    for point in points:
        insert(empty_store, "shelters", [point], name="第1版", capacity=1)
    publish(empty_store, made, 1, ["shelters"])
    yield made
    test_cluster.drop_database(name)


def next_edition(store: Store, side: PublicSide, number: int) -> None:
    """Publish the same shelters, all of which say another number."""
    with store.database.transaction() as connection:
        connection.execute("UPDATE layers.shelters SET name = %s, capacity = %s", [f"第{number}版", number])
    publish(store, side, number, ["shelters"])


def names_in(http: httpx.Client) -> set[str]:
    """What the shelters say, over pages, files and tiles."""
    page = http.get("/api/collections/shelters/items?limit=100").json()
    return {feature["properties"]["name"] for feature in page["features"]}


def tile_of(http: httpx.Client) -> httpx.Response:
    """The tile in which they lie."""
    import morecantile

    west, south, _, _ = http.get("/tiles/shelters.json").json()["bounds"]
    found = morecantile.tms.get("WebMercatorQuad").tile(west, south, 12)
    return http.get(f"/tiles/shelters/12/{found.x}/{found.y}")


def test_two_servers_see_the_switch_within_a_second_without_a_restart(empty_store: Store, side: PublicSide) -> None:
    with serving(side) as first, serving(side) as second:
        clients = [httpx.Client(base_url=url) for url in (first, second)]
        before = [(names_in(http), tile_of(http)) for http in clients]
        next_edition(empty_store, side, 2)
        time.sleep(1.0)
        after = [(names_in(http), tile_of(http)) for http in clients]
        known = clients[0].get("/search?q=第2版").json()["places"]
        gone = clients[0].get("/search?q=第1版").json()["places"]

    for (old, old_tile), (new, new_tile) in zip(before, after, strict=True):
        assert (old, new) == ({"第1版"}, {"第2版"})
        assert old_tile.headers["etag"] != new_tile.headers["etag"]
        drawn = mapbox_vector_tile.decode(new_tile.content)["shelters"]["features"]
        assert {feature["properties"]["name"] for feature in drawn} == {"第2版"}
    assert (len(known), gone) == (30, [])


def test_whoever_asks_during_switches_never_gets_two_editions_in_one_answer(
    empty_store: Store, side: PublicSide
) -> None:
    answers: list[tuple[int, frozenset[str]]] = []
    stop = threading.Event()

    def ask(url: str, path: str) -> None:
        with httpx.Client(base_url=url, timeout=30) as http:
            while not stop.is_set():
                response = http.get(path)
                said = {f"第{n}版" for n in range(1, 6) if f"第{n}版" in response.text}
                answers.append((response.status_code, frozenset(said)))

    with serving(side) as url:
        here = "/api/collections/shelters"
        paths = (f"{here}/items?limit=100", f"{here}/export?f=csv", f"{here}/items?f=html")
        readers = [threading.Thread(target=ask, args=(url, path)) for path in paths]
        for reader in readers:
            reader.start()
        for number in range(2, 6):
            next_edition(empty_store, side, number)
        stop.set()
        for reader in readers:
            reader.join()

    assert len(answers) > 50
    assert {status for status, _ in answers} == {200}
    assert {len(said) for _, said in answers} == {1}
    assert len({said for _, said in answers}) >= 3


def test_a_layer_that_comes_and_goes_is_there_or_not_there_and_nothing_between(
    empty_store: Store, side: PublicSide
) -> None:
    line = shapely.MultiLineString([[(EAST_M, NORTH_M), (EAST_M + 900, NORTH_M)]])
    insert(empty_store, "roads", [line], road_class=1)
    answers: list[int] = []
    stop = threading.Event()

    def ask(url: str) -> None:
        with httpx.Client(base_url=url, timeout=30) as http:
            while not stop.is_set():
                answers.append(http.get("/api/collections/roads/items").status_code)
                answers.append(http.get("/api/collections/roads/export?f=csv").status_code)

    with serving(side) as url:
        readers = [threading.Thread(target=ask, args=(url,)) for _ in range(3)]
        for reader in readers:
            reader.start()
        for number in range(2, 8):
            publish(empty_store, side, number, ["shelters", *(["roads"] if number % 2 == 0 else [])])
        stop.set()
        for reader in readers:
            reader.join()

    assert set(answers) == {200, 404}
