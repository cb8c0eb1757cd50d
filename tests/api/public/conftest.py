"""A real public server over an edition that was published from the sample town by the real way."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import httpx
import pytest

from api.serve import free_port, public_environment
from layers.publication.importing import PublicSide
from layers.store.cluster import Cluster
from layers.store.instance import Store
from tests.conftest import REPOSITORY, _wait_for
from tests.layers.publication.publication_samples import make_public_side, publish

LAYERS = (
    "city_planning",
    "flood",
    "districts",
    "roads",
    "street_lights",
    "facilities",
    "shelters",
    "evacuation_sites",
)
_numbers = count(1)
FREE = dict.fromkeys(("TILE_RATE", "DRAWN_RATE", "READ_RATE", "FILE_RATE"), "1000000/minute")


@dataclass(frozen=True)
class PublicTown:
    """The public side, the store it came from, and a client of its server."""

    side: PublicSide
    store: Store
    http: httpx.Client

    def get(self, path: str, **parameters: str) -> httpx.Response:
        """The answer to a question."""
        return self.http.get(path, params=parameters)

    def layers(self) -> dict[str, dict[str, object]]:
        """What is published, as the page sees it."""
        return {layer["id"]: layer for layer in self.http.get("/layers").json()["layers"]}


@contextmanager
def serving(side: PublicSide, **settings: str) -> Iterator[str]:
    """The address of a public server over that side, with settings as `ONOMAP_PUBLIC_…` has them."""
    port = free_port()
    told = {f"ONOMAP_PUBLIC_{name}": value for name, value in {**FREE, **settings}.items()}
    environment = public_environment(side.database.web_url, side.folder) | told
    command = [sys.executable, "-P", "-m", "api.serving", "public", "--port", str(port)]
    process = subprocess.Popen(command, cwd=REPOSITORY, env=environment)
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def public_side_of_town(
    test_cluster: Cluster, sample_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PublicSide]:
    """The sample town's first edition."""
    name = f"public_of_town_{next(_numbers)}"
    side = make_public_side(test_cluster, tmp_path_factory.mktemp("public_home"), name, sample_store.settings.home)
    publish(sample_store, side, 1, LAYERS)
    yield side
    test_cluster.drop_database(name)


@pytest.fixture(scope="session")
def public_town(public_side_of_town: PublicSide, sample_store: Store) -> Iterator[PublicTown]:
    """A server over it for all tests, which read only."""
    with serving(public_side_of_town) as url, httpx.Client(base_url=url, timeout=60) as http:
        yield PublicTown(public_side_of_town, sample_store, http)


def detail(response: httpx.Response, status: int) -> str:
    """The one sentence of a problem+json answer."""
    assert response.status_code == status, response.text[:300]
    assert response.headers["content-type"] == "application/problem+json"
    body = json.loads(response.text)
    assert body["status"] == status
    return str(body["detail"])
