"""`/here` over HTTP against a point-in-polygon with geopandas over the same layers, and against the bare SQL.

The peer and the SQL say which zones hold a point; `/here` says that, how near an edge is, where to go and how far it is on
foot, in sentences. It is asked by wrk over one connection, for a client written in Python would take as long as the answer;
the others are called in the same process, without HTTP. All three by turns of seconds, and the median of the turns counts.
It is measured on the public side that the environment names, else on one that is made on the benches' ground.
"""

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
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
from scripts.benches.tile_parts.loading import Wanted, load, require
from scripts.benches.tile_parts.peers import wait_for

PUBLISHED = ("municipality", "flood", "landslide", "evacuation_sites", "shelters", "roads", "districts")
POINTS = 600
TURNS, TURN_S = 5, 2
WEB, FOLDER = "ONOMAP_PUBLIC_WEB_DATABASE_URL", "ONOMAP_PUBLIC_FOLDER"
FASTER, SLOWER = 10.0, 2.0
_SQL = " UNION ALL ".join(
    f"SELECT '{name}', fid FROM layers.{name} WHERE ST_Intersects(geom, "
    "ST_Transform(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 6668), 6677))"
    for name in LAYERS
)
Ask = Callable[[float, float], object]
Place = tuple[float, float]


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


def _in_sql(connection: psycopg.Connection[tuple[object, ...]]) -> Ask:
    def ask(lon: float, lat: float) -> list[tuple[object, ...]]:
        return connection.execute(_SQL.encode(), {"lon": lon, "lat": lat}, prepare=True).fetchall()

    return ask


def _places(connection: psycopg.Connection[tuple[object, ...]]) -> list[Place]:
    """Places along the town's roads, where people are."""
    rows = connection.execute(
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Transform((ST_DumpPoints(geom)).geom, 6668) p FROM layers.roads) r"
    ).fetchall()
    chance = random.Random(75221)
    return [(float(str(lon)), float(str(lat))) for lon, lat in chance.sample(rows, POINTS)]


def _seconds_of(ask: Ask, places: list[Place]) -> list[float]:
    """Seconds of each question, asked for the length of a turn."""
    seconds: list[float] = []
    end = time.perf_counter() + TURN_S
    for lon, lat in cycle(places):
        began = time.perf_counter()
        ask(lon, lat)
        seconds.append(time.perf_counter() - began)
        if time.perf_counter() > end:
            return seconds
    raise AssertionError("no places")


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def _measure(environment: dict[str, str]) -> bool:
    require("taskset", "wrk")
    ours, peers, bare = [], [], []
    with psycopg.connect(environment[WEB], autocommit=True) as connection, _server(environment) as port:
        shapes = {
            name: [row[0] for row in connection.execute(f"SELECT ST_AsBinary(geom) FROM layers.{name}".encode())]
            for name in LAYERS
        }
        peer, places = PointWithGeopandas(shapes, 6677), _places(connection)
        asked = [Wanted(f"/here?lon={lon}&lat={lat}", is_packed=False) for lon, lat in places]
        load(port, asked, seconds=1, connections=1)
        for _ in range(TURNS):
            ours.append(load(port, asked, seconds=TURN_S, connections=1))
            peers.append(_seconds_of(peer.ask, places))
            bare.append(_seconds_of(_in_sql(connection), places))
    if any(turn.failed for turn in ours):
        sys.exit("/here が 200 でない答えを返しました。")
    answers = round(sum(turn.per_second for turn in ours) * TURN_S)
    half = statistics.median(turn.p50_ms for turn in ours) / 1_000
    most = statistics.median(turn.p95_ms for turn in ours) / 1_000
    peer_half = statistics.median(statistics.median(turn) for turn in peers)
    bare_most = statistics.median(_p95(turn) for turn in bare)
    tell("here: against geopandas", half, peer_half, answers, wanted=FASTER)
    tell(
        "here: p95 against bare SQL", most, bare_most, answers, times_the_sql=round(most / bare_most, 2), allowed=SLOWER
    )
    return peer_half / half >= FASTER and most / bare_most <= SLOWER


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
