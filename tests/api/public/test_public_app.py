"""The public application shows what was published, by the same API as the internal one, and nothing beside it."""

import gzip
import json
from itertools import product

import httpx
import mapbox_vector_tile
import pytest

from api.staff.app import create_app
from layers.publication.published_layer import as_published
from layers.store.selection import whole
from tests.api.public.conftest import LAYERS, PublicTown, detail

INTERNAL_WORDS = ("庁内", "staff", "as_of", "inquir", "parcels", "versions", "loads", "onomap doctor", "postgres")


def test_the_page_and_the_api_name_the_published_layers_and_no_other(public_town: PublicTown) -> None:
    collections = [one["id"] for one in public_town.get("/api/collections").json()["collections"]]

    assert set(collections) == set(LAYERS) == set(public_town.layers())
    assert public_town.get("/healthz").json() == {"status": "ok", "edition": 1}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_feature_has_the_published_columns_and_no_other(public_town: PublicTown, layer: str) -> None:
    published = {field.name for field in as_published(public_town.store.layer(layer)).fields}
    features = public_town.get(f"/api/collections/{layer}/items", limit="20").json()["features"]

    assert features
    assert all(set(feature["properties"]) == published for feature in features)


def test_items_are_filtered_sorted_and_paged_as_on_the_internal_side(public_town: PublicTown) -> None:
    first = public_town.get(
        "/api/collections/shelters/items", limit="2", sortby="-name", filter="name LIKE '%小%'"
    ).json()
    following = [link["href"] for link in first["links"] if link["rel"] == "next"]
    names = [feature["properties"]["name"] for feature in first["features"]]

    assert names == sorted(names, reverse=True)
    assert all("小" in name for name in names)
    assert not following or public_town.http.get(following[0]).status_code == 200


def test_every_internal_address_that_the_public_definition_does_not_have_is_not_there(public_town: PublicTown) -> None:
    internal = create_app(public_town.store).openapi()["paths"]
    public = public_town.get("/api/openapi.json").json()["paths"]
    asked = [
        path.replace("{collection_id}", "shelters").replace("{layer}", "shelters")
        for path in internal
        if path not in public
    ]

    assert len(asked) > 10
    for path in asked:
        concrete = path.replace("{", "").replace("}", "")
        if path == "/styles/staff.json":
            continue
        response = public_town.get(concrete)
        assert response.status_code == 404, (path, response.status_code)


def test_the_definition_speaks_of_nothing_that_is_only_inside(public_town: PublicTown) -> None:
    text = public_town.get("/api/openapi.json").text

    assert [word for word in INTERNAL_WORDS if word in text] == []
    assert {"post", "put", "patch", "delete"}.isdisjoint(
        method for item in json.loads(text)["paths"].values() for method in item
    )


def test_the_documents_speak_of_nothing_that_is_only_inside(public_town: PublicTown) -> None:
    for path, form in product(
        ("/api", "/api/conformance", "/api/collections", "/api/collections/shelters"), ("json", "html")
    ):
        text = public_town.get(path, f=form).text
        assert [word for word in INTERNAL_WORDS if word in text] == [], (path, form)


def test_the_past_cannot_be_asked_for_and_is_refused_as_an_unknown_parameter(public_town: PublicTown) -> None:
    for path in ("/api/collections/shelters/items", "/api/collections/shelters/items/1"):
        past = detail(public_town.get(path, as_of="2026-01-01"), 400)
        unknown = detail(public_town.get(path, zzzzz="2026-01-01"), 400)
        assert past.replace("as_of", "zzzzz") == unknown
    assert "as_of" in detail(public_town.get("/api/collections/shelters/export", f="csv", as_of="2026-01-01"), 400)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written(public_town: PublicTown, method: str) -> None:
    response = public_town.http.request(method, "/api/collections/shelters/items", content=b"{}")

    assert "GET" in detail(response, 405)
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"


def _hidden(town: PublicTown) -> list[tuple[str, str]]:
    found = []
    for name in LAYERS:
        layer = town.store.layer(name)
        shown = {field.name for field in as_published(layer).fields}
        found += [(name, field.name) for field in layer.fields if field.name not in shown]
    return found


