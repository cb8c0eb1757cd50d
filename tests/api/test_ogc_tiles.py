"""The abstract tests of OGC API – Tiles Part 1 (OGC 20-057, annex A), each by its id; a real server over the sample town."""

import httpx
import mapbox_vector_tile
import pytest
import shapely

from api.tiles.ogc import CONFORMANCE, tile_links
from layers.store.instance import Store
from tests.layers.store.tiles.tile_samples import EAST_M, NORTH_M, tile_at
from tests.signing import SIGNED

MVT = "application/vnd.mapbox-vector-tile"
SCHEME = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
VECTOR = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
TILE = tile_at(EAST_M, NORTH_M, 14)
LISTS = ("/api/tiles", "/api/collections/roads/tiles")


@pytest.fixture(scope="module")
def http(staff_url: str) -> httpx.Client:
    return httpx.Client(headers=SIGNED, base_url=staff_url, timeout=60)


def link(links: list[dict[str, str]], rel: str) -> dict[str, str]:
    return next(one for one in links if one["rel"] == rel)


def collection_tile(name: str = "roads") -> str:
    return f"/api/collections/{name}/tiles/WebMercatorQuad/{TILE.z}/{TILE.y}/{TILE.x}"


def test_conf_core_tc_op_a_tile_is_had_by_matrix_row_and_column(http: httpx.Client) -> None:
    assert http.get(collection_tile()).status_code == 200
    assert http.get(collection_tile()).content == http.get(f"/tiles/roads/{TILE.z}/{TILE.x}/{TILE.y}").content


@pytest.mark.parametrize(("name", "kind"), [("tileMatrix", "string"), ("tileRow", "integer"), ("tileCol", "integer")])
def test_conf_core_tc_definitions_an_address_has_named_parts_that_must_be_there(
    http: httpx.Client, name: str, kind: str
) -> None:
    paths = http.get("/api/openapi.json").json()["paths"]
    for path, operations in paths.items():
        if path.endswith("{tileCol}"):
            parameter = next(p for p in operations["get"]["parameters"] if p["name"] == name)
            assert parameter["required"]
            assert parameter["in"] == "path"
            assert parameter["schema"]["type"] == kind
            assert parameter["schema"].get("minimum") == (0 if kind == "integer" else None)


def test_conf_core_tc_success_a_tile_with_content_is_200_in_its_format(http: httpx.Client) -> None:
    response = http.get(collection_tile(), headers={"Accept": MVT})
    assert response.status_code == 200
    assert response.headers["content-type"] == MVT
    features = mapbox_vector_tile.decode(response.content)["roads"]["features"]
    reach = shapely.box(-64, -64, 4160, 4160)
    assert features
    assert all(shapely.geometry.shape(feature["geometry"]).within(reach) for feature in features)


@pytest.mark.parametrize("address", ["23/0/0", "3/8/0", "3/0/8", "-1/0/0", "x/0/0"])
def test_conf_core_tc_error_out_of_range_is_400_and_empty_is_204(http: httpx.Client, address: str) -> None:
    for place in LISTS:
        assert http.get(f"{place}/WebMercatorQuad/{address}").status_code == 400
        assert http.get(f"{place}/WebMercatorQuad/14/0/0").status_code == 204


def test_conf_core_conformance_success_the_classes_are_named() -> None:
    names = {uri.rsplit("/", 1)[1] for uri in CONFORMANCE}
    assert names >= {
        "core",
        "tileset",
        "tilesets-list",
        "dataset-tilesets",
        "geodata-tilesets",
        "collections-selection",
        "mvt",
    }


@pytest.mark.parametrize("place", LISTS)
def test_conf_tileset_description(http: httpx.Client, place: str) -> None:
    tileset = http.get(f"{place}/WebMercatorQuad").raise_for_status().json()
    item = link(tileset["links"], "item")

    assert tileset["dataType"] == "vector"
    assert tileset["tileMatrixSetURI"] == "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
    assert http.get(link(tileset["links"], SCHEME)["href"]).json()["id"] == "WebMercatorQuad"
    assert item["templated"] is True
    assert item["type"] == MVT
    address = item["href"].format(tileMatrix=TILE.z, tileRow=TILE.y, tileCol=TILE.x)
    assert http.get(address).status_code == 200
    assert all(layer["id"] and layer["dataType"] == "vector" for layer in tileset["layers"])


