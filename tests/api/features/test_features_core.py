"""OGC API – Features Part 1 (17-069r4), annex A: each abstract test by its id, over every collection of the sample town."""

from datetime import datetime
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from layers.store.catalogue import load_catalogue
from layers.store.definitions import GeometryKind
from layers.store.instance import Store
from tests.api.features.answers import BLOCK, CRS84, ITEMS, first_position, links, page, refusal

COLLECTIONS = [layer.id for layer in load_catalogue().values() if layer.geometry is not GeometryKind.RASTER]
DOCUMENTS = ["/api", "/api/conformance", "/api/collections", "/api/collections/cadastral"]
RESOURCES = [*DOCUMENTS, ITEMS.format("facilities"), ITEMS.format("facilities") + "/1"]


def test_the_landing_page_leads_to_the_definition_the_conformance_and_the_data(http: httpx.Client) -> None:
    """/conf/core/root-op /conf/core/root-success /conf/core/http"""
    landing = http.get("/api").raise_for_status().json()
    for rel in ("self", "alternate", "service-desc", "service-doc", "conformance", "data"):
        for link in links(landing, rel):
            assert http.get(link["href"]).status_code == 200
        assert links(landing, rel), rel


def test_the_definition_is_valid_openapi_and_names_every_resource(http: httpx.Client) -> None:
    """/conf/core/api-definition-op /conf/core/api-definition-success /conf/oas30/definition-1 /conf/oas30/definition-2
    /conf/oas30/oas-impl /conf/oas30/completeness"""
    for link in links(http.get("/api").json(), "service-desc"):
        answer = http.get(link["href"])
        assert answer.headers["content-type"] == link["type"]
        document = answer.json()
        validate(document)
        assert link["type"].endswith(document["openapi"].rsplit(".", 1)[0])
        paths = {path for path in document["paths"] if path.startswith("/api")}
        one = "/api/collections/{collection_id}"
        assert paths >= {
            "/api",
            "/api/conformance",
            "/api/collections",
            one,
            f"{one}/items",
            f"{one}/items/{{feature_id}}",
        }


def test_the_definition_tells_of_every_error_and_of_no_rights_that_are_not_asked(http: httpx.Client) -> None:
    """/conf/oas30/exception-codes /conf/oas30/security"""
    document = http.get("/api/openapi-3.0.json").json()
    reading = {path: item["get"] for path, item in document["paths"].items() if "get" in item}
    for path, operation in reading.items():
        told = set(operation["responses"])
        assert told >= {"200", "400", "500", "503"}
        assert "404" in told or "{" not in path
        negotiates = "html" in str([one["schema"] for one in operation.get("parameters", ())])
        assert "406" in told or not negotiates
    assert len([path for path, operation in reading.items() if "406" in operation["responses"]]) == 8
    assert "security" not in document


def test_the_conformance_page_names_the_classes(http: httpx.Client) -> None:
    """/conf/core/conformance-op /conf/core/conformance-success"""
    classes = http.get("/api/conformance").raise_for_status().json()["conformsTo"]
    for part, name in ((1, "core"), (1, "geojson"), (1, "html"), (1, "oas30"), (2, "crs"), (3, "filter")):
        assert f"http://www.opengis.net/spec/ogcapi-features-{part}/1.0/conf/{name}" in classes
    assert len(set(classes)) == len(classes)


def test_the_collections_are_the_vector_layers_each_with_its_links(http: httpx.Client) -> None:
    """/conf/core/fc-md-op /conf/core/fc-md-success /conf/core/fc-md-links /conf/core/fc-md-items /conf/core/fc-md-items-links"""
    document = http.get("/api/collections").raise_for_status().json()
    assert [collection["id"] for collection in document["collections"]] == COLLECTIONS
    assert links(document, "self")
    assert {link["type"] for link in links(document, "alternate")} == {"text/html"}
    for collection in document["collections"]:
        assert {link["type"] for link in links(collection, "items")} >= {"application/geo+json", "text/html"}
        assert all(link.keys() >= {"rel", "type", "href"} for link in collection["links"])


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_collection_alone_says_what_the_list_says(http: httpx.Client, name: str) -> None:
    """/conf/core/sfc-md-op /conf/core/sfc-md-success"""
    alone = http.get(f"/api/collections/{name}").raise_for_status().json()
    (listed,) = [one for one in http.get("/api/collections").json()["collections"] if one["id"] == name]
    assert {key: value for key, value in alone.items() if key != "links"} == {
        key: value for key, value in listed.items() if key != "links"
    }
    assert links(alone, "items") == links(listed, "items")


