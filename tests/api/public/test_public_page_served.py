"""The public page as it leaves the server: its language, its policy, who may frame it, its search and its codes."""

import re
from collections.abc import Iterator

import httpx
import pytest

from api.public.page import PARTS
from api.public.settings import load_public_settings
from api.public.words import offered
from layers.publication.importing import PublicSide
from layers.store.settings import SettingsError
from tests.api.public.conftest import PublicTown, detail, serving

TOWN = "https://www.town.example.jp"


@pytest.fixture(scope="module")
def framed(public_side_of_town: PublicSide) -> Iterator[httpx.Client]:
    """A server that lets one other site show it."""
    with serving(public_side_of_town, EMBEDDERS=f'["{TOWN}"]') as url, httpx.Client(base_url=url, timeout=30) as http:
        yield http


def test_the_words_are_in_the_first_bytes_in_the_readers_language(public_town: PublicTown) -> None:
    english = public_town.http.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"})
    easy = public_town.get("/", lang="ja-easy")

    assert '<html lang="en"' in english.text
    assert "Check where I am now" in english.text
    assert 'id="machine"' in english.text
    assert english.headers["content-language"] == "en"
    assert "Accept-Language" in english.headers["vary"]
    assert '<html lang="ja"' in easy.text
    assert 'id="machine"' not in easy.text
    assert "{{" not in english.text + easy.text


def test_a_link_to_another_language_keeps_the_place(public_town: PublicTown) -> None:
    text = public_town.get("/", here='37.3,140.6"><script>', embed="1").text
    links = re.findall(r'<a href="(\?[^"]*)" lang', text)

    assert len(links) == len(offered(*PARTS)) >= 3
    assert all("here=37.3%2C140.6%22%3E%3Cscript%3E" in link and "embed=1" in link for link in links)
    assert "<script>" not in text.split("<body>")[1]


def test_only_the_configured_sites_may_frame_it_and_only_the_embedded_page(
    framed: httpx.Client, public_town: PublicTown
) -> None:
    embedded, whole = framed.get("/?embed=1"), framed.get("/")
    nobody = public_town.get("/", embed="1")

    assert f"frame-ancestors {TOWN}" in embedded.headers["content-security-policy"]
    assert "x-frame-options" not in embedded.headers
    for response in (whole, nobody, framed.get("/here?f=html")):
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert response.headers["x-frame-options"] == "DENY"


def test_a_typed_position_is_a_place_and_one_far_away_is_said_to_be_elsewhere(public_town: PublicTown) -> None:
    at = public_town.get("/search", q="北緯37度17分10秒 東経140度37分30秒").json()["position"]
    far = public_town.get("/search", q="35.68, 139.76").json()["position"]

    assert at == {"lon": pytest.approx(140.625), "lat": pytest.approx(37.28611, abs=1e-5), "in_town": True}
    assert far["in_town"] is False


def test_a_place_is_found_by_its_address(public_town: PublicTown) -> None:
    one = public_town.get("/api/collections/shelters/items", limit="1").json()["features"][0]["properties"]
    found = public_town.get("/search", q=one["address"]).json()["places"]
    assert one["name"] in [place["name"] for place in found]


def test_a_code_is_made_of_own_addresses_only(public_town: PublicTown) -> None:
    base = str(public_town.http.base_url).rstrip("/")
    for own in ("/?here=37.3,140.6#v=1&map=14/37.3/140.6", "#v=1", f"{base}/?here=1,2"):
        response = public_town.get("/qr.svg", to=own)
        assert response.headers["content-type"] == "image/svg+xml"
        assert response.text.startswith("<svg")
    for other in (
        "https://evil.example/",
        "//evil.example/",
        f"{base}.evil.example/",
        f"{base}@evil.example",
        "/\\evil",
        "x",
    ):
        assert "この地図のアドレスだけ" in detail(public_town.get("/qr.svg", to=other), 400)


def test_a_site_that_may_frame_the_page_is_named_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("*", "town.example.jp", "https://town.example.jp/path", "https://a b", "'self'"):
        monkeypatch.setenv("ONOMAP_PUBLIC_EMBEDDERS", f'["{wrong}"]')
        with pytest.raises(SettingsError):
            load_public_settings()


def test_a_large_file_is_sent_compressed_as_far_as_it_goes_and_whole_to_those_who_ask(public_town: PublicTown) -> None:
    address = "/vendor/maplibre-gl/6.17.0/dist/maplibre-gl.mjs"
    packed = public_town.http.get(address, headers={"Accept-Encoding": "gzip"})
    whole = public_town.http.get(address, headers={"Accept-Encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in whole.headers
    assert packed.headers["content-type"].startswith("text/javascript")
    assert int(packed.headers["content-length"]) < 300_000
    assert packed.content == whole.content
