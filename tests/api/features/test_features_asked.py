"""What a program asks of the feature API beyond the standard's own tests: filters, versions, moments, orders."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import orjson
import pytest
from fastapi import Request

from api.errors import NotAcceptableError, QueryError
from api.features.negotiation import DOCUMENT_TYPES, SCHEMA_TYPES, negotiated
from tests.api.features.answers import BLOCK, CRS84, EPSG, ITEMS, links, page, refusal


def test_a_filter_in_text_and_in_json_finds_the_same(http: httpx.Client) -> None:
    text = "chiban LIKE '1%' AND registered_area_m2 > 500"
    like = {"op": "like", "args": [{"property": "chiban"}, "1%"]}
    large = {"op": ">", "args": [{"property": "registered_area_m2"}, 500]}
    document = orjson.dumps({"op": "and", "args": [like, large]}).decode()
    found = page(http, "cadastral", filter=text, bbox=BLOCK, limit=10_000)
    assert found["numberReturned"] > 3
    for feature in found["features"]:
        assert feature["properties"]["chiban"].startswith("1")
        assert feature["properties"]["registered_area_m2"] > 500
    again = page(http, "cadastral", filter=document, filter_lang="cql2-json", bbox=BLOCK, limit=10_000)
    assert again["features"] == found["features"]


def test_a_filter_has_its_coordinates_in_filter_crs_alone(http: httpx.Client) -> None:
    west, south, east, north = BLOCK.split(",")
    plain = page(http, "cadastral", filter=f"S_INTERSECTS(geom, BBOX({BLOCK}))", limit=10_000, properties="")
    turned = page(
        http,
        "cadastral",
        filter=f"S_INTERSECTS(geom, BBOX({south},{west},{north},{east}))",
        filter_crs=f"{EPSG}6668",
        limit=10_000,
        properties="",
    )
    assert plain["numberReturned"] > 100
    assert turned["features"] == plain["features"]


def test_a_property_can_be_asked_by_its_own_name(http: httpx.Client) -> None:
    one = page(http, "facilities", limit=1)["features"][0]["properties"]
    found = page(http, "facilities", name=one["name"])
    assert {feature["properties"]["name"] for feature in found["features"]} == {one["name"]}
    refusal(http.get(ITEMS.format("cadastral"), params={"registered_area_m2": "many"}), 400)


@pytest.mark.parametrize("parameter", ["filter", "sortby", "properties"])
def test_a_column_that_is_not_shown_answers_as_one_that_does_not_exist(http: httpx.Client, parameter: str) -> None:
    sentences = set()
    for name in ("nothing_here", "content_hash", "load_id", "geom_3857"):
        value = f"{name} = 1" if parameter == "filter" else name
        sentences.add(refusal(http.get(ITEMS.format("roads"), params={parameter: value}), 400).replace(name, "…"))
    assert len(sentences) == 1


def test_a_wrong_filter_is_one_sentence_that_names_the_place(http: httpx.Client) -> None:
    assert "10文字目" in refusal(http.get(ITEMS.format("roads"), params={"filter": "width_m == 4"}), 400)
    assert "文字列" in refusal(http.get(ITEMS.format("roads"), params={"filter": "width_m = 'wide'"}), 400)
    assert "括弧" in refusal(http.get(ITEMS.format("roads"), params={"filter": "(" * 2_000}), 400)


def test_the_same_version_is_not_sent_twice(http: httpx.Client) -> None:
    address = f"{ITEMS.format('roads')}/1"
    first = http.get(address)
    tag = first.headers["etag"]
    assert tag.startswith('"1.')
    for given in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        again = http.get(address, headers={"If-None-Match": given})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert http.get(address, headers={"If-None-Match": '"2.json"'}).status_code == 200


def test_every_form_and_system_of_a_feature_has_a_tag_of_its_own(http: httpx.Client) -> None:
    address = f"{ITEMS.format('roads')}/1"
    asked = [{}, {"f": "jsonfg"}, {"f": "html"}, {"crs": f"{EPSG}6677"}, {"crs": CRS84}, {"properties": "width_m"}]
    assert len({http.get(address, params=parameters).headers["etag"] for parameters in asked}) == len(asked)


def test_before_the_first_load_there_was_nothing_and_now_there_is(http: httpx.Client) -> None:
    assert page(http, "roads", as_of="2001-01-01")["features"] == []
    refusal(http.get(f"{ITEMS.format('roads')}/1", params={"as_of": "2001-01-01"}), 404)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="seconds")
    assert page(http, "roads", as_of=tomorrow, limit=5)["features"] == page(http, "roads", limit=5)["features"]


def test_an_order_is_kept_over_the_pages(http: httpx.Client) -> None:
    areas: list[float | None] = []
    answer = page(http, "cadastral", bbox=BLOCK, sortby="-registered_area_m2", limit=70)
    while True:
        areas += [feature["properties"]["registered_area_m2"] for feature in answer["features"]]
        following = links(answer, "next")
        if not following:
            break
        answer = http.get(following[0]["href"]).json()
    known = [area for area in areas if area is not None]
    assert areas == sorted(known, reverse=True) + [None] * (len(areas) - len(known))
    assert len(areas) == page(http, "cadastral", bbox=BLOCK, limit=10_000)["numberReturned"]


def test_a_whole_layer_is_counted_so_that_programs_know_how_much_they_will_read(http: httpx.Client) -> None:
    first = page(http, "cadastral", limit=1)
    assert first["numberMatched"] == page(http, "cadastral", limit=1, count="exact")["numberMatched"] > 10_000
    second = http.get(links(first, "next")[0]["href"]).json()
    assert second["numberMatched"] == first["numberMatched"]


def test_a_part_of_a_large_layer_is_estimated_and_called_so_until_it_is_counted(http: httpx.Client) -> None:
    estimated = page(http, "cadastral", limit=1, bbox=BLOCK)
    assert "numberMatched" not in estimated
    counted = page(http, "cadastral", limit=1, count="exact", bbox=BLOCK)
    assert "numberMatchedEstimated" not in counted
    assert counted["numberMatched"] == pytest.approx(estimated["numberMatchedEstimated"], rel=0.5)


def test_what_the_schemas_tell_is_what_the_features_hold(http: httpx.Client) -> None:
    for name in ("cadastral", "roads", "facilities"):
        schema = http.get(f"/api/collections/{name}/schema").json()
        queryables = http.get(f"/api/collections/{name}/queryables").json()
        held = page(http, name, limit=1)["features"][0]["properties"]
        assert set(schema["properties"]) == {"fid", "geom", *held}
        assert set(queryables["properties"]) == {"valid_from", "geom", *held}
        assert queryables["additionalProperties"] is False
        for property_name in queryables["properties"]:
            page(http, name, limit=1, filter=f'"{property_name}" IS NOT NULL')


def asking(accept: str) -> Request:
    return Request({"type": "http", "method": "GET", "path": "/api", "headers": [(b"accept", accept.encode())]})


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("text/*", "html"),
        ("text/html, application/json", "json"),
        ("text/html, application/json;q=0.9", "html"),
        ("application/json;q=0, */*", "html"),
        ("TEXT/HTML", "html"),
        ("text/html;q=x, application/json;q=0.1", "json"),
    ],
)
def test_the_accept_header_is_weighed(accept: str, form: str) -> None:
    assert negotiated(asking(accept), None, DOCUMENT_TYPES) == form


def test_whoever_takes_json_takes_a_json_schema() -> None:
    assert negotiated(asking("application/json"), None, SCHEMA_TYPES) == "json"


def test_f_goes_before_accept_and_neither_is_guessed() -> None:
    assert negotiated(asking("text/html"), "json", DOCUMENT_TYPES) == "json"
    with pytest.raises(QueryError):
        negotiated(asking("*/*"), "pdf", DOCUMENT_TYPES)
    with pytest.raises(NotAcceptableError):
        negotiated(asking("image/png, text/html;q=0"), None, DOCUMENT_TYPES)


def test_links_keep_the_question(http: httpx.Client) -> None:
    answer = page(http, "cadastral", bbox=BLOCK, filter="chiban LIKE '1%'", limit=2)
    (following,) = links(answer, "next")
    query = httpx.QueryParams(urlsplit(following["href"]).query)
    assert (query["bbox"], query["filter"], query["limit"]) == (BLOCK, "chiban LIKE '1%'", "2")