@pytest.mark.parametrize("place", LISTS)
def test_conf_tilesets_list_tileset_links(http: httpx.Client, place: str) -> None:
    (tileset,) = http.get(place).raise_for_status().json()["tilesets"]

    assert {"dataType", "crs", "tileMatrixSetURI", "links"} <= set(tileset)
    itself = link(tileset["links"], "self")["href"]
    assert itself.endswith(f"{place}/WebMercatorQuad")
    assert http.get(itself).json()["layers"]
    assert link(tileset["links"], SCHEME)


def test_conf_dataset_tilesets_operation_and_landingpage(http: httpx.Client, staff_url: str) -> None:
    assert http.get("/api/tiles").status_code == 200
    assert link(tile_links(staff_url), VECTOR)["href"] == f"{staff_url}/api/tiles"


def test_conf_geodata_tilesets_operation_and_desc_links(
    http: httpx.Client, staff_url: str, sample_store: Store
) -> None:
    for layer in sample_store.catalogue.values():
        has_shape = layer.geometry not in ("None", "Raster")
        href = link(tile_links(staff_url, layer.id), VECTOR)["href"]
        assert http.get(href).status_code == (200 if has_shape else 404)


def test_conf_collections_selection_query_and_response(http: httpx.Client) -> None:
    chosen = {"collections": "districts,roads"}
    tileset = http.get("/api/tiles/WebMercatorQuad", params=chosen).json()
    address = link(tileset["links"], "item")["href"].format(tileMatrix=TILE.z, tileRow=TILE.y, tileCol=TILE.x)
    tile = http.get(f"/api/tiles/WebMercatorQuad/{TILE.z}/{TILE.y}/{TILE.x}", params=chosen)

    assert [layer["id"] for layer in tileset["layers"]] == ["districts", "roads"]
    assert list(mapbox_vector_tile.decode(tile.content)) == ["districts", "roads"]
    assert http.get(address).content == tile.content
    assert http.get("/api/tiles/WebMercatorQuad/14/0/0", params={"collections": "nothing"}).status_code == 404
    every = mapbox_vector_tile.decode(http.get(f"/api/tiles/WebMercatorQuad/{TILE.z}/{TILE.y}/{TILE.x}").content)
    assert set(every) >= {"cadastral", "districts", "roads"}


def test_conf_mvt_content_the_grid_begins_top_left(http: httpx.Client) -> None:
    content = http.get(collection_tile("districts")).content
    decoded = mapbox_vector_tile.decode(content, default_options={"y_coord_down": True})["districts"]
    south = http.get(f"/api/collections/districts/tiles/WebMercatorQuad/{TILE.z}/{TILE.y + 1}/{TILE.x}").content
    below = mapbox_vector_tile.decode(south, default_options={"y_coord_down": True})["districts"]

    assert decoded["extent"] == 4096
    assert all(feature["geometry"]["type"] in ("Polygon", "MultiPolygon") for feature in decoded["features"])
    edge = shapely.LineString([(0, 4096), (4096, 4096)])
    upper = shapely.union_all([shapely.geometry.shape(f["geometry"]) for f in decoded["features"]])
    lower = shapely.union_all([shapely.geometry.shape(f["geometry"]) for f in below["features"]])
    moved = shapely.affinity.translate(lower, 0, 4096)
    assert (upper & edge).length == pytest.approx((moved & edge).length, abs=8)


def test_conf_oas30_operation_id_every_operation_is_found_by_its_suffix(http: httpx.Client) -> None:
    paths = http.get("/api/openapi.json").json()["paths"]
    found = {operation.get("operationId", "") for operations in paths.values() for operation in operations.values()}
    for kind in ("dataset.vector", "collection.vector"):
        for operation in ("getTileSetsList", "getTileSet", "getTile"):
            assert any(name.endswith(f".{kind}.{operation}") for name in found)
    assert {"tiles.getTileMatrixSetsList", "tiles.getTileMatrixSet"} <= found


def test_another_tile_matrix_set_is_404(http: httpx.Client) -> None:
    for path in ("/api/tileMatrixSets/WorldCRS84Quad", "/api/tiles/WorldCRS84Quad", "/api/tiles/WorldCRS84Quad/0/0/0"):
        assert http.get(path).status_code == 404


def test_the_tile_matrix_set_is_as_far_as_tiles_are_served(http: httpx.Client) -> None:
    listed = http.get("/api/tileMatrixSets").json()["tileMatrixSets"]
    matrices = http.get(link(listed[0]["links"], "self")["href"]).json()["tileMatrices"]
    assert [matrix["id"] for matrix in matrices] == [str(zoom) for zoom in range(23)]
    assert matrices[14]["matrixWidth"] == 2**14
