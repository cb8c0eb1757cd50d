"""Two servers over one store, edits over both: no tile of either is old, whoever told the page, whatever is lost meanwhile."""

import json
import math
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.api.conftest import Town, running_town
from tests.signing import SIGNED

EDITS = 200
FEATURES = 12
ZOOMS = range(12, 18)
GZIP = {"Accept-Encoding": "gzip"}
PATCH = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}


@pytest.fixture
def pair(make_database: Callable[..., str], migrated_template: str, tmp_path: Path) -> Iterator[tuple[Town, Town]]:
    url = make_database(template=migrated_template)
    with ExitStack() as held:
        first, second = (held.enter_context(running_town(url, tmp_path / name)) for name in ("first", "second"))
        yield first, second


def place(chance: random.Random) -> tuple[float, float]:
    return 140.60 + 0.04 * chance.random(), 37.25 + 0.04 * chance.random()


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int, int]:
    side = 2**zoom
    return zoom, int((lon + 180) / 360 * side), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side)


def tag_of(town: Town, tile: tuple[int, int, int], **headers: str) -> str:
    z, x, y = tile
    response = town.http.get(f"/tiles/shelters/{z}/{x}/{y}", headers={**GZIP, **headers})
    assert response.status_code in {200, 204}
    return response.headers.get("etag", "")


def all_tiles() -> list[tuple[int, int, int]]:
    corners = {zoom: (tile_at(140.60, 37.29, zoom), tile_at(140.64, 37.25, zoom)) for zoom in ZOOMS}
    return [
        (zoom, x, y)
        for zoom, ((_, west, north), (_, east, south)) in corners.items()
        for x in range(west, east + 1)
        for y in range(north, south + 1)
    ]


def fresh_tags(town: Town, tiles: list[tuple[int, int, int]]) -> dict[tuple[int, int, int], str]:
    """The tags of tiles that were never kept: a name that no server has heard has them made from the database."""
    return {tile: tag_of(town, tile, **{"X-Onomap-After": "never heard"}) for tile in tiles}


def random_edit(chance: random.Random, towns: tuple[Town, Town], fids: list[int], turn: int) -> None:
    town, fid = chance.choice(towns), chance.choice(fids)
    change: dict[str, object] = {"properties": {"name": f"turn {turn}"}}
    if chance.random() < 0.5:
        change["geometry"] = {"type": "Point", "coordinates": place(chance)}
    town.http.patch(
        f"/api/collections/shelters/items/{fid}", content=json.dumps(change), headers=PATCH
    ).raise_for_status()


def filled(town: Town, chance: random.Random) -> list[int]:
    return [town.add_shelter(f"{number}", *place(chance)).json()["id"] for number in range(FEATURES)]


def test_after_two_hundred_edits_over_two_servers_no_tile_of_either_is_old(pair: tuple[Town, Town]) -> None:
    chance = random.Random(75221)
    fids, tiles = filled(pair[0], chance), all_tiles()
    for turn in range(EDITS):
        random_edit(chance, pair, fids, turn)
        for town in pair:
            for tile in chance.sample(tiles, 8):
                tag_of(town, tile)
    time.sleep(1)
    kept = [{tile: tag_of(town, tile) for tile in tiles} for town in pair]
    fresh = fresh_tags(pair[0], tiles)
    stale = [tile for server in kept for tile in tiles if server[tile] != fresh[tile]]
    assert len(set(fresh.values())) > FEATURES
    assert stale == [], f"{len(stale)} of {2 * len(tiles)} tiles"


def test_a_page_told_by_one_server_gets_no_old_tile_from_the_other(pair: tuple[Town, Town]) -> None:
    first, second = pair
    fid = first.add_shelter("0", 140.62, 37.27).json()["id"]
    tile = tile_at(140.62, 37.27, 16)
    old = 0
    with httpx.stream("GET", f"{first.url}/events", timeout=30, headers=SIGNED) as events:
        lines = events.iter_lines()
        for turn in range(100):
            before = [tag_of(second, tile), tag_of(second, tile)][1]
            change = json.dumps({"properties": {"name": f"turn {turn}"}})
            first.http.patch(f"/api/collections/shelters/items/{fid}", content=change, headers=PATCH).raise_for_status()
            next(line for line in lines if line == "event: changed")
            notice = json.loads(next(lines).removeprefix("data: "))["notice"]
            old += tag_of(second, tile, **{"X-Onomap-After": notice}) == before
    assert old == 0


def test_nothing_is_kept_from_the_time_when_nobody_listened(pair: tuple[Town, Town]) -> None:
    chance = random.Random(75221)
    fids, tiles = filled(pair[0], chance), all_tiles()[:40]
    ended = 0
    with psycopg.connect(pair[0].store.database.url, autocommit=True) as connection:
        for turn in range(60):
            if turn % 10 == 5:
                ended += len(
                    connection.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'onomap changes' "
                        "AND datname = current_database()"
                    ).fetchall()
                )
            random_edit(chance, pair, fids, turn)
            for town in pair:
                for tile in chance.sample(tiles, 5):
                    tag_of(town, tile)
    time.sleep(1)
    kept = [{tile: tag_of(town, tile) for tile in tiles} for town in pair]
    fresh = fresh_tags(pair[0], tiles)
    assert ended >= 6
    assert kept == [fresh, fresh]
