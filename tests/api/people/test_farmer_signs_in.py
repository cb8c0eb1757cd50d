"""A farmer at a real server: led to the field page, and stopped everywhere else, also on the short way of kept tiles."""

from collections.abc import Iterator

import httpx
import pytest

from layers.accounts.keys import issue_key
from layers.store.rights.caller import Verb
from tests.api.conftest import Town
from tests.api.people.browser_like import Browser, new_browser, new_person, signed_in
from tests.api.people.test_gate import TILE, port_of
from tests.hostile.raw_http import talk


@pytest.fixture(scope="module")
def farm(town: Town) -> Town:
    """A town with a farmer, and something on its map that is kept as a tile."""
    new_person(town.store, "farmer", "農業者", "farmer")
    assert town.add_shelter("避難所").status_code == 201
    assert town.http.get(TILE).status_code == 200
    return town


@pytest.fixture
def farmer(farm: Town) -> Iterator[Browser]:
    browser = signed_in(farm.url, "farmer")
    yield browser
    browser.http.close()


def test_after_the_login_a_farmer_is_on_the_field_page(farm: Town) -> None:
    browser = new_browser(farm.url)
    entered = browser.sign_in("farmer")
    assert entered.headers["location"] == "/"
    assert browser.page("/").headers["location"] == "/field"


@pytest.mark.parametrize(
    "path", [TILE, TILE + ".mvt", "/events", "/people", "/layers", "/inquiries", "/search?q=a", "/api", "/bosai"]
)
def test_nothing_of_the_town_hall_answers_a_farmer_also_not_a_kept_tile(farmer: Browser, path: str) -> None:
    for _ in range(2):
        answer = farmer.http.get(path)
        assert answer.status_code in (403, 404), (path, answer.status_code)
        assert "避難所".encode() not in answer.content


def test_a_farmer_changes_own_settings_but_makes_no_key(farmer: Browser) -> None:
    page = farmer.page("/account")
    assert page.status_code == 200
    assert 'action="/account/keys"' not in page.text
    assert farmer.send("/account", "/account/keys", label="x", verb=["read"], days="7").status_code == 403
    assert farmer.send("/account", "/logout").status_code == 303


def test_no_path_that_is_written_roundabout_leads_out(farm: Town) -> None:
    key = issue_key(farm.store, "farmer", "試験", frozenset(Verb), days=1)
    paths = ("/field/../layers", "/surveys/../people", "//layers", "/field/%2e%2e/layers", "/surveys%2f..%2flayers")
    for path in (*paths, "/field/..%2flayers"):
        head = f"Host: localhost\r\nAuthorization: Bearer {key}\r\nConnection: close"
        raw = f"GET {path} HTTP/1.1\r\n{head}\r\n\r\n".encode()
        answer = talk(port_of(farm), raw)
        assert answer.startswith((b"HTTP/1.1 403 ", b"HTTP/1.1 404 ")), (path, answer[:200])


def test_a_key_of_a_farmer_opens_no_more_than_the_farmer(farm: Town) -> None:
    key = issue_key(farm.store, "farmer", "試験", frozenset(Verb), days=1)
    with httpx.Client(base_url=farm.url, headers={"Authorization": f"Bearer {key}"}) as http:
        assert http.get("/surveys/fields").json() == {"type": "FeatureCollection", "features": []}
        assert http.get("/api/collections").status_code == 403
