"""One client cannot take more than its share, whoever it says it is; the others notice nothing."""

import httpx
import pytest

from api.errors import TooManyRequestsError
from api.public.clients import Clients
from api.public.rates import Rates
from api.public.settings import PublicSettings
from layers.publication.importing import PublicSide
from tests.api.public.conftest import detail, serving


def scope(peer: str, forwarded: str | None = None, path: str = "/api") -> dict[str, object]:
    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    return {"type": "http", "client": (peer, 1), "headers": headers, "path": path, "query_string": b""}


def test_a_stranger_cannot_say_that_he_is_somebody_else() -> None:
    assert Clients().name_of(scope("203.0.113.9", "198.51.100.1")) == "203.0.113.9"
    assert Clients(["10.0.0.0/8"]).name_of(scope("203.0.113.9", "198.51.100.1")) == "203.0.113.9"


def test_a_trusted_proxy_says_who_it_saw_and_what_the_client_wrote_before_is_not_believed() -> None:
    clients = Clients(["10.0.0.0/8"])

    assert clients.name_of(scope("10.0.0.2", "198.51.100.1")) == "198.51.100.1"
    assert clients.name_of(scope("10.0.0.2", "1.2.3.4, 198.51.100.1")) == "198.51.100.1"
    assert clients.name_of(scope("10.0.0.2", "1.2.3.4, 198.51.100.1, 10.0.0.7")) == "198.51.100.1"
    assert clients.name_of(scope("10.0.0.2", "nonsense")) == "unknown"
    assert clients.name_of(scope("10.0.0.2")) == "10.0.0.2"


def test_a_household_with_many_ipv6_addresses_is_one_client() -> None:
    one, other = (Clients().name_of(scope(f"2001:db8:1:2::{end}")) for end in ("1", "ffff:1"))

    assert one == other != Clients().name_of(scope("2001:db8:1:3::1"))
    assert Clients().name_of(scope("::ffff:203.0.113.9")) == "203.0.113.9"


def test_shares_are_counted_apart_by_client_and_by_kind() -> None:
    rates = Rates(PublicSettings(read_rate="2/minute", tile_rate="3/minute", file_rate="1/minute"))
    for _ in range(2):
        rates.count(scope("203.0.113.9"))  # type: ignore[arg-type]
    with pytest.raises(TooManyRequestsError) as refused:
        rates.count(scope("203.0.113.9"))  # type: ignore[arg-type]

    assert 1 <= refused.value.retry_after_s <= 60
    rates.count(scope("203.0.113.10"))  # type: ignore[arg-type]
    for path in ("/tiles/roads/1/1/1", "/api/tiles/WebMercatorQuad/1/1/1", "/public/main.js"):
        rates.count(scope("203.0.113.9", path=path))  # type: ignore[arg-type]
    with pytest.raises(TooManyRequestsError):
        rates.count(scope("203.0.113.9", path="/tiles/roads/1/1/1"))  # type: ignore[arg-type]


def test_whoever_asks_too_much_is_told_how_long_to_wait(public_side_of_town: PublicSide) -> None:
    settings = {"READ_RATE": "20/minute", "FILE_RATE": "2/minute"}
    with serving(public_side_of_town, **settings) as url, httpx.Client(base_url=url) as http:
        files = [http.get("/api/collections/shelters/export?f=csv") for _ in range(3)]
        by_accept = http.get("/api/collections/shelters/items", headers={"Accept": "application/geopackage+sqlite3"})
        answers = [http.get("/api", headers={"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(30)]
        tile = http.get("/tiles/roads/12/0/0")
        health = http.get("/healthz")

    assert [answer.status_code for answer in files] == [200, 200, 429]
    assert by_accept.status_code == 429
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 14
    assert "秒ほど待って" in detail(refused[0], 429)
    assert 1 <= int(refused[0].headers["retry-after"]) <= 60
    assert refused[0].headers["access-control-allow-origin"] == "*"
    assert (tile.status_code, health.status_code) == (204, 200)
