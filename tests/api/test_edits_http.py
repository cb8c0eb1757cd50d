"""OGC API – Features Part 4 over HTTP: a real server, real PostGIS."""

import json
from typing import Any

import httpx
import pytest

from tests.api.conftest import Town

ITEMS = "/api/collections/shelters/items"
GEOJSON = {"Content-Type": "application/geo+json"}
PATCH = {"Content-Type": "application/merge-patch+json"}
POINT = {"type": "Point", "coordinates": [140.62, 37.27]}


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert "\n" not in body["detail"]
    assert body["title"] != "処理できませんでした"
    return body


def feature(**properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": POINT, "properties": properties}


def patch(town: Town, place: str, body: object, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return town.http.patch(place, content=json.dumps(body), headers={**PATCH, **names})


@pytest.fixture
def place(town: Town) -> str:
    """The address of a new shelter at version 1."""
    return httpx.URL(town.add_shelter("集会所").headers["location"]).path


def test_a_new_feature_answers_201_with_its_address_and_its_version(town: Town) -> None:
    created = town.add_shelter("公民館")
    assert created.status_code == 201
    assert created.headers["location"] == f"{town.url}{ITEMS}/{created.json()['id']}"
    assert created.headers["etag"] == '"1.json"'
    assert created.json()["changed"] is True


def test_an_edit_answers_with_the_etag_from_which_the_next_may_start(town: Town, place: str) -> None:
    first = patch(town, place, {"properties": {"name": "第二集会所"}}, If_Match='"1.json"')
    assert (first.status_code, first.headers["etag"]) == (200, '"2.json"')
    second = town.http.put(
        place, json=feature(name="第三集会所"), headers={**GEOJSON, "If-Match": first.headers["etag"]}
    )
    assert (second.status_code, second.json()["version"]) == (200, 3)
    gone = town.http.delete(place, headers={"If-Match": second.headers["etag"]})
    assert (gone.status_code, gone.content) == (204, b"")
    assert "削除された" in problem(town.http.delete(place, headers={"If-Match": "*"}), 404)["detail"]


def test_an_edit_without_if_match_is_428_and_a_stale_one_412_with_the_version_that_stands(
    town: Town, place: str
) -> None:
    problem(patch(town, place, {"properties": {"name": "a"}}), 428)
    problem(town.http.delete(place), 428)
    patch(town, place, {"properties": {"name": "b"}}, If_Match="*").raise_for_status()
    stale = patch(town, place, {"properties": {"name": "c"}}, If_Match='"1.json", "7.html"')
    assert "再読み込み" in problem(stale, 412)["detail"]
    assert stale.headers["etag"] == '"2.json"'
    assert patch(town, place, {"properties": {"name": "c"}}, If_Match=stale.headers["etag"]).status_code == 200


def test_every_broken_rule_is_named_in_one_422(town: Town) -> None:
    body = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [[140.6, 37.2], [140.7, 37.3]]},
        "properties": {"name": None, "owner": "x"},
    }
    told = problem(town.http.post(ITEMS, json=body, headers=GEOJSON), 422)
    assert {"geometry"} <= {fault["name"] for fault in told["errors"]}
    body["geometry"] = POINT
    told = problem(town.http.post(ITEMS, json=body, headers=GEOJSON), 422)
    assert {fault["name"] for fault in told["errors"]} == {"name", "owner"}


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"type":"Feature","geometry":null,"properties":{"a":NaN}}', 400),
        (b'{"type":"Feature","geometry":null,"properties":{"name":"\\ud800"}}', 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b"{}", 422),
        (b'{"type":"Feature","properties":{}}', 422),
        (b'{"type":"Feature","geometry":7,"properties":[]}', 422),
        (b'{"type":"Feature","geometry":{"type":{},"coordinates":[]},"properties":{}}', 422),
        (b'{"type":"Feature","geometry":{"type":["Point"],"coordinates":[1,2]},"properties":{}}', 422),
    ],
)
def test_a_body_that_is_no_feature_is_a_sentence(town: Town, content: bytes, status: int) -> None:
    problem(town.http.post(ITEMS, content=content, headers=GEOJSON), status)


def test_only_the_media_types_of_the_standard_are_taken(town: Town, place: str) -> None:
    problem(town.http.post(ITEMS, json=feature(name="a")), 415)
    problem(town.http.put(place, json=feature(name="a"), headers={**PATCH, "If-Match": "*"}), 415)
    problem(town.http.patch(place, json={}, headers={**GEOJSON, "If-Match": "*"}), 415)
    kind = {"Content-Type": "application/geo+json; charset=utf-8"}
    assert town.http.post(ITEMS, json=feature(name="a"), headers=kind).status_code == 201


def test_a_body_over_the_limit_is_413_whether_it_says_its_length_or_not(town: Town) -> None:
    large = b" " * (4 * 1024**2 + 1)
    problem(town.http.post(ITEMS, content=large, headers=GEOJSON), 413)
    problem(town.http.post(ITEMS, content=iter([large[:1024]] * 5_000), headers=GEOJSON), 413)


def test_a_patch_of_what_no_feature_has_changes_nothing_and_says_so(town: Town, place: str) -> None:
    problem(patch(town, place, {"propertys": {"name": "a"}}, If_Match="*"), 422)
    problem(patch(town, place, {"geometry": {"coordinates": [140.6, 37.2]}}, If_Match="*"), 422)
    assert patch(town, place, {}, If_Match='"1.json"').json()["changed"] is False


