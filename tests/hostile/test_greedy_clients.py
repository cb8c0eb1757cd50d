"""Clients that send or ask for too much take nothing from the others."""

import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from api.bodies import LARGEST_BODY
from api.staff import tile_protocol
from tests.api.conftest import Town
from tests.hostile.raw_http import received
from tests.signing import SIGNED

LONGEST_S = 30
ENDLESS = {
    "an address": (b"GET /", b"a" * 65_536),
    "a header": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b"a" * 65_536),
    "headers": (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X: y\r\n" * 10_000),
    "trailers": (
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        b"X: y\r\n" * 10_000,
    ),
}


def connected(town: Town) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(town.url).port or 0), timeout=LONGEST_S)


def memory_mb(town: Town) -> int:
    with Path(f"/proc/{town.process.pid}/status").open() as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmRSS"))


@pytest.mark.parametrize("what", ENDLESS)
def test_a_head_without_an_end_is_cut_off(town: Town, what: str) -> None:
    begin, piece = ENDLESS[what]
    before = memory_mb(town)
    with connected(town) as connection:
        connection.sendall(begin)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            connection.sendall(piece * 500)
    assert memory_mb(town) - before < 20


def test_a_head_that_is_too_long_is_told_so(town: Town) -> None:
    with connected(town) as connection:
        connection.settimeout(1)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a")
        time.sleep(0.1)
        connection.sendall(b"a" * (tile_protocol.MOST_HEAD_BYTES + 1))
        answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"application/problem+json" in answer


@pytest.mark.parametrize("path", ["/rasters/elevation/profile", "/inquiries", "/api/collections/shelters/items"])
@pytest.mark.parametrize("told", [True, False])
def test_a_body_that_is_too_large_is_413_wherever_it_is_sent(town: Town, path: str, told: bool) -> None:
    piece = b"[" * 65_536
    count = LARGEST_BODY // len(piece) + 2
    content = piece * count if told else (piece for _ in range(count))
    kind = "application/geo+json" if "items" in path else "application/json"
    response = town.http.post(path, content=content, headers={"Content-Type": kind})
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_connections_that_say_nothing_are_closed_and_an_open_page_is_not(town: Town) -> None:
    with town.http.stream("GET", "/events") as events:
        lines = events.iter_lines()
        assert next(line for line in lines if line.startswith("event")) == "event: ready"
        silent, half = [[connected(town) for _ in range(50)] for _ in range(2)]
        for connection in half:
            connection.sendall(b"GET /tiles/shelters/1/0/0 HTTP/1.1\r\nHost: loc")
        time.sleep(2 * tile_protocol.HEAD_TIMEOUT_S)
        answers = [received(connection) for connection in (*silent, *half)]
        town.add_shelter("後から")
        assert next(line for line in lines if line.startswith("event")) == "event: changed"
    assert all(answer.startswith(b"HTTP/1.1 408 ") and answer.endswith(b"<end>") for answer in answers)


def test_questions_that_take_long_leave_the_others_room(town: Town) -> None:
    """A locked table makes forty-five questions take as long as they may, without keeping the machine busy."""
    statuses: list[int] = []

    def ask() -> None:
        statuses.append(httpx.get(f"{town.url}/api/collections/roads/items", timeout=60, headers=SIGNED).status_code)

    askers = [threading.Thread(target=ask) for _ in range(45)]
    with town.store.database.transaction() as connection:
        connection.execute("LOCK TABLE layers.roads IN ACCESS EXCLUSIVE MODE")
        for asker in askers:
            asker.start()
        time.sleep(1)
        assert httpx.get(f"{town.url}/healthz", timeout=60).status_code == 200
        assert town.add_shelter("混雑の中").status_code == 201
    for asker in askers:
        asker.join()
    assert set(statuses) == {200, 503}
