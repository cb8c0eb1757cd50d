"""What a phone is given to keep: files with their true sizes, and files of tiles that can be read in parts."""

from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image
from pmtiles.reader import Reader
from pmtiles.tile import deserialize_header

from tests.api.public.conftest import LAYERS, PublicTown, detail

FILE = "/tiles/roads.pmtiles"


def part(town: PublicTown, wished: str, **more: str) -> tuple[int, bytes, str | None]:
    response = town.http.get(FILE, headers={"Range": wished, **more})
    return response.status_code, response.content, response.headers.get("content-range")


@pytest.fixture(scope="module")
def whole(public_town: PublicTown) -> bytes:
    """The whole file."""
    response = public_town.get(FILE)
    assert response.status_code == 200
    assert response.headers["accept-ranges"] == "bytes"
    assert "content-encoding" not in response.headers
    assert int(response.headers["content-length"]) == len(response.content)
    return response.content


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_size_and_hash_of_the_list_is_true(public_town: PublicTown, language: str) -> None:
    listed = public_town.get("/offline.json", lang=language).json()
    total = 0
    for file in listed["files"]:
        content = public_town.http.get(f"/{file['url'].removeprefix('./')}").content
        assert len(content) == file["bytes"], file["url"]
        assert file.get("sha256") in {None, sha256(content).hexdigest()}, file["url"]
        total += len(content)

    assert listed["bytes"] == total
    assert listed["edition"]["number"] == 1
    assert listed["language"] == language
    assert {file["layer"] for file in listed["files"] if file["kind"] == "tiles"} == set(LAYERS)
    urls = [file["url"] for file in listed["files"]]
    assert len(urls) == len(set(urls))
    assert {f"i18n/{language}/offline.json", "layers", "styles/public.json", "public/main.js"} <= set(urls)


def test_a_part_is_that_part(public_town: PublicTown, whole: bytes) -> None:
    size = len(whole)
    assert part(public_town, "bytes=0-126") == (206, whole[:127], f"bytes 0-126/{size}")
    assert part(public_town, "bytes=-10") == (206, whole[-10:], f"bytes {size - 10}-{size - 1}/{size}")
    assert part(public_town, f"bytes={size - 5}-") == (206, whole[-5:], f"bytes {size - 5}-{size - 1}/{size}")
    assert part(public_town, f"bytes=10-{size * 2}") == (206, whole[10:], f"bytes 10-{size - 1}/{size}")
    assert deserialize_header(part(public_town, "bytes=0-126")[1])["version"] == 3


@pytest.mark.parametrize(
    "wished", ["bytes=5-2", "lines=1-2", "bytes=a-b", "bytes=-", "bytes=0-1,4-5", "bytes=0-" + "9" * 40]
)
def test_what_is_no_single_range_gets_the_whole(public_town: PublicTown, whole: bytes, wished: str) -> None:
    assert part(public_town, wished) == (200, whole, None)


@pytest.mark.parametrize("wished", ["bytes=999999999-", "bytes=-0"])
def test_a_range_beyond_the_file_is_refused_with_its_size(public_town: PublicTown, whole: bytes, wished: str) -> None:
    response = public_town.http.get(FILE, headers={"Range": wished})

    assert f"{len(whole):,}" in detail(response, 416)
    assert response.headers["content-range"] == f"bytes */{len(whole)}"


def test_a_part_of_another_file_is_never_mixed_in(public_town: PublicTown, whole: bytes) -> None:
    tag = public_town.http.head(FILE).headers["etag"]

    assert tag == f'"{sha256(whole).hexdigest()}"'
    assert part(public_town, "bytes=0-9", **{"If-Range": tag})[0] == 206
    assert part(public_town, "bytes=0-9", **{"If-Range": '"another"'}) == (200, whole, None)
    assert part(public_town, "bytes=0-9", **{"If-Range": f"W/{tag}"})[0] == 200
    assert public_town.http.get(FILE, headers={"If-None-Match": tag}).status_code == 304


def test_a_reader_of_pmtiles_reads_it_over_http(public_town: PublicTown) -> None:
    reader = Reader(lambda offset, length: part(public_town, f"bytes={offset}-{offset + length - 1}")[1])

    assert reader.metadata()["vector_layers"][0]["id"] == "roads"


def test_a_layer_that_is_not_published_has_no_file(public_town: PublicTown) -> None:
    assert detail(public_town.get("/tiles/cadastral.pmtiles"), 404)
    assert detail(public_town.get("/tiles/..%2Fmanifest.pmtiles"), 404)


def test_other_addresses_have_no_parts(public_town: PublicTown) -> None:
    assert public_town.http.get("/layers", headers={"Range": "bytes=0-9"}).status_code == 200


def test_the_names_that_are_kept_are_those_that_are_found(public_town: PublicTown) -> None:
    kept = public_town.get("/offline/places.json").json()
    found = public_town.get("/search", q="集会所").json()["places"]

    assert found
    places = [{key: value for key, value in place.items() if key != "folded"} for place in kept["places"]]
    assert all(place in places for place in found)
    items = public_town.get("/api/collections/shelters/items", limit="1000").json()["features"]
    assert kept["sites"]["shelters"] == items


def test_the_card_of_the_app_names_the_town_and_true_icons(public_town: PublicTown) -> None:
    card = public_town.get("/manifest.webmanifest", lang="en")
    assert card.headers["content-type"] == "application/manifest+json"
    assert "小野町" in card.json()["name"]
    assert card.json()["lang"] == "en"
    for icon in card.json()["icons"]:
        content = public_town.http.get(f"/{icon['src'].removeprefix('./')}").content
        if icon["type"] == "image/png":
            width, height = Image.open(BytesIO(content)).size
            assert icon["sizes"] == f"{width}x{height}"


def test_the_worker_stands_at_the_root_and_may_load_nothing_from_outside(public_town: PublicTown) -> None:
    worker = public_town.get("/service-worker.js")

    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["cache-control"] == "no-cache"
    assert worker.headers["content-security-policy"] == "default-src 'none'; script-src 'self'; connect-src 'self'"
    assert "://" not in worker.text