def test_a_hidden_column_answers_exactly_as_one_that_does_not_exist(public_town: PublicTown) -> None:
    hidden = _hidden(public_town)
    asked = [
        ("filter", "{} = 'a'"),
        ("filter", "{} IS NULL"),
        ("filter", "{} LIKE 'a%'"),
        ("filter", "CASEI({}) = 'a'"),
        ("sortby", "{}"),
        ("sortby", "-{}"),
        ("properties", "{}"),
        ("filter", "S_INTERSECTS({}, POINT(140 37))"),
        ("filter", "T_AFTER({}, DATE('2020-01-01'))"),
    ]

    assert hidden
    for (layer, column), (parameter, text) in product(hidden, asked):
        unknown = "z" * len(column)
        answers = [
            public_town.get(f"/api/collections/{layer}/items", **{parameter: text.format(name)})
            for name in (column, unknown)
        ]
        assert answers[0].status_code == answers[1].status_code == 400, (layer, column, text)
        assert answers[0].text.replace(column, unknown) == answers[1].text, (layer, column, text)
        assert dict(answers[0].headers).keys() == dict(answers[1].headers).keys()
    for layer, column in hidden:
        by_name = detail(public_town.get(f"/api/collections/{layer}/items", **{column: "a"}), 400)
        assert by_name.replace(column, "zz") == detail(public_town.get(f"/api/collections/{layer}/items", zz="a"), 400)


def test_an_unpublished_layer_answers_exactly_as_one_that_does_not_exist(public_town: PublicTown) -> None:
    others = [name for name in public_town.store.catalogue if name not in LAYERS]
    paths = (
        "/api/collections/{}",
        "/api/collections/{}/items",
        "/api/collections/{}/items/1",
        "/api/collections/{}/schema",
        "/api/collections/{}/export?f=csv",
        "/tiles/{}.json",
        "/tiles/{}/12/3650/1590",
        "/styles/{}.json",
        "/api/collections/{}/tiles",
    )

    for name, path in product(others, paths):
        one, other = (public_town.http.get(path.format(which)) for which in (name, "zzzz"))
        assert one.status_code == other.status_code == 404, (name, path)
        assert one.text.replace(name, "zzzz") == other.text, (name, path)


def test_the_layer_named_proto_is_no_layer(public_town: PublicTown) -> None:
    for path in (
        "/tiles/__proto__/0/0/0",
        "/tiles/__proto__.json",
        "/api/collections/__proto__/items",
        "/styles/__proto__.json",
    ):
        assert public_town.get(path).status_code == 404


@pytest.mark.parametrize("layer", ["shelters", "roads", "flood"])
def test_the_tiles_show_the_published_features(public_town: PublicTown, layer: str) -> None:
    described = public_town.get(f"/tiles/{layer}.json").json()
    zoom = described["maxzoom"]
    west, south, east, north = described["bounds"]
    tiles = [(zoom, *place) for place in _covering(zoom, west, south, east, north)]
    drawn: set[int] = set()
    for z, x, y in tiles:
        response = public_town.http.get(f"/tiles/{layer}/{z}/{x}/{y}")
        if response.status_code == 200:
            decoded = mapbox_vector_tile.decode(response.content)
            drawn |= {feature["id"] for feature in decoded[layer]["features"]}
    with public_town.store.database.transaction() as connection:
        rows = connection.execute(f"SELECT fid FROM layers.{layer}".encode()).fetchall()

    assert drawn == {row[0] for row in rows}
    assert whole(public_town.store.layer(layer)).layer.id == layer


def _covering(zoom: int, west: float, south: float, east: float, north: float) -> list[tuple[int, int]]:
    import morecantile

    found = morecantile.tms.get("WebMercatorQuad").tiles(west, south, east, north, zooms=[zoom])
    return [(tile.x, tile.y) for tile in found]


def test_several_layers_come_joined_in_one_tile(public_town: PublicTown) -> None:
    z, x, y = 11, *_covering(11, 140.62, 37.27, 140.62, 37.27)[0]
    together = public_town.http.get(f"/tiles/roads,flood/{z}/{x}/{y}")
    alone = [public_town.http.get(f"/tiles/{name}/{z}/{x}/{y}") for name in ("roads", "flood")]

    assert together.headers["content-encoding"] == "gzip"
    assert together.content == b"".join(one.content for one in alone)
    plain = public_town.http.get(f"/tiles/roads,flood/{z}/{x}/{y}", headers={"Accept-Encoding": "identity"})
    assert plain.content == together.content
    assert plain.headers["etag"] != together.headers["etag"]


