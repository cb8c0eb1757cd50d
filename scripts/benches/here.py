"""`/here` over HTTP against a point-in-polygon with geopandas over the same layers, and against the bare SQL.

The peer and the SQL say which zones hold a point; `/here` says that, how near an edge is, where to go and how far it is on
foot, in sentences. It is measured on the public side that the environment names, else on one that is made on the benches' ground.
"""

import http.client
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from api.serve import free_port, public_environment
from layers.publication.opening import open_desk
from layers.publication.rules import ADMINISTRATOR
from layers.publication.sample import demo_pair
from layers.publication.serving import open_public
from layers.store.rights.caller import Caller, Post
from scripts.benches.ground import REPOSITORY, Ground, ground, tell
from scripts.benches.peers.point_with_geopandas import LAYERS, PointWithGeopandas
from scripts.benches.tile_parts.peers import wait_for

PUBLISHED = ("municipality", "flood", "landslide", "evacuation_sites", "shelters", "roads", "districts")
WARMING, POINTS = 50, 600
WEB, FOLDER = "ONOMAP_PUBLIC_WEB_DATABASE_URL", "ONOMAP_PUBLIC_FOLDER"
FASTER, SLOWER = 10.0, 2.0
_SQL = " UNION ALL ".join(
    f"SELECT '{name}', fid FROM layers.{name} WHERE ST_Intersects(geom, "
    "ST_Transform(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 6668), 6677))"
    for name in LAYERS
)
Ask = Callable[[float, float], object]


def _publish(given: Ground) -> dict[str, str]:
    """A public side on the benches' ground with the layers, and how a server is told of it."""
    desk = open_desk(given.store, make=True)
    side = desk.need_side()
    edition = open_public(side.database.web_url, side.folder, size=1)
    edition.database.close()
    missing = [name for name in PUBLISHED if name not in edition.catalogue]
    if missing:
        approved = []
        for name in missing:
            clerk, approver = demo_pair(given.store.layer(name))
            approved.append(desk.approve(approver, desk.draft(clerk, name).id).id)
        carrier = Caller("demo-administrator", "見本の町（架空）", Post("総務課", frozenset({ADMINISTRATOR})))
        desk.publish(carrier, approved, lambda _what, _share: None)
    return public_environment(side.database.web_url, side.folder)


@contextmanager
def _server(environment: dict[str, str]) -> Iterator[int]:
    port = free_port()
    rates = {f"ONOMAP_PUBLIC_{name}_RATE": "1000000/minute" for name in ("READ", "TILE", "FILE")}
    command = [sys.executable, "-P", "-m", "api.serving", "public", "--port", str(port)]
    told = {**environment, **rates, "PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen(command, cwd=REPOSITORY, env=told)
    try:
        wait_for(process, port, "/healthz")
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _over_http(port: int) -> Ask:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(lon: float, lat: float) -> bytes:
        connection.request("GET", f"/here?lon={lon}&lat={lat}", headers={"Accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(f"/here が {answer.status} を返しました: {body[:200]!r}")
        return body

    return ask


def _in_sql(connection: psycopg.Connection[tuple[object, ...]]) -> Ask:
    def ask(lon: float, lat: float) -> list[tuple[object, ...]]:
        return connection.execute(_SQL.encode(), {"lon": lon, "lat": lat}, prepare=True).fetchall()

    return ask


def _places(connection: psycopg.Connection[tuple[object, ...]]) -> list[tuple[float, float]]:
    """Places along the town's roads, where people are."""
    rows = connection.execute(
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Transform((ST_DumpPoints(geom)).geom, 6668) p FROM layers.roads) r"
    ).fetchall()
    chance = random.Random(75221)
    return [(float(str(lon)), float(str(lat))) for lon, lat in chance.sample(rows, WARMING + POINTS)]


def _by_turns(asks: list[Ask], places: list[tuple[float, float]]) -> list[list[float]]:
    """Seconds of every question, each place asked of all in turn, so that a slow second of the machine meets all of them."""
    spent: list[list[float]] = [[] for _ in asks]
    for number, (lon, lat) in enumerate(places):
        for ask, seconds in zip(asks, spent, strict=True):
            began = time.perf_counter()
            ask(lon, lat)
            if number >= WARMING:
                seconds.append(time.perf_counter() - began)
    return spent


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def _measure(environment: dict[str, str]) -> bool:
    with psycopg.connect(environment[WEB], autocommit=True) as connection, _server(environment) as port:
        shapes = {
            name: [row[0] for row in connection.execute(f"SELECT ST_AsBinary(geom) FROM layers.{name}".encode())]
            for name in LAYERS
        }
        peer = PointWithGeopandas(shapes, 6677)
        ours, others, bare = _by_turns([_over_http(port), peer.ask, _in_sql(connection)], _places(connection))
    faster = statistics.median(others) / statistics.median(ours)
    slower = _p95(ours) / _p95(bare)
    n = len(ours)
    tell("here: against geopandas", statistics.median(ours), statistics.median(others), n, wanted=FASTER)
    tell("here: p95 against bare SQL", _p95(ours), _p95(bare), n, times_the_sql=round(slower, 2), allowed=SLOWER)
    return faster >= FASTER and slower <= SLOWER


def main() -> None:
    """Measure; exit 1 where a figure misses its mark."""
    if WEB in os.environ and FOLDER in os.environ:
        reached = _measure({**os.environ, FOLDER: str(Path(os.environ[FOLDER]))})
    else:
        with ground() as given:
            reached = _measure(_publish(given))
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
