"""Tiles of 100,000 parcels: cold against tipg and raw SQL, warm against nginx over the same bytes, and what memory it takes."""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import morecantile
import psycopg

from api.serve import free_port
from layers.store.instance import Store
from layers.store.tiles.address import Tile
from layers.store.tiles.band_filling import fill, layers_to_fill
from layers.store.tiles.band_plan import shown_fields
from scripts.benches.ground import HOME, REPOSITORY, ground, median_seconds, tell
from scripts.benches.inquiry import _resident_mb
from scripts.benches.signed_in import HEADER
from scripts.benches.tile_parts.loading import Load, Wanted, load, require
from scripts.benches.tile_parts.peers import nginx, tipg, wait_for

ZOOMS = range(12, 18)
TILES_A_ZOOM = 8
ROUNDS = 5
SECONDS = 4
MEMORY_LIMIT_MB = 350
_RAW = (
    "WITH env AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS e, "
    "ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64 / 4096.0) AS buffered) "
    "SELECT ST_AsMVT(m, 'cadastral', 4096, 'geom', 'fid') FROM (SELECT t.fid, {columns}, "
    "ST_AsMVTGeom(t.geom_3857, env.e, 4096, 64, true) AS geom "
    "FROM layers.cadastral t, env WHERE t.geom_3857 && env.buffered) m"
)


def _tiles(store: Store) -> list[Tile]:
    """Tiles of every zoom under parcels taken at random, so that dense parts of the town count as often as they are seen."""
    with store.database.transaction() as connection:
        places = connection.execute(
            "SELECT ST_X(c), ST_Y(c) FROM (SELECT ST_Transform(ST_Centroid(geom), 4326) AS c FROM layers.cadastral "
            "WHERE geom IS NOT NULL ORDER BY fid) p"
        ).fetchall()
    grid, chance = morecantile.tms.get("WebMercatorQuad"), random.Random(75221)
    tiles = []
    for zoom in ZOOMS:
        found = {grid.tile(*place, zoom) for place in chance.sample(places, 400)}
        tiles += [Tile(t.z, t.x, t.y) for t in sorted(found)[: TILES_A_ZOOM * 50]][:TILES_A_ZOOM]
    chance.shuffle(tiles)
    return tiles


@contextmanager
def _ours(cache: str) -> Iterator[tuple[int, int]]:
    """Our server on core 0; its port and its process."""
    port = free_port()
    command = ["taskset", "-c", "0", sys.executable, "-P", "-m", "scripts.benches.tile_parts.server", cache]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen([*command, "--port", str(port), "--home", str(HOME)], cwd=REPOSITORY, env=environment)
    try:
        wait_for(process, port, "/healthz")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _over_http(port: int, path: Callable[[Tile], str], tiles: list[Tile]) -> Callable[[], None]:
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}", timeout=120, headers={"Accept-Encoding": "gzip", **HEADER}
    )

    def work() -> None:
        for tile in tiles:
            client.get(path(tile)).raise_for_status()

    return work


def _raw(url: str, store: Store, tiles: list[Tile]) -> Callable[[], None]:
    connection = psycopg.connect(url, autocommit=True)
    statement = _RAW.format(columns=", ".join(f"t.{name}" for name in shown_fields(store.layer("cadastral"))))

    def work() -> None:
        for tile in tiles:
            connection.execute(statement.encode(), tile._asdict(), prepare=True, binary=True).fetchone()

    return work


def _cold(store: Store, url: str, tiles: list[Tile]) -> None:
    """Over all zooms, and over those at which every parcel is drawn for itself by all three."""
    first = store.layer("cadastral").min_zoom
    mixes = {"": tiles, f"_from_z{first}": [tile for tile in tiles if tile.z >= first]}
    with _ours("cold") as (port, _), tipg(url) as peer:
        for name, mix in mixes.items():
            ours = median_seconds(_over_http(port, _ours_path, mix), ROUNDS)
            raw = median_seconds(_raw(url, store, mix), ROUNDS)
            theirs = median_seconds(_over_http(peer, _tipg_path, mix), ROUNDS)
            tell(f"tiles.cold_against_tipg{name}", ours, theirs, len(mix), wanted_ratio=3)
            tell(f"tiles.cold_against_raw_sql{name}", ours, raw, len(mix), wanted_ratio=1)