@pytest.mark.parametrize("name", COLLECTIONS)
def test_the_extent_holds_every_feature_and_is_hardly_larger(
    http: httpx.Client, sample_store: Store, name: str
) -> None:
    """/conf/core/fc-md-extent /conf/core/fc-md-extent-multi"""
    extent = http.get(f"/api/collections/{name}").json().get("extent", {})
    with sample_store.database.transaction() as connection:
        box = connection.execute(
            "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM "
            f"(SELECT ST_Extent(ST_Transform(geom, 6668)) b FROM layers.{name}) e".encode()
        ).fetchone()
    assert box is not None
    if box[0] is None:
        assert "spatial" not in extent
        return
    (west, south, east, north), crs = extent["spatial"]["bbox"][0], extent["spatial"]["crs"]
    assert crs == CRS84
    assert west <= box[0] <= west + 0.01
    assert south <= box[1] <= south + 0.01
    assert east - 0.01 <= box[2] <= east
    assert north - 0.01 <= box[3] <= north
    ((since, until),) = extent["temporal"]["interval"]
    assert datetime.fromisoformat(since).tzinfo is not None
    assert until is None


@pytest.mark.parametrize("name", COLLECTIONS)
def test_the_features_of_every_collection_can_be_read(http: httpx.Client, sample_store: Store, name: str) -> None:
    """/conf/core/fc-op /conf/core/fc-response /conf/core/fc-timeStamp /conf/core/fc-numberMatched
    /conf/core/fc-numberReturned /conf/geojson/definition /conf/geojson/content"""
    response = http.get(ITEMS.format(name), params={"limit": 3, "count": "exact"}).raise_for_status()
    assert response.headers["content-type"] == "application/geo+json"
    answer = response.json()
    assert answer["type"] == "FeatureCollection"
    assert datetime.fromisoformat(answer["timeStamp"]).tzinfo is not None
    with sample_store.database.transaction() as connection:
        (rows,) = connection.execute(f"SELECT count(*) FROM layers.{name}".encode()).fetchone() or (None,)
    assert answer["numberMatched"] == rows
    assert answer["numberReturned"] == len(answer["features"]) == min(3, rows)
    fields = [field.name for field in sample_store.layer(name).fields]
    for feature in answer["features"]:
        assert feature["type"] == "Feature"
        assert list(feature["properties"]) == fields


def test_longitude_comes_first_when_nothing_is_said(http: httpx.Client) -> None:
    """/conf/core/crs84"""
    for feature in page(http, "roads", limit=20)["features"]:
        lon, lat = first_position(feature)
        assert 140 < lon < 141
        assert 37 < lat < 38


def test_a_box_gives_the_features_that_meet_it_and_no_other(http: httpx.Client, sample_store: Store) -> None:
    """/conf/core/fc-bbox-response"""
    found = page(http, "cadastral", bbox=BLOCK, limit=10_000)
    with sample_store.database.transaction() as connection:
        meeting = connection.execute(
            "SELECT fid FROM layers.cadastral WHERE ST_Intersects(ST_Transform(geom, 6668), "
            "ST_MakeEnvelope(140.62, 37.28, 140.63, 37.29, 6668)) ORDER BY fid"
        ).fetchall()
    assert len(meeting) > 100
    assert [feature["id"] for feature in found["features"]] == [row[0] for row in meeting]
    assert found["numberMatched"] == len(meeting)


