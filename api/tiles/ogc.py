"""OGC API – Tiles Part 1 (OGC 20-057) over the same tiles: tile matrix sets, tilesets of a collection and of the whole map."""

from typing import Annotated, Any

import morecantile
from fastapi import APIRouter, HTTPException, Path, Query, Request, Response

from api.problems_described import problems_told
from api.side import OpenTiles
from api.tiles.addresses import MATRIX, MOST_NAMES, PLACE, TILE_MATRIX_SET, Asked
from api.tiles.routes import TILE_RESPONSES, base_of, tile_response
from api.tiles.tileset import COLLECTION_TITLE, MAP_TITLE, Tileset
from layers.store.tiles.address import MAX_ZOOM

router = APIRouter(tags=["tiles"])

_TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf"
CONFORMANCE = (
    f"{_TILES}/core",
    f"{_TILES}/tileset",
    f"{_TILES}/tilesets-list",
    f"{_TILES}/dataset-tilesets",
    f"{_TILES}/geodata-tilesets",
    f"{_TILES}/collections-selection",
    f"{_TILES}/mvt",
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
)
"""Conformance classes that this part of the API adds to /api/conformance."""

Collection = Annotated[str, Path(alias="collectionId", max_length=MOST_NAMES, description="レイヤの id")]
MatrixSet = Annotated[str, Path(alias="tileMatrixSetId", max_length=100, description="WebMercatorQuad")]
Matrix = Annotated[str, Path(alias="tileMatrix", description="ズーム", json_schema_extra=MATRIX)]
Row = Annotated[str, Path(alias="tileRow", description="行（北から）", json_schema_extra=PLACE)]
Column = Annotated[str, Path(alias="tileCol", description="列（西から）", json_schema_extra=PLACE)]
Collections = Annotated[str, Query(max_length=MOST_NAMES, description="レイヤの id をコンマで区切ったもの。省くと全部")]


def tile_links(base: str, collection: str | None = None) -> list[dict[str, str]]:
    """Links to tiles for the landing page, or for one collection's page."""
    place = f"{base}/api" if collection is None else f"{base}/api/collections/{collection}"
    links = [
        {
            "rel": "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
            "type": "application/json",
            "title": "ベクトルタイル",
            "href": f"{place}/tiles",
        }
    ]
    if collection is None:
        links.append(
            {
                "rel": "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes",
                "type": "application/json",
                "title": "タイルの区切り",
                "href": f"{base}/api/tileMatrixSets",
            }
        )
    return links


@router.get("/api/tileMatrixSets", operation_id="tiles.getTileMatrixSetsList")
def tile_matrix_sets(request: Request) -> dict[str, object]:
    """The one tile matrix set in which tiles are served."""
    matrix_set = _definition()
    base = base_of(request)
    link = {"rel": "self", "type": "application/json", "href": f"{base}/api/tileMatrixSets/{TILE_MATRIX_SET}"}
    entry = {name: matrix_set[name] for name in ("id", "title", "uri", "crs")} | {"links": [link]}
    return {"tileMatrixSets": [entry], "links": [link | {"href": f"{base}/api/tileMatrixSets"}]}


@router.get("/api/tileMatrixSets/{tileMatrixSetId}", operation_id="tiles.getTileMatrixSet")
def tile_matrix_set(matrix_set: MatrixSet) -> dict[str, object]:
    """Its definition (OGC 17-083r4)."""
    _require(matrix_set)
    return _definition()


@router.get("/api/collections/{collectionId}/tiles", operation_id="tiles.collection.vector.getTileSetsList")
def collection_tilesets(source: OpenTiles, request: Request, collection: Collection) -> dict[str, object]:
    """The tilesets of one layer."""
    return _tileset(source, request, collection, of_collection=True).in_a_list()


@router.get(
    "/api/collections/{collectionId}/tiles/{tileMatrixSetId}", operation_id="tiles.collection.vector.getTileSet"
)
def collection_tileset(
    source: OpenTiles, request: Request, collection: Collection, matrix_set: MatrixSet
) -> dict[str, object]:
    """One layer's tiles described: limits, extent, fields, and the address of a tile."""
    _require(matrix_set)
    return _tileset(source, request, collection, of_collection=True).in_full()


@router.get(
    "/api/collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
    operation_id="tiles.collection.vector.getTile",
    response_class=Response,
    responses=TILE_RESPONSES,
)
async def collection_tile(
    source: OpenTiles,
    request: Request,
    collection: Collection,
    matrix_set: MatrixSet,
    matrix: Matrix,
    row: Row,
    column: Column,
) -> Response:
    """A vector tile of one layer; the row comes before the column."""
    _require(matrix_set)
    return await tile_response(source, Asked(collection, matrix, column, row), request)


@router.get("/api/tiles", operation_id="tiles.dataset.vector.getTileSetsList", responses=problems_told(404))
def map_tilesets(source: OpenTiles, request: Request, collections: Collections = "") -> dict[str, object]:
    """The tilesets of the whole map, or of the layers chosen."""
    return _tileset(source, request, collections, of_collection=False).in_a_list()


@router.get("/api/tiles/{tileMatrixSetId}", operation_id="tiles.dataset.vector.getTileSet")
def map_tileset(
    source: OpenTiles, request: Request, matrix_set: MatrixSet, collections: Collections = ""
) -> dict[str, object]:
    """The map's tiles described."""
    _require(matrix_set)
    return _tileset(source, request, collections, of_collection=False).in_full()


@router.get(
    "/api/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
    operation_id="tiles.dataset.vector.getTile",
    response_class=Response,
    responses=TILE_RESPONSES,
)
async def map_tile(
    source: OpenTiles,
    request: Request,
    matrix_set: MatrixSet,
    matrix: Matrix,
    row: Row,
    column: Column,
    collections: Collections = "",
) -> Response:
    """A vector tile of all layers, or of those chosen; the row comes before the column."""
    _require(matrix_set)
    return await tile_response(source, Asked(collections, matrix, column, row), request)


def _tileset(source: OpenTiles, request: Request, names: str, *, of_collection: bool) -> Tileset:
    layers = source.described(source.names(names))
    base = base_of(request)
    place = f"{base}/api/collections/{names}" if of_collection else f"{base}/api"
    chosen = f"?collections={names}" if names and not of_collection else ""
    title = (
        COLLECTION_TITLE.format(layers[0].layer.title) if of_collection else MAP_TITLE.format(source.store.town.name)
    )
    return Tileset(base, f"{place}/tiles", chosen, title, layers, source.store.town.bbox)


def _require(matrix_set: str) -> None:
    if matrix_set != TILE_MATRIX_SET:
        raise HTTPException(404)


def _definition() -> dict[str, Any]:
    """WebMercatorQuad as far as tiles are served."""
    definition = morecantile.tms.get(TILE_MATRIX_SET).model_dump(mode="json", exclude_none=True, by_alias=True)
    definition["tileMatrices"] = [entry for entry in definition["tileMatrices"] if int(entry["id"]) <= MAX_ZOOM]
    return dict(definition)
