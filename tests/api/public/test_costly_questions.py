"""What would cost too much is refused in a sentence, before it costs anything."""

import socket
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest

from layers.publication.importing import PublicSide
from layers.store.cluster import Cluster
from layers.store.database import Database
from layers.store.errors import StoreError
from layers.store.instance import Store
from tests.api.public.conftest import PublicTown, detail, serving
from tests.layers.publication.publication_samples import make_public_side, publish

ITEMS = "/api/collections/shelters/items"


def test_an_address_longer_than_any_question_is_refused(public_town: PublicTown) -> None:
    detail(public_town.http.get(f"/api?f={'x' * 9_000}"), 414)
    detail(public_town.http.get(f"/{'x' * 9_000}"), 414)


def test_an_oversize_geometry_filter_is_refused(public_town: PublicTown) -> None:
    ring = ",".join(f"{140 + n / 9_000:.4f} 37" for n in range(2_000))
    response = public_town.http.get(f"{ITEMS}?filter={quote(f'S_INTERSECTS(geom, POLYGON(({ring})))')}")

    detail(response, 414)


@pytest.mark.parametrize(
    "text",
    ["(" * 500 + "name = 'a'" + ")" * 500, "NOT " * 500 + "name = 'a'", " OR ".join(["name='a'"] * 2_500)],
)
def test_a_filter_that_is_deep_or_endless_is_refused(public_town: PublicTown, text: str) -> None:
    assert public_town.get(ITEMS, filter=text).status_code in {400, 414}


def test_a_page_has_a_thousand_rows_at_most(public_town: PublicTown) -> None:
    page = public_town.get("/api/collections/street_lights/items", limit="10000").json()

    assert page["numberReturned"] <= 1_000


def test_a_file_with_more_rows_than_are_given_out_is_refused_and_not_cut_off(public_side_of_town: PublicSide) -> None:
    with serving(public_side_of_town, MOST_FILE_ROWS="5") as url, httpx.Client(base_url=url) as http:
        for form in ("csv", "geojson", "gpkg"):
            assert "5 行" in detail(http.get(f"/api/collections/roads/export?f={form}"), 400)
        assert http.get("/api/collections/roads/items?f=csv&limit=3").status_code == 200


def test_a_statement_that_takes_too_long_is_ended_whatever_was_asked_for(public_side_of_town: PublicSide) -> None:
    database = Database.open(public_side_of_town.database.web_url, size=2, longest_s=0.2)
    began = time.perf_counter()
    with pytest.raises(StoreError, match="時間切れ"), database.transaction(timeout_s=30) as connection:
        connection.execute("SELECT pg_sleep(5)")
    database.close()

    assert time.perf_counter() - began < 3


def test_a_body_is_not_read(public_town: PublicTown) -> None:
    response = public_town.http.request("GET", "/api", content=b"x" * 10_000_000)

    assert response.status_code in {200, 413}
    detail(public_town.http.post("/api", content=b"x" * 100_000), 405)


def test_a_range_header_of_ten_thousand_parts_changes_nothing(public_town: PublicTown) -> None:
    parts = "bytes=" + ",".join(f"{n}-{n}" for n in range(0, 5_000, 2))
    began = time.perf_counter()
    plain, ranged = (
        public_town.http.get("/public/main.js", headers=headers) for headers in ({}, {"Range": parts, "If-Range": "x"})
    )

    assert (ranged.status_code, ranged.content) == (200, plain.content)
    assert time.perf_counter() - began < 2


def test_a_thousand_part_multipart_is_not_even_read(public_town: PublicTown) -> None:
    files = [("file", (f"{n}.txt", b"x")) for n in range(1_000)]

    detail(public_town.http.post(ITEMS, files=files), 405)


def test_two_host_headers_are_refused(public_town: PublicTown) -> None:
    place = urlsplit(str(public_town.http.base_url))
    with socket.create_connection((place.hostname, place.port), timeout=10) as raw:
        raw.sendall(b"GET /api HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := raw.recv(65_536):
            answer += piece

    assert answer.startswith(b"HTTP/1.1 400")


def test_a_fault_of_ours_names_nothing_behind_it(test_cluster: Cluster, sample_store: Store, tmp_path: Path) -> None:
    side = make_public_side(test_cluster, tmp_path, "public_that_dies", sample_store.settings.home)
    publish(sample_store, side, 1, ["shelters"])
    with serving(side) as url, httpx.Client(base_url=url, timeout=30) as http:
        fid = http.get(f"{ITEMS}?limit=1").json()["features"][0]["id"]
        test_cluster.drop_database("public_that_dies")
        answers = [http.get(path) for path in (ITEMS, f"{ITEMS}/{fid}", "/api/collections", f"{ITEMS}?f=csv")]

    words = (
        "postgres",
        "psycopg",
        "onomap",
        "Traceback",
        "127.0.0.1",
        "layers.",
        "SELECT",
        "public_that_dies",
        "doctor",
    )
    for answer in answers:
        assert answer.status_code in {500, 503}
        assert answer.headers["content-type"] == "application/problem+json"
        assert [word for word in words if word in answer.text] == []
