"""The database is killed in the middle of everything: clean refusals or torn transfers, and all is well when it is back."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg

from layers.store.cluster import Cluster, temporary_cluster
from layers.store.instance import connect
from layers.store.postgres import find_installation, run_as, server_user
from layers.store.settings import load_settings
from tests.api.conftest import Town, running_town
from tests.signing import SIGNED, let_tests_in

POINTS = 20_000
MOST_CONNECTIONS = 10 + 4 + 1 + 2
"""Of the pool, of tiles, of the listener, and of a band filling."""


def kill(cluster: Cluster) -> None:
    record = cluster.record
    assert record is not None
    command = [
        find_installation(record.major).program("pg_ctl"),
        "stop",
        "-D",
        f"{record.folder}/data",
        "-m",
        "immediate",
        "-w",
    ]
    assert run_as(server_user(), command).returncode == 0


def threads(town: Town) -> int:
    return len(list(Path(f"/proc/{town.process.pid}/task").iterdir()))


def connections(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'onomap%'"
        ).fetchone()
    return int(row[0]) if row is not None else -1


class Crowd:
    """Askers of every kind, until they are stopped; `outcomes` counts statuses and torn answers, `wrong` what must not be."""

    def __init__(self, url: str) -> None:
        self.url, self.outcomes, self.wrong = url, Counter[str](), list[str]()
        self._stop = threading.Event()
        asks = [self.tile, self.items, self.export, self.export_file, self.edit]
        self._threads = [threading.Thread(target=self._repeat, args=[ask]) for ask in asks]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def tile(self, http: httpx.Client) -> httpx.Response:
        return http.get(f"/tiles/shelters/{10 + int(time.time() * 1000) % 6}/909/396")

    def items(self, http: httpx.Client) -> httpx.Response:
        return http.get("/api/collections/shelters/items?limit=5000&sortby=name")

    def export(self, http: httpx.Client) -> httpx.Response:
        return http.get("/api/collections/shelters/export?f=csv")

    def export_file(self, http: httpx.Client) -> httpx.Response:
        return http.get("/api/collections/shelters/export?f=fgb")

    def edit(self, http: httpx.Client) -> httpx.Response:
        feature = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [140.6, 37.2]},
            "properties": {"name": "x"},
        }
        return http.post(
            "/api/collections/shelters/items",
            content=json.dumps(feature),
            headers={"Content-Type": "application/geo+json"},
        )

    def _repeat(self, ask: Callable[[httpx.Client], httpx.Response]) -> None:
        with httpx.Client(headers=SIGNED, base_url=self.url, timeout=60) as http:
            while not self._stop.is_set():
                try:
                    answer = ask(http)
                except httpx.TransportError as error:
                    self.outcomes["torn"] += 1
                    if "export" not in ask.__name__:
                        self.wrong.append(f"{ask.__name__}: {error!r}")
                    continue
                self.outcomes[str(answer.status_code)] += 1
                clean = answer.headers.get("content-type") == "application/problem+json"
                if answer.status_code not in {200, 201, 204, 503} or (answer.status_code == 503 and not clean):
                    self.wrong.append(f"{ask.__name__}: {answer.status_code} {answer.text[:200]}")


def test_a_database_that_is_killed_under_load_is_refused_cleanly_and_found_again(tmp_path: Path) -> None:
    with temporary_cluster() as cluster:
        url = cluster.create_database("killed", template="onomap")
        home = tmp_path / "home"
        home.mkdir()
        store = connect(load_settings(home), url)
        let_tests_in(store)
        store.database.close()
        with running_town(url, home) as town:
            town.add_shelter("最初")
            with psycopg.connect(url) as connection:
                connection.execute(
                    "INSERT INTO layers.shelters (load_id, content_hash, name, geom) SELECT max(load_id), "
                    "gen_random_uuid(), 'n' || n, ST_Translate((SELECT geom FROM layers.shelters LIMIT 1), n / 100.0, 0) "
                    f"FROM layers.shelters, generate_series(1, {POINTS}) n GROUP BY n"
                )
            crowd = Crowd(town.url)
            time.sleep(3)
            before = threads(town)
            kill(cluster)
            time.sleep(3)
            during = Counter(crowd.outcomes)
            cluster.start()
            deadline = time.monotonic() + 60
            while httpx.get(f"{town.url}/healthz", timeout=60).status_code != 200:
                assert time.monotonic() < deadline
                time.sleep(0.2)
            kill(cluster)
            cluster.start()
            time.sleep(8)
            crowd.stop()
            assert crowd.wrong == []
            assert during["503"] > 0
            for ask in (crowd.tile, crowd.items, crowd.export, crowd.export_file, crowd.edit):
                assert ask(town.http).status_code in {200, 201, 204}
            assert town.http.get("/healthz").status_code == 200
            assert threads(town) <= before + 8
            assert connections(url) <= MOST_CONNECTIONS
            with town.http.stream("GET", "/events") as events:
                lines = events.iter_lines()
                assert next(line for line in lines if line.startswith("event")) == "event: ready"
                town.add_shelter("後から")
                assert next(line for line in lines if line.startswith("event")) == "event: changed"
