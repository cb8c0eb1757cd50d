"""Exports over HTTP by a real server: right headers, whole files, and nothing that looks whole when it is not."""

import json
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import psycopg
import pyogrio
import pytest
from psycopg.conninfo import conninfo_to_dict

from gis.formats.writing.formats import FORMATS
from layers.store.cluster import Cluster
from layers.store.instance import Store
from tests.api.test_staff_http import problem
from tests.signing import SIGNED

RUNNING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND (state = 'active' OR state = 'idle in transaction') AND query LIKE '%export%'"
)


@pytest.fixture(scope="module")
def http(staff_url: str) -> httpx.Client:
    """A client that takes little in advance: a whole packed export would else fit into the system's buffers unread."""
    slow = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)])
    return httpx.Client(headers=SIGNED, base_url=staff_url, timeout=120, transport=slow)


@pytest.fixture(scope="module")
def other(sample_store: Store, test_cluster: Cluster) -> Iterator[psycopg.Connection[tuple[int]]]:
    """A look at the server's work from outside; of a post's role only a superuser sees what it does."""
    name = conninfo_to_dict(sample_store.database.url)["dbname"]
    with psycopg.connect(test_cluster.superuser_url(str(name)), autocommit=True) as connection:
        yield connection


def address(layer: str, **query: str) -> str:
    return str(httpx.URL(f"/api/collections/{layer}/export", params=query))


def soon(holds: Callable[[], bool], seconds: float = 8.0) -> bool:
    """Whether something comes to hold within a time that is short beside what it would take by itself."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def temporary() -> set[str]:
    return {name for name in os.listdir(tempfile.gettempdir()) if name.startswith("onomap-export-")}  # noqa: PTH208


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_is_served_with_its_media_type_and_a_japanese_name(
    http: httpx.Client, name: str, tmp_path: Path
) -> None:
    answer = http.get(address("flood", f=name)).raise_for_status()
    form = FORMATS[name]
    assert answer.headers["content-type"].split(";")[0] == form.media_type.split(";")[0]
    disposition = answer.headers["content-disposition"]
    assert f'attachment; filename="flood{form.suffix}"' in disposition
    assert (
        f"filename*=UTF-8''%E6%B4%AA%E6%B0%B4%E6%B5%B8%E6%B0%B4%E6%83%B3%E5%AE%9A%E5%8C%BA%E5%9F%9F{form.suffix}"
        in disposition
    )
    crs = "EPSG/0/6677" if form.plane else "OGC/1.3/CRS84"
    assert answer.headers["content-crs"] == f"<http://www.opengis.net/def/crs/{crs}>"
    assert answer.headers["cache-control"] == "no-store"
    path = tmp_path / f"flood{form.suffix}"
    path.write_bytes(answer.content)
    if name not in ("parquet", "xlsx"):
        assert pyogrio.read_info(path)["features"] == 22


def test_a_crs_may_be_asked_for_by_number_or_uri(http: httpx.Client) -> None:
    for crs in ("6668", "http://www.opengis.net/def/crs/EPSG/0/6668"):
        answer = http.get(address("flood", f="csv", crs=crs)).raise_for_status()
        assert answer.headers["content-crs"] == "<http://www.opengis.net/def/crs/EPSG/0/6668>"


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"f": "exe"}, 400, "gpkg"),
        ({"f": "gpkg", "crs": "4301"}, 400, "JGD2011"),
        ({"f": "gpkg", "crs": "+proj=longlat"}, 400, "EPSG"),
        ({"f": "geojson", "crs": "6677"}, 400, "CRS84"),
        ({"f": "csv", "as_of": "yesterday"}, 400, "as_of"),
        ({}, 422, "f"),
    ],
)
def test_what_cannot_be_exported_is_told_in_one_sentence(
    http: httpx.Client, query: dict[str, str], status: int, said: str
) -> None:
    assert said in problem(http.get(address("flood", **query)), status)


def test_a_layer_that_is_not_there_and_one_that_is_no_table_are_told(http: httpx.Client) -> None:
    assert "nowhere" in problem(http.get(address("nowhere", f="csv")), 404)
    assert "elevation" in problem(http.get(address("elevation", f="csv")), 404)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_killed_backend_breaks_the_answer_off(
    http: httpx.Client, other: psycopg.Connection[tuple[int]], encoding: str
) -> None:
    got: list[bytes] = []

    def download() -> None:
        with http.stream("GET", address("cadastral", f="geojson"), headers={"Accept-Encoding": encoding}) as answer:
            assert answer.status_code == 200
            for chunk in answer.iter_bytes(65_536):
                if not got:
                    ended = other.execute(RUNNING.replace("count(*)", "count(pg_terminate_backend(pid))")).fetchone()
                    assert ended == (1,)
                got.append(chunk)

    with pytest.raises(httpx.RemoteProtocolError):
        download()
    with pytest.raises(json.JSONDecodeError):
        json.loads(b"".join(got))
    assert http.get(address("flood", f="geojson")).raise_for_status().json()["features"]


@pytest.mark.parametrize("name", ["geojson", "kml"])
def test_a_client_that_leaves_in_the_middle_ends_the_query(
    http: httpx.Client, other: psycopg.Connection[tuple[int]], name: str
) -> None:
    with http.stream("GET", address("cadastral", f=name)) as answer:
        # Held until the end: a forgotten iterator closes the connection before the look.
        chunks = answer.iter_raw(1_000)
        next(chunks)
        assert soon(lambda: other.execute(RUNNING).fetchone() == (1,))
    assert soon(lambda: other.execute(RUNNING).fetchone() == (0,))


def test_a_client_that_leaves_before_the_file_is_ready_ends_the_work_and_its_files(
    http: httpx.Client, other: psycopg.Connection[tuple[int]]
) -> None:
    before = temporary()
    with pytest.raises(httpx.ReadTimeout):
        http.get(address("cadastral", f="xlsx"), timeout=1.0)
    assert soon(lambda: other.execute(RUNNING).fetchone() == (0,), 4.0)
    assert soon(lambda: temporary() <= before, 4.0)


def test_too_many_exports_at_once_are_put_off_and_the_next_one_comes_through(http: httpx.Client) -> None:
    with ExitStack() as held:
        for _ in range(3):
            answer = held.enter_context(http.stream("GET", address("cadastral", f="geojson")))
            assert answer.status_code == 200
        refused = http.get(address("flood", f="csv"))
        assert "込み合って" in problem(refused, 503)
        assert int(refused.headers["retry-after"]) > 0
        assert http.get("/healthz").status_code == 200
    assert soon(lambda: http.get(address("flood", f="csv")).status_code == 200)


@pytest.mark.parametrize("name", [name for name in FORMATS if FORMATS[name].write is not None])
def test_a_container_comes_with_its_length_and_is_not_packed_again(http: httpx.Client, name: str) -> None:
    answer = http.get(address("flood", f=name), headers={"Accept-Encoding": "gzip"})
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "content-encoding" not in answer.headers
