"""A real staff server over a store of its own, which tests may change."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from api.serve import free_port
from layers.store.catalogue import load_catalogue
from layers.store.database import Database
from layers.store.instance import Store
from layers.store.rights.policy import load_policy
from layers.store.settings import load_settings
from tests.conftest import REPOSITORY, _wait_for
from tests.signing import SHIPPED_AND_TESTS, SIGNED, write_policy


@dataclass(frozen=True)
class Town:
    """A store, the server in front of it, and a client of that server."""

    store: Store
    http: httpx.Client
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """The server's address."""
        return str(self.http.base_url)

    def add_shelter(self, name: str, lon: float = 140.62, lat: float = 37.27) -> httpx.Response:
        """Add one point over HTTP."""
        feature = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": {"name": name},
        }
        return self.http.post(
            "/api/collections/shelters/items", json=feature, headers={"Content-Type": "application/geo+json"}
        )


@contextmanager
def running_town(url: str, home: Path, policy: str = SHIPPED_AND_TESTS) -> Iterator[Town]:
    """A store over a migrated database with a server in front of it, until the block ends."""
    write_policy(home, policy)
    store = Store(load_settings(home), load_catalogue(), Database.open(url, size=4), load_policy(home))
    port = free_port()
    command = [sys.executable, "-P", "-m", "api.serving", "staff", "--port", str(port), "--home", str(home)]
    process = subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, "DATABASE_URL": url})
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", process)
        with httpx.Client(headers=SIGNED, base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            yield Town(store, http, process)
    finally:
        store.database.close()
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


@pytest.fixture
def new_town(make_database: Callable[..., str], migrated_template: str, tmp_path: Path) -> Iterator[Town]:
    """One for a single test, which may stop it."""
    with running_town(make_database(template=migrated_template), tmp_path) as town:
        yield town


@pytest.fixture(scope="module")
def town(
    make_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """One for all tests of a file."""
    with running_town(make_database(template=migrated_template), tmp_path_factory.mktemp("town_home")) as town:
        yield town