def test_a_tile_has_a_strong_tag_with_its_edition_and_may_be_kept_a_while(public_town: PublicTown) -> None:
    z, x, y = 11, *_covering(11, 140.62, 37.27, 140.62, 37.27)[0]
    address = f"/tiles/roads/{z}/{x}/{y}"
    first = public_town.http.get(address)
    again = public_town.http.get(address, headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["etag"].startswith('"1-')
    assert first.headers["cache-control"].startswith("public, max-age=60")
    assert (again.status_code, again.content) == (304, b"")


def test_an_empty_tile_and_an_impossible_one(public_town: PublicTown) -> None:
    assert public_town.get("/tiles/roads/12/0/0").status_code == 204
    for address in ("12/4096/0", "30/0/0", "-1/0/0", "a/b/c", "12/0/99999999999"):
        detail(public_town.get(f"/tiles/roads/{address}"), 400)


def test_a_style_draws_from_the_tiles_that_there_are(public_town: PublicTown) -> None:
    style = public_town.get("/styles/public.json").json()
    columns = {name: {field["name"] for field in layer["fields"]} for name, layer in public_town.layers().items()}  # type: ignore[attr-defined]

    assert set(style["sources"]) == set(LAYERS)
    for name, source in style["sources"].items():
        described = public_town.get(f"/tiles/{name}.json").json()
        assert source["maxzoom"] == described["maxzoom"]
    for drawn in style["layers"]:
        assert set(_named(drawn.get("filter"))) <= columns[drawn["source"]] | {"labelled_elsewhere"}


def _named(expression: object) -> list[str]:
    if not isinstance(expression, list):
        return []
    if len(expression) == 2 and expression[0] in {"get", "has"}:
        return [str(expression[1])]
    return [name for part in expression for name in _named(part)]


def test_places_are_found_by_name_and_by_kana(public_town: PublicTown) -> None:
    shelter = public_town.get("/api/collections/shelters/items", limit="1").json()["features"][0]
    name = shelter["properties"]["name"]
    found = public_town.get("/search", q=name).json()["places"]

    assert name in [place["name"] for place in found]
    assert public_town.get("/search", q="どこにもない名前").json()["places"] == []
    detail(public_town.get("/search", q=""), 422)


def test_a_file_of_every_format_can_be_had(public_town: PublicTown) -> None:
    for form in ("csv", "geojson", "geojsonl", "kml", "fgb", "parquet", "gpkg", "shp", "xlsx"):
        response = public_town.get("/api/collections/shelters/export", f=form)
        assert response.status_code == 200, (form, response.text[:200])
        assert len(response.content) > 100
    packed = public_town.http.get("/api/collections/shelters/items", params={"f": "csv"})
    assert packed.text.count("\n") > 2
    assert gzip.compress(b"") != packed.content


def test_pages_of_other_sites_may_read_and_never_with_credentials(public_town: PublicTown) -> None:
    asked = public_town.http.get("/api", headers={"Origin": "https://example.org", "Cookie": "a=b"})
    before = public_town.http.request(
        "OPTIONS", "/api", headers={"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    )

    assert asked.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in {**asked.headers, **before.headers}
    assert before.status_code == 204
    assert before.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api",
        "/api?f=html",
        "/layers",
        "/nothing",
        "/tiles/roads/11/1824/795",
        "/tiles/roads/99/0/0",
        "/public/main.js",
        "/api/collections/shelters/export?f=csv",
        "/vendor/maplibre-gl/6.17.0/dist/maplibre-gl.css",
    ],
)
def test_every_answer_has_the_headers_that_protect_and_names_no_server(public_town: PublicTown, path: str) -> None:
    headers = public_town.http.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert headers["permissions-policy"]
    assert "server" not in headers
    assert "set-cookie" not in headers
    assert "x-powered-by" not in headers


def test_the_documentation_pages_of_the_framework_are_not_there(public_town: PublicTown) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        detail(public_town.get(path), 404)


def test_a_request_for_another_name_is_not_answered(public_town: PublicTown) -> None:
    for path in ("/api", "/tiles/roads/12/0/0"):
        response: httpx.Response = public_town.http.get(path, headers={"Host": "evil.example"})
        assert response.status_code == 400