@pytest.mark.parametrize("box", ["-180,-90,180,90", "-180,-90,-100,180,90,100", "170,-90,141,90"])
def test_a_box_around_the_world_gives_everything(http: httpx.Client, box: str) -> None:
    """/conf/core/fc-bbox-response"""
    everything = page(http, "facilities", limit=10_000)
    assert page(http, "facilities", bbox=box, limit=10_000)["features"] == everything["features"]


@pytest.mark.parametrize("box", ["0,0,1,1", "-75,-40,-70,-35", "140.62,37.28,140.62,37.28", "179,-10,-179,10"])
def test_a_box_elsewhere_gives_nothing(http: httpx.Client, box: str) -> None:
    """/conf/core/fc-bbox-response"""
    assert page(http, "facilities", bbox=box)["features"] == []


def parameters_of(http: httpx.Client) -> dict[str, dict[str, Any]]:
    document = http.get("/api/openapi.json").json()
    told = document["paths"]["/api/collections/{collection_id}/items"]["get"]["parameters"]
    return {parameter["name"]: parameter for parameter in told}


def test_the_parameters_of_items_are_defined_as_lists_in_one_value(http: httpx.Client) -> None:
    """/conf/core/fc-bbox-definition /conf/core/fc-limit-definition /conf/core/fc-time-definition"""
    told = parameters_of(http)
    for name in ("bbox", "limit", "datetime"):
        assert (told[name]["in"], told[name]["required"]) == ("query", False)
        assert (told[name]["style"], told[name]["explode"]) == ("form", False)
    assert told["limit"]["schema"] == {"type": "integer", "minimum": 1, "default": 100}
    assert [one["minItems"] for one in told["bbox"]["schema"]["oneOf"]] == [4, 6]
    assert told["datetime"]["schema"]["type"] == "string"


def test_no_more_features_come_than_the_limit_and_never_more_than_ten_thousand(http: httpx.Client) -> None:
    """/conf/core/fc-limit-response"""
    assert page(http, "cadastral", limit=7)["numberReturned"] == 7
    assert page(http, "cadastral")["numberReturned"] == 100
    many = page(http, "cadastral", limit=1_000_000, properties="")
    assert many["numberReturned"] == 10_000
    assert links(many, "next")


def test_times_meet_the_period_since_a_row_is_as_it_is(http: httpx.Client) -> None:
    """/conf/core/fc-time-response"""
    everything = page(http, "facilities")["numberMatched"]
    for during in (
        "2100-01-01T00:00:00Z",
        "2020-01-01/..",
        "2020-01-01T00:00:00Z/2100-01-01T00:00:00+09:00",
        "/2100-01-01",
    ):
        assert page(http, "facilities", datetime=during)["numberMatched"] == everything, during
    for before in ("2020-01-01", "../2020-01-01T00:00:00Z", "2019-01-01/2020-01-01"):
        assert page(http, "facilities", datetime=before)["numberMatched"] == 0, before


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=x",
        "limit=1.5",
        "limit=",
        "bbox=1,2,3",
        "bbox=1,2,3,4,5",
        "bbox=a,b,c,d",
        "bbox=1,5,2,4",
        "bbox=nan,0,1,1",
        "bbox=1e999,0,1,1",
        "bbox=",
        "datetime=yesterday",
        "datetime=2024-13-01",
        "datetime=2024-01-01T00:00:00",
        "datetime=2025-01-01/2024-01-01",
        "datetime=../..",
        "datetime=a/b/c",
        "f=xml",
        "f=",
        "count=maybe",
        "cursor=x",
        "cursor=W10",
        "as_of=then",
        "properties=nothing_here",
        "sortby=nothing_here",
        "sortby=geom",
        "sortby=name,name",
        "sortby=,",
        "filter-lang=sql",
        "filter=",
        "limit=1&limit=2",
    ],
)
def test_a_value_that_cannot_be_is_refused_in_one_sentence(http: httpx.Client, query: str) -> None:
    """/conf/core/query-param-invalid"""
    refusal(http.get(f"{ITEMS.format('facilities')}?{query}"), 400)


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_parameter_that_a_resource_does_not_have_is_refused(http: httpx.Client, resource: str) -> None:
    """/conf/core/query-param-unknown"""
    assert "nothing_here" in refusal(http.get(resource, params={"nothing_here": "1"}), 400)