def _ours_path(tile: Tile) -> str:
    return f"/tiles/cadastral/{tile.z}/{tile.x}/{tile.y}"


def _tipg_path(tile: Tile) -> str:
    return (
        f"/collections/layers.cadastral/tiles/WebMercatorQuad/{tile.z}/{tile.x}/{tile.y}"
        "?geom-column=geom_3857&properties=parcel_key,chiban,undetermined,survey_status"
    )


def _warm(tiles: list[Tile]) -> None:
    paths = [_ours_path(tile) for tile in tiles]
    with _ours("warm") as (port, process), tempfile.TemporaryDirectory() as folder:
        bodies = {path: _gzipped(port, path)[0] for path in paths}
        bodies = {path: body for path, body in bodies.items() if body}
        with nginx(Path(folder), bodies) as (peer, peer_process):
            servers = (_Server(port, process), _Server(peer, peer_process))
            for name, tagged in (("warm", False), ("not_modified", True)):
                _tell_load(f"tiles.{name}", *_rounds(servers, bodies, tagged=tagged))


@dataclass(frozen=True)
class _Server:
    port: int
    process: int

    def cpu_seconds(self) -> float:
        """What the server's process and its children have used of a core, to the nanosecond."""
        tasks = Path(f"/proc/{self.process}/task")
        children = [number for file in tasks.glob("*/children") for number in file.read_text().split()]
        folders = [tasks, *(Path(f"/proc/{child}/task") for child in children)]
        return sum(int(file.read_text().split()[0]) for folder in folders for file in folder.glob("*/schedstat")) / 1e9


@dataclass(frozen=True)
class _Round:
    load: Load
    per_cpu_second: float


def _rounds(servers: tuple[_Server, _Server], bodies: Mapping[str, bytes], *, tagged: bool) -> list[list[_Round]]:
    """Rounds of ours and of nginx in turn, so that what else the machine does meets both."""
    rounds: list[list[_Round]] = [[], []]
    for _ in range(ROUNDS):
        for server, results in zip(servers, rounds, strict=True):
            wanted = [Wanted(path, _gzipped(server.port, path)[1] if tagged else None) for path in bodies]
            used = server.cpu_seconds()
            done = load(server.port, wanted, seconds=SECONDS)
            results.append(_Round(done, done.per_second * SECONDS / (server.cpu_seconds() - used)))
    return rounds


def _tell_load(bench: str, ours: list[_Round], theirs: list[_Round]) -> None:
    """Answers a second; and a second of the core used, which tells the same where other work takes the core away."""
    rates = [statistics.median(one.load.per_second for one in rounds) for rounds in (ours, theirs)]
    used = [statistics.median(one.per_cpu_second for one in rounds) for rounds in (ours, theirs)]
    p99 = [statistics.median(one.load.p99_ms for one in rounds) for rounds in (ours, theirs)]
    line = {
        "bench": bench,
        "ours": round(rates[0]),
        "other": round(rates[1]),
        "ratio": round(rates[0] / rates[1], 2),
        "n": ROUNDS,
        "unit": "answers a second, one worker on one core",
        "wanted_ratio": 0.5,
        "p99_ms": round(p99[0], 2),
        "other_p99_ms": round(p99[1], 2),
        "wanted_p99_ms": 5,
        "per_cpu_second": [round(rate) for rate in used],
        "bytes_each": ours[0].load.bytes_each,
        "failed": sum(one.load.failed for one in ours + theirs),
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)


def _gzipped(port: int, path: str) -> tuple[bytes, str]:
    """Body as it came, still compressed, and its tag."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.read(), response.headers.get("ETag", "")


def _memory(tiles: list[Tile]) -> None:
    with _ours("full") as (port, process):
        load(port, [Wanted(_ours_path(tile)) for tile in tiles], seconds=5)
        resident = _resident_mb(process)
    tell("tiles.memory_mb_with_full_cache", resident, MEMORY_LIMIT_MB, 1, wanted_ratio=1.0)


def main() -> None:
    """Fill the bands where they are not, then measure."""
    require("taskset", "wrk", "nginx")
    with ground() as stage:
        fill(stage.store.database, layers_to_fill(stage.store.database, stage.store.catalogue))
        time.sleep(1)
        tiles = _tiles(stage.store)
        _cold(stage.store, stage.url, tiles)
        _warm(tiles)
        _memory(tiles)


if __name__ == "__main__":
    main()
