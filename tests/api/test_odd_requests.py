"""Requests at the edge of what can be asked: answered with what is there or with one sentence, never with a fault of ours."""

import json
import socket

import httpx
import pytest

from tests.api.conftest import Town

FAR = {"Origin": "https://elsewhere.example"}


def sentence(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text[:300]
    assert response.headers["content-type"] == "application/problem+json"
    told: str = response.json()["detail"]
    assert "\n" not in told
    return told


@pytest.mark.parametrize("place", [(50, 0), (-40, 0), (0, 90), (-180, -90), (180, 90), (139.83, -36)])
def test_no_parcel_lies_at_the_other_end_of_the_world(town: Town, place: tuple[float, float]) -> None:
    lon, lat = place
    assert town.http.get("/parcels/at", params={"lon": lon, "lat": lat}).raise_for_status().json() == {"matches": []}
    line = {"type": "LineString", "coordinates": [[lon, lat], [lon / 2, lat / 2 + 1]]}
    assert town.http.post("/parcels/in", json=line).raise_for_status().json()["matches"] == []


@pytest.mark.parametrize("text", ["\x00", "小野\x00/字/1", "//\x00", "92-1\x00"])
def test_a_text_that_the_database_cannot_hold_is_refused(town: Town, text: str) -> None:
    for address, name in (("/parcels", "q"), ("/search", "q"), ("/inquiries", "parcel")):
        assert "使えない文字" in sentence(town.http.get(address, params={name: text}), 422)
    sentence(town.http.post("/parcels", json={"q": text}), 422)
    sentence(town.http.post("/inquiries", json={"parcels": ["92-1"], "asker": text}), 422)
    sentence(town.http.get("/inquiries/" + text.replace("/", "").replace("\x00", "%00")), 404)


@pytest.mark.parametrize("number", ["0", "-1", str(2**31), str(2**63), "9" * 40])
def test_a_sheet_or_a_load_that_does_not_exist_is_404(town: Town, number: str) -> None:
    sentence(town.http.get(f"/sheets/{number}.svg"), 404)
    sentence(town.http.get(f"/loads/{number}/rows.csv"), 404)


@pytest.mark.parametrize(
    "moment",
    [
        *("0001-01-01", "9999-12-31", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
    ],
)
def test_the_ends_of_the_calendar_can_be_asked_for(town: Town, moment: str) -> None:
    town.add_shelter("避難所").raise_for_status()
    items = town.http.get("/api/collections/shelters/items", params={"as_of": moment}).raise_for_status().json()
    for form in ("csv", "gpkg", "geojson"):
        wanted = {"f": form, "as_of": moment}
        town.http.get("/api/collections/shelters/export", params=wanted).raise_for_status()
    assert bool(items["features"]) == moment.startswith("9999")
    sentence(town.http.get("/inquiries", params={"parcel": "92-1", "as_of": moment}), 404)


@pytest.mark.parametrize("moment", ["0", "0.5", "1e11", "2024", "2024-02-30", "2024-01-01T00:00:00", "明日"])
def test_a_moment_is_read_alike_everywhere(town: Town, moment: str) -> None:
    for address, names in (
        ("/api/collections/shelters/items", {}),
        ("/api/collections/shelters/export", {"f": "csv"}),
        ("/inquiries", {"parcel": "92-1"}),
        ("/inquiries", {}),
    ):
        sentence(town.http.get(address, params={**names, "as_of": moment}), 400)
    sentence(town.http.post("/inquiries", json={"parcels": ["92-1"], "as_of": moment}), 400)


def test_an_address_tells_all_methods_that_it_has(town: Town) -> None:
    for address, methods in (("/parcels", {"GET", "POST"}), ("/inquiries", {"GET", "POST"}), ("/layers", {"GET"})):
        refused = town.http.delete(address)
        sentence(refused, 405)
        assert set(refused.headers["allow"].split(", ")) == methods


@pytest.mark.parametrize(
    "address",
    [
        *("/styles/staff.json", "/styles/cadastral.json", "/tiles/cadastral.json", "/tiles/cadastral/14/14589/6348"),
        *("/rasters/elevation/relief.json", "/rasters/elevation/relief/9/455/198.png", "/healthz", "/api/openapi.json"),
        *("/api/collections/shelters/export?f=csv", "/api/collections/shelters/items", "/api/tiles", "/events"),
        "/api/tiles/WebMercatorQuad/14/6348/14589",
    ],
)
def test_only_the_headers_are_given_or_the_method_is_refused_in_a_sentence(town: Town, address: str) -> None:
    # packed, an answer is as long as its moment happens to make it
    plain = {"Accept-Encoding": "identity"}
    answer = town.http.head(address, headers=plain)
    assert answer.content == b""
    if answer.status_code == 405:
        assert answer.headers["content-type"] == "application/problem+json"
        assert "GET" in answer.headers["allow"]
    else:
        given = town.http.get(address, headers=plain)
        assert answer.status_code == given.status_code
        told = {name: answer.headers.get(name) for name in ("content-type", "etag", "content-length")}
        assert told == {name: given.headers.get(name) for name in told}


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/layers", "/api", "/api/collections/shelters/items", "/tiles/cadastral/14/14589/6348", "/healthz"),
        *("/styles/staff.json", "/api/openapi.json", "/staff/index.html", "/api/collections/shelters/export?f=csv"),
        "/nothing/here",
    ],
)
def test_a_page_of_another_origin_may_read_nothing(town: Town, address: str) -> None:
    answers = [town.http.request(method, address, headers=FAR) for method in ("GET", "HEAD", "OPTIONS", "POST")]
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type, if-match"}
        answers.append(town.http.options(address, headers={**FAR, **asked}))
    for answer in answers:
        assert not [name for name in answer.headers if name.startswith("access-control-")], answer.request.method


def test_a_request_for_another_name_is_refused_in_a_sentence(town: Town) -> None:
    for address in ("/layers", "/tiles/cadastral/14/14589/6348", "/"):
        assert "Host" in sentence(town.http.get(address, headers={"Host": "elsewhere.example"}), 400)


@pytest.mark.parametrize(
    "sent", [b"NOT HTTP AT ALL\r\n\r\n", b"GET /parcels?q=" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n"]
)
def test_what_is_no_http_and_an_endless_address_are_refused_in_a_sentence(town: Town, sent: bytes) -> None:
    url = httpx.URL(town.url)
    with socket.create_connection((url.host, url.port or 80), 10) as connection:
        connection.sendall(sent)
        head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in head
    assert "64 KB" in json.loads(body)["detail"]


def test_raster_questions_about_what_is_no_raster_are_404(town: Town) -> None:
    sentence(town.http.get("/rasters/cadastral/value", params={"lon": 140.6, "lat": 37.2}), 404)
    sentence(town.http.get("/rasters/elevation/value", params={"lon": 140.6, "lat": 37.2}), 404)