def test_the_links_of_a_page_lead_to_itself_its_other_forms_and_the_pages_beside(http: httpx.Client) -> None:
    """/conf/core/fc-links"""
    first = page(http, "facilities", limit=10)
    assert http.get(links(first, "self")[0]["href"]).json()["features"] == first["features"]
    for link in links(first, "alternate"):
        other = http.get(link["href"])
        assert other.status_code == 200
        assert other.headers["content-type"].startswith(link["type"])
    assert all(link.keys() >= {"rel", "type", "href"} for link in first["links"])
    assert not links(first, "prev")
    second = http.get(links(first, "next")[0]["href"]).json()
    back = http.get(links(second, "prev")[0]["href"]).json()
    assert [feature["id"] for feature in back["features"]] == [feature["id"] for feature in first["features"]]
    assert not {feature["id"] for feature in first["features"]} & {feature["id"] for feature in second["features"]}


def test_a_feature_alone_is_what_it_is_in_its_collection(http: httpx.Client) -> None:
    """/conf/core/f-op /conf/core/f-success /conf/core/f-links"""
    for feature in page(http, "roads", limit=3)["features"]:
        alone = http.get(f"{ITEMS.format('roads')}/{feature['id']}").raise_for_status()
        assert alone.headers["content-type"] == "application/geo+json"
        body = alone.json()
        told = body.pop("links")
        assert body == feature
        assert {link["rel"] for link in told} == {"self", "alternate", "collection"}
        for link in told:
            assert http.get(link["href"]).status_code == 200


@pytest.mark.parametrize("resource", [*RESOURCES, "/api/collections/roads/schema", "/api/collections/roads/queryables"])
def test_every_resource_has_a_page_for_people(http: httpx.Client, resource: str) -> None:
    """/conf/html/definition /conf/html/content"""
    for response in (http.get(resource, params={"f": "html"}), http.get(resource, headers={"Accept": "text/html"})):
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert response.text.startswith("<!DOCTYPE html>")
        assert '<html lang="ja">' in response.text
        assert "<script" not in response.text
        assert "default-src 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("resource", RESOURCES)
def test_head_answers_as_get_does_without_the_body(http: httpx.Client, resource: str) -> None:
    """/conf/core/http"""
    asked, told = http.get(resource), http.head(resource)
    assert told.status_code == asked.status_code == 200
    assert told.content == b""
    assert told.headers["content-type"] == asked.headers["content-type"]


@pytest.mark.parametrize(
    "resource",
    [
        "/api/collections/no_such_layer",
        "/api/collections/elevation",
        "/api/collections/no_such_layer/items",
        "/api/collections/elevation/items",
        ITEMS.format("roads") + "/0",
        ITEMS.format("roads") + "/x",
        ITEMS.format("roads") + "/99999999999999999999999999",
        ITEMS.format("roads") + "/-1",
        ITEMS.format("roads") + "/１",
        ITEMS.format("roads") + "/%00",
        "/api/nothing",
    ],
)
def test_what_is_not_there_is_not_found(http: httpx.Client, resource: str) -> None:
    """/conf/core/http"""
    refusal(http.get(resource), 404)


def test_a_method_that_is_not_offered_says_which_are(http: httpx.Client) -> None:
    """/conf/core/http"""
    response = http.request("TRACE", ITEMS.format("roads"))
    refusal(response, 405)
    assert "GET" in response.headers["allow"]


def test_an_accept_header_that_nothing_meets_is_told_so(http: httpx.Client) -> None:
    """/conf/core/http"""
    refusal(http.get("/api", headers={"Accept": "image/png"}), 406)
    assert http.get("/api", headers={"Accept": "image/png, */*;q=0.1"}).headers["content-type"] == "application/json"
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert http.get("/api", headers={"Accept": browser}).headers["content-type"].startswith("text/html")
    assert http.get("/api", headers={"Accept": "text/html;q=0.1, application/json"}).json()["links"]