def test_a_page_of_another_site_changes_nothing(town: Town, place: str) -> None:
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        problem(town.http.delete(place, headers={"If-Match": "*", **headers}), 403)
    own = {"Origin": town.url, "Sec-Fetch-Site": "same-origin", "If-Match": "*"}
    assert town.http.delete(place, headers=own).status_code == 204


def test_options_say_what_can_be_done(town: Town, place: str) -> None:
    items, item = town.http.options(ITEMS), town.http.options(place)
    assert {"GET", "POST"} <= set(items.headers["allow"].split(", "))
    assert {"PUT", "PATCH", "DELETE"} <= set(item.headers["allow"].split(", "))
    assert item.headers["accept-patch"] == "application/merge-patch+json"
    raster = town.http.options("/api/collections/elevation/items")
    assert "POST" not in raster.headers["allow"]
    town.http.delete(place, headers={"If-Match": "*"}).raise_for_status()
    problem(town.http.options(place), 404)
    refused = town.http.post("/api/collections/elevation/items", json=feature(), headers=GEOJSON)
    problem(refused, 405)
    assert refused.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("number", ["0", "999999", "abc", "-1", "1e3", "9" * 40, "１"])
def test_a_feature_that_does_not_exist_is_404(town: Town, number: str) -> None:
    problem(patch(town, f"{ITEMS}/{number}", {}, If_Match="*"), 404)
    problem(town.http.get(f"{ITEMS}/{number}/versions"), 404)


def test_coordinates_come_in_the_system_that_content_crs_names(town: Town, place: str) -> None:
    north_first = {"type": "Point", "coordinates": [37.28, 140.63]}
    crs = "<http://www.opengis.net/def/crs/EPSG/0/6668>"
    assert patch(town, place, {"geometry": north_first}, If_Match="*", Content_Crs=crs).status_code == 200
    refused = patch(
        town, place, {"geometry": POINT}, If_Match="*", Content_Crs="<http://www.opengis.net/def/crs/EPSG/0/4612>"
    )
    assert "EPSG:6677" in problem(refused, 400)["detail"]


@pytest.mark.parametrize("number", ["", "4326", "6668", "3857", "6677"])
def test_a_feature_that_is_read_and_sent_back_as_it_came_is_unchanged(town: Town, place: str, number: str) -> None:
    uri = f"http://www.opengis.net/def/crs/EPSG/0/{number}"
    read = town.http.get(place, params={"crs": uri} if number else {}, headers={"Accept": "application/geo+json"})
    headers = {**GEOJSON, "If-Match": read.headers["etag"], **({"Content-Crs": f"<{uri}>"} if number else {})}
    sent = town.http.put(place, content=read.content, headers=headers)
    assert (sent.status_code, sent.json()["changed"], sent.json()["version"]) == (200, False, 1)


def test_versions_are_listed_and_an_older_one_is_written_again(town: Town, place: str) -> None:
    patch(town, place, {"properties": {"name": "別の名"}}, If_Match='"1.json"').raise_for_status()
    undone = town.http.post(f"{place}/versions/1/restore", headers={"If-Match": '"2.json"'})
    assert (undone.status_code, undone.headers["etag"]) == (200, '"3.json"')
    listed = town.http.get(f"{place}/versions").json()["versions"]
    assert [(one["version"], one["action"]) for one in listed] == [(3, "restore"), (2, "update"), (1, "insert")]
    problem(town.http.post(f"{place}/versions/1/restore"), 428)
    problem(town.http.post(f"{place}/versions/77/restore", headers={"If-Match": "*"}), 404)


def test_an_edit_is_in_the_register_of_loads(town: Town, place: str) -> None:
    load = town.http.get("/loads", params={"layer": "shelters"}).json()["loads"][0]
    assert load["mode"] == "edit"
    assert load["report"]["set_aside"] == 0


def test_the_description_of_the_interface_has_every_answer_of_an_edit(town: Town) -> None:
    paths = town.http.get("/api/openapi.json").json()["paths"]
    put = paths["/api/collections/{collection_id}/items/{feature_id}"]["put"]
    assert {"200", "403", "404", "412", "413", "415", "422", "428"} <= set(put["responses"])
    assert "application/geo+json" in put["requestBody"]["content"]


@pytest.mark.parametrize("kind", [{"a": 1}, ["Point"], None, 5])
def test_a_geometry_whose_type_is_no_text_is_refused(town: Town, kind: object) -> None:
    feature = {"type": "Feature", "geometry": {"type": kind, "coordinates": [140.6, 37.2]}, "properties": {"name": "x"}}
    response = town.http.post(
        "/api/collections/shelters/items", json=feature, headers={"Content-Type": "application/geo+json"}
    )
    assert response.status_code == 422


def test_an_error_does_not_repeat_all_that_was_sent(town: Town) -> None:
    properties = {f"{number}" + "k" * 200: 1 for number in range(2_000)}
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [140.6, 37.2]}, "properties": properties}
    response = town.http.post(
        "/api/collections/shelters/items", json=feature, headers={"Content-Type": "application/geo+json"}
    )
    assert response.status_code == 422
    assert "ほか1,991件" in response.json()["detail"]
    assert len(response.content) < 60_000
