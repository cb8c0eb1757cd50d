"""What every test may ask for."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.serve import free_port
from layers.sample_town.install import install
from layers.store.catalogue import load_catalogue
from layers.store.cluster import Cluster, temporary_cluster
from layers.store.database import Database
from layers.store.instance import Store, connect
from layers.store.migrate import migrate
from layers.store.rights.policy import load_policy
from layers.store.settings import Municipality, load_settings
from layers.store.tiles.band_filling import fill, layers_to_fill
from tests.signing import let_tests_in, signed_urlopen, write_policy

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def signed_in() -> Iterator[None]:
    """Whatever asks a server by urllib shows the tests' key."""
    with signed_urlopen():
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files that are never committed; tests that need them are skipped where it is absent."""
    folder = Path(os.environ.get("ONOMAP_SHARED", REPOSITORY.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"the real files are not here: {folder} (set ONOMAP_SHARED to their folder)")
    return folder


@pytest.fixture(scope="session")
def test_cluster() -> Iterator[Cluster]:
    """A private PostgreSQL without crash safety, made once a session and gone afterwards."""
    with temporary_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def make_database(test_cluster: Cluster) -> Callable[..., str]:
    """Makes a database and gives its URL: empty with PostGIS, or a copy of another one by `template=NAME`.

    A template may have no open connection while it is copied.
    """
    made: list[str] = []

    def make(template: str = "onomap") -> str:
        made.append(f"test_{len(made) + 1}")
        return test_cluster.create_database(made[-1], template=template)

    return make


@pytest.fixture(scope="session")
def database_url(make_database: Callable[..., str]) -> str:
    """One empty database with PostGIS for the session; a test that must not be disturbed calls `make_database()`."""
    return make_database()


@pytest.fixture(scope="session")
def migrated_template(test_cluster: Cluster) -> str:
    """The name of a database with every table, no row, and the tests' own account, to be copied."""
    name = "migrated_template"
    url = test_cluster.create_database(name)
    migrate(url, load_catalogue(), Municipality().srid)
    database = Database.open(url, size=1)
    let_tests_in(Store(load_settings(Path("no home")), load_catalogue(), database))
    database.close()
    return name


@pytest.fixture
def empty_store(make_database: Callable[..., str], migrated_template: str, tmp_path: Path) -> Iterator[Store]:
    """A store of its own for one test: every table, no row, its home in the test's folder."""
    settings = load_settings(tmp_path / "home")
    write_policy(settings.home)
    database = Database.open(make_database(template=migrated_template), size=4)
    yield Store(settings, load_catalogue(), database, load_policy(settings.home))
    database.close()


@pytest.fixture(scope="session")
def sample_store(make_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The whole sample town, loaded as `scripts/start` loads it; tests read it and do not write.

    Its source files stay in `settings.home / "sample"`.
    """
    settings = load_settings(tmp_path_factory.mktemp("sample_home"))
    write_policy(settings.home)
    store = connect(settings, make_database(), staff_login=True)
    let_tests_in(store)
    install(store, lambda _what, _share: None)
    # every server over it would begin to, beside the tests
    fill(store.database, layers_to_fill(store.database, store.catalogue))
    yield store
    store.close()


@pytest.fixture(scope="session")
def staff_url(sample_store: Store) -> Iterator[str]:
    """The address of a real staff server over the sample town."""
    port = free_port()
    command = [sys.executable, "-P", "-m", "api.serving", "staff", "--port", str(port)]
    environment = {**os.environ, "DATABASE_URL": sample_store.database.url}
    process = subprocess.Popen([*command, "--home", str(sample_store.settings.home)], cwd=REPOSITORY, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/healthz", process)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - loopback
                return
        except OSError:
            assert process.poll() is None, "the staff server ended"
            time.sleep(0.1)
    raise AssertionError("the staff server did not start")
