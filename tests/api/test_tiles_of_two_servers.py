"""Two servers over one store: an edit made anywhere is in the tiles of both; and a database that goes away is told."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import mapbox_vector_tile
import pytest
import shapely

from api.serve import free_port
from layers.store.cluster import temporary_cluster
from layers.store.instance import Store, connect
from layers.store.settings import load_settings
from layers.store.tiles.band_filling import fill
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, insert, tile_at
from tests.signing import SIGNED, let_tests_in, write_policy

Serve = Callable[[str, Path], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts staff servers as processes of their own."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(url: str, home: Path) -> str:
        port = free_port()
        command = [sys.executable, "-P", "-m", "api.serving", "staff", "--port", str(port), "--home", str(home)]
        processes.append(subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url}))
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                httpx.get(f"{address}/healthz", timeout=5)
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return address
        raise AssertionError("the server did not start")

    yield start
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(20)


def names(address: str, zoom: int) -> set[str]:
    tile = tile_at(EAST_M, NORTH_M, zoom)
    content = (
        httpx.get(f"{address}/tiles/cadastral/{tile.z}/{tile.x}/{tile.y}", timeout=30, headers=SIGNED)
        .raise_for_status()
        .content
    )
    features = mapbox_vector_tile.decode(content).get("cadastral", {"features": []})["features"]
    return {feature["properties"]["chiban"] for feature in features}


def test_edits_at_random_are_in_the_tiles_of_both_servers_within_a_second(empty_store: Store, serve: Serve) -> None:
    chance = random.Random(75221)
    for number in range(6):
        shape = shapely.MultiPolygon(
            [shapely.box(EAST_M + 20 * number, NORTH_M, EAST_M + 20 * number + 20, NORTH_M + 20)]
        )
        insert(empty_store, "cadastral", [shape], parcel_key=f"a/b/{number}", chiban=str(number), oaza="a", koaza="b")
    fill(empty_store.database, [empty_store.layer("cadastral")])
    servers = [serve(empty_store.database.url, empty_store.settings.home) for _ in range(2)]
    for turn in range(12):
        fid, zoom = chance.randint(1, 6), chance.choice([14, 15, 16])
        before = [names(server, zoom) for server in servers]
        with empty_store.database.transaction() as connection:
            connection.execute(
                "UPDATE layers.cadastral SET chiban = %s, version = version + 1 WHERE fid = %s", [f"turn {turn}", fid]
            )
        time.sleep(1)
        after = [names(server, zoom) for server in servers]
        assert before[0] == before[1]
        assert after[0] == after[1]
        assert f"turn {turn}" in after[0]


def test_a_database_that_goes_away_is_503_and_nothing_old_is_shown(serve: Serve, tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_policy(home)
    tile = tile_at(EAST_M, NORTH_M, 17)
    path = f"/tiles/cadastral/{tile.z}/{tile.x}/{tile.y}"
    with temporary_cluster() as cluster:
        url = cluster.create_database("gone", template="onomap")
        store = connect(load_settings(home), url)
        let_tests_in(store)
        insert(store, "cadastral", [shapely.MultiPolygon([shapely.box(EAST_M, NORTH_M, EAST_M + 20, NORTH_M + 20)])],
               parcel_key="a/b/1", chiban="1")  # fmt: skip
        address = serve(url, home)
        assert httpx.get(address + path, timeout=30, headers=SIGNED).status_code == 200
        store.database.close()
    response = httpx.get(address + path, timeout=30, headers=SIGNED)

    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"].startswith("データベースに接続できません")
    assert response.headers["x-content-type-options"] == "nosniff"
