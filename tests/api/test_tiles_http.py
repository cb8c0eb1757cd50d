"""Tiles over HTTP: what a browser, a proxy and a program rely on; a real server over the sample town."""

import gzip
import json
import re
import socket
import threading
import time
import zlib
from collections.abc import Iterator

import httpx
import mapbox_vector_tile
import pytest
import uvicorn

from api.serve import free_port
from api.staff.app import create_app, tile_http
from layers.store.instance import Store
from layers.store.tiles.band_filling import fill, layers_to_fill
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, tile_at
from tests.signing import SIGNED, SIGNED_TEXT

MVT = "application/vnd.mapbox-vector-tile"
GZIP = {"Accept-Encoding": "gzip"}
IDENTITY = {"Accept-Encoding": "identity"}
Z14 = tile_at(EAST_M, NORTH_M, 14)
TOWN = f"/tiles/cadastral,roads,districts,landslide/{Z14.z}/{Z14.x}/{Z14.y}"
EMPTY = "/tiles/cadastral,roads/14/0/0"


@pytest.fixture(scope="module", params=["fetched", "kept"])
def url(request: pytest.FixtureRequest, sample_store: Store) -> Iterator[str]:
    """The address of the staff server: once with every tile fetched anew, once with tiles kept after the first ask.

    The bands are filled before, so that a tile stays what it is during a test.
    """
    for _ in range(20):
        if not fill(sample_store.database, layers_to_fill(sample_store.database, sample_store.catalogue)):
            break
    app = create_app(sample_store)
    if request.param == "fetched":
        app.state.tiles.cache.limit_bytes = 0
    port = free_port()
    config = uvicorn.Config(app, port=port, http=tile_http(app), log_level="warning", server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    hits = app.state.tiles.cache.counters().hits
    server.should_exit = True
    thread.join(20)
    app.state.tiles.close()
    assert (hits > 0) == (request.param == "kept")


@pytest.fixture(scope="module")
def http(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(headers=SIGNED, base_url=url, timeout=60) as client:
        yield client


def problem(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return str(response.json()["detail"])


def raw(http: httpx.Client, path: str, headers: dict[str, str] | None = None) -> bytes:
    """The body as it travels, not unpacked."""
    with http.stream("GET", path, headers=headers or GZIP) as response:
        return b"".join(response.iter_raw())


def test_a_tile_is_one_gzip_member_with_all_its_layers(http: httpx.Client) -> None:
    body = raw(http, TOWN)
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    content = reader.decompress(body)

    assert reader.eof
    assert reader.unused_data == b""
    assert set(mapbox_vector_tile.decode(content)) == {"cadastral", "roads", "districts", "landslide"}


def test_a_client_without_gzip_gets_the_same_tile_plain_under_another_strong_tag(http: httpx.Client) -> None:
    packed, plain = http.get(TOWN, headers=GZIP), http.get(TOWN, headers=IDENTITY)

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert not packed.headers["etag"].startswith("W/")
    assert packed.headers["vary"].lower() == plain.headers["vary"].lower() == "accept-encoding, authorization, cookie"
    assert gzip.decompress(raw(http, TOWN)) == plain.content


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [("gzip;q=0", False), ("br, gzip;q=0.5", True), ("*", True), ("gzip;q=0.0, *", False), ("br", False), ("", False)],
)
def test_the_encoding_is_what_the_client_takes(http: httpx.Client, accepted: str, is_packed: bool) -> None:
    response = http.get(TOWN, headers={"Accept-Encoding": accepted})

    assert ("content-encoding" in response.headers) == is_packed


@pytest.mark.parametrize("form", ["{}", '"other", {}', "W/{}", "*"])
@pytest.mark.parametrize("encoding", [GZIP, IDENTITY])
def test_a_tile_that_the_client_has_is_not_sent_again(http: httpx.Client, form: str, encoding: dict[str, str]) -> None:
    tag = http.get(TOWN, headers=encoding).headers["etag"]
    again = http.get(TOWN, headers={**encoding, "If-None-Match": form.format(tag)})

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == tag
    assert "no-cache" in again.headers["cache-control"]
    assert http.get(TOWN, headers={**encoding, "If-None-Match": '"another"'}).status_code == 200


def test_the_tag_is_the_same_on_every_ask_and_names_the_layers_content(http: httpx.Client) -> None:
    tags = {http.get(TOWN, headers=GZIP).headers["etag"] for _ in range(3)}
    assert len(tags) == 1
    assert http.get(f"/tiles/roads/{Z14.z}/{Z14.x}/{Z14.y}", headers=GZIP).headers["etag"] not in tags


def test_a_tile_is_kept_by_the_browser_but_asked_for_anew_each_time(http: httpx.Client) -> None:
    for path in (TOWN, EMPTY):
        assert http.get(path).headers["cache-control"] == "private, no-cache"


def test_an_empty_tile_is_204_without_a_body(http: httpx.Client) -> None:
    response = http.get(EMPTY)
    assert response.status_code == 204
    assert response.content == b""
    assert "content-length" not in response.headers


@pytest.mark.parametrize("suffix", ["", ".mvt", ".pbf"])
def test_the_usual_suffixes_mean_the_same_tile(http: httpx.Client, suffix: str) -> None:
    response = http.get(TOWN + suffix)
    assert response.headers["content-type"] == MVT
    assert response.content == http.get(TOWN).content


def test_head_says_what_get_would(http: httpx.Client) -> None:
    head, get = http.head(TOWN, headers=GZIP), http.get(TOWN, headers=GZIP)
    same = ("etag", "content-type", "content-encoding", "content-length", "cache-control", "vary")

    assert head.status_code == 200
    assert head.content == b""
    assert {name: head.headers[name] for name in same} == {name: get.headers[name] for name in same}


@pytest.mark.parametrize(
    "address", ["23/0/0", "3/8/0", "3/0/8", "-1/0/0", "3/1.5/1", "a/b/c", "3/0x1/1", "99999999999/0/0", "3/１/1"]
)
def test_an_address_that_no_map_has_is_400(http: httpx.Client, address: str) -> None:
    assert problem(http.get(f"/tiles/cadastral/{address}"), 400)


@pytest.mark.parametrize("names", ["nothing", "cadastral,nothing", "cadastral,", "elevation", "CADASTRAL", "__proto__"])
def test_a_layer_that_is_not_there_is_404(http: httpx.Client, names: str) -> None:
    assert problem(http.get(f"/tiles/{names}/14/1/1"), 404)


def test_other_methods_are_refused(http: httpx.Client) -> None:
    for method in ("POST", "PUT", "DELETE"):
        problem(http.request(method, TOWN), 405)


def test_the_short_way_keeps_the_rules_of_the_house(http: httpx.Client, url: str) -> None:
    for path in (TOWN, EMPTY, "/tiles/cadastral/3/9/0"):
        headers = http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
    for host in ("evil.example", "evil.example:80", "localhost.evil.example", ""):
        for path in (TOWN, TOWN, f"/api/collections/roads/tiles/WebMercatorQuad/14/{Z14.y}/{Z14.x}"):
            assert http.get(path, headers={"Host": host}).status_code == 400


def test_a_tile_can_be_asked_for_in_pieces_and_several_at_once(url: str) -> None:
    host, port = re.fullmatch(r"http://([^:]+):(\d+)", url).groups()  # type: ignore[union-attr]
    request = f"GET {TOWN} HTTP/1.1\r\nHost: {host}:{port}\r\n{SIGNED_TEXT}Accept-Encoding: gzip\r\n\r\n".encode()
    with socket.create_connection((host, int(port))) as connection:
        read = _answers(connection)
        connection.sendall(request)
        whole = next(read)
        for byte in range(0, len(request), 7):
            connection.sendall(request[byte : byte + 7])
        assert next(read)[2] == whole[2]
        connection.sendall(request * 5)
        assert [next(read)[2] for _ in range(5)] == [whole[2]] * 5


def test_a_body_that_looks_like_a_request_is_not_taken_for_one(url: str) -> None:
    host, port = re.fullmatch(r"http://([^:]+):(\d+)", url).groups()  # type: ignore[union-attr]
    hidden = f"GET {TOWN} HTTP/1.1\r\nHost: {host}:{port}\r\n{SIGNED_TEXT}Accept-Encoding: gzip\r\n\r\n".encode()
    head = (
        f"POST /parcels HTTP/1.1\r\nHost: {host}:{port}\r\n{SIGNED_TEXT}Content-Length: {len(hidden)}\r\n\r\n".encode()
    )
    for lead in ({"split": True}, {"split": False}):
        with socket.create_connection((host, int(port))) as connection:
            read = _answers(connection)
            connection.sendall(head)
            if lead["split"]:
                time.sleep(0.2)
            connection.sendall(hidden)
            status, headers, _ = next(read)
            assert status == 422
            assert headers["content-type"] == "application/problem+json"
            connection.sendall(hidden)
            assert next(read)[0] == 200


@pytest.mark.parametrize(
    "line",
    [
        "Transfer-Encoding: chunked",
        "Content-Length: 5",
        "Connection: close",
        "Bad Header: x",
        " fold",
    ],
)
def test_an_odd_header_goes_the_usual_way(url: str, line: str) -> None:
    host, port = re.fullmatch(r"http://([^:]+):(\d+)", url).groups()  # type: ignore[union-attr]
    plain = f"GET {TOWN} HTTP/1.1\r\nHost: {host}:{port}\r\n{SIGNED_TEXT}Accept-Encoding: gzip\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.settimeout(20)
        connection.sendall(f"{plain}{line}\r\n\r\n".encode())
        if line.startswith("Content"):
            connection.sendall(b"hello")
        elif line.startswith("Transfer"):
            connection.sendall(b"0\r\n\r\n")
        status, _, body = next(_answers(connection))
        if line.startswith(("Content", "Transfer", "Connection")):
            assert status == 200
            assert gzip.decompress(body)
        else:
            assert status == 400


def _answers(connection: socket.socket) -> Iterator[tuple[int, dict[str, str], bytes]]:
    """Status, headers and body of one answer after the other."""
    file = connection.makefile("rb")
    while True:
        status = int(file.readline().split()[1])
        headers = dict(line.decode().strip().lower().split(": ", 1) for line in iter(file.readline, b"\r\n"))
        yield status, headers, file.read(int(headers.get("content-length", 0)))


def test_what_is_too_small_is_told_in_a_header(http: httpx.Client) -> None:
    for zoom in range(10, 14):
        for dx in (-1, 0, 1):
            tile = tile_at(EAST_M, NORTH_M, zoom)
            response = http.get(f"/tiles/cadastral,forest/{zoom}/{tile.x + dx}/{tile.y}")
            told = response.headers.get("x-onomap-dropped", "")
            assert re.fullmatch(r"(\w+=\d+(, )?)*", told)


def test_tilejson_says_what_the_tiles_hold(http: httpx.Client, sample_store: Store) -> None:
    document = http.get("/tiles/cadastral,roads,street_lights.json").raise_for_status().json()
    layers = {layer["id"]: layer for layer in document["vector_layers"]}

    assert document["tilejson"] == "3.0.0"
    assert list(layers) == ["cadastral", "roads", "street_lights"]
    assert document["minzoom"] == 10
    west, south, east, north = document["bounds"]
    assert 140.4 < west < 140.6 < east < 140.8
    assert 37.1 < south < 37.3 < north < 37.5
    for zoom in (10, 13, 14, 16):
        tile = tile_at(EAST_M, NORTH_M, zoom)
        address = document["tiles"][0].format(z=zoom, x=tile.x, y=tile.y)
        decoded = mapbox_vector_tile.decode(http.get(address).content)
        assert set(decoded) <= {name for name in layers if layers[name]["minzoom"] <= zoom}
        assert {name for name in layers if name != "street_lights"} <= set(decoded)
        for name, content in decoded.items():
            carried = {key for feature in content["features"] for key in feature["properties"]}
            assert carried <= set(layers[name]["fields"])
    assert layers["cadastral"]["onomap:generalised"][0]["merged_by"]
    assert "「登記所備付地図データ」" in document["attribution"]


def test_every_layer_with_a_shape_has_tilejson_and_a_style_of_its_own(http: httpx.Client, sample_store: Store) -> None:
    for layer in sample_store.catalogue.values():
        has_shape = layer.geometry not in ("None", "Raster")
        for path in (f"/tiles/{layer.id}.json", f"/styles/{layer.id}.json"):
            assert http.get(path).status_code == (200 if has_shape else 404)


def test_a_style_draws_from_tiles_that_exist(http: httpx.Client) -> None:
    for path in ("/styles/cadastral.json", "/styles/staff.json"):
        style = http.get(path).json()
        assert style["version"] == 8
        assert style["layers"]
        for layer in style["layers"]:
            assert layer["source"] in style["sources"]
        for name, source in style["sources"].items():
            tile = tile_at(EAST_M, NORTH_M, max(source["minzoom"], 14))
            address = source["tiles"][0].format(z=tile.z, x=tile.x, y=tile.y)
            assert http.get(address).status_code in (200, 204), name


def test_the_description_of_the_api_names_the_tiles(http: httpx.Client) -> None:
    paths = json.loads(http.get("/api/openapi.json").content)["paths"]
    assert MVT in paths["/tiles/{names}/{z}/{x}/{y}"]["get"]["responses"]["200"]["content"]
