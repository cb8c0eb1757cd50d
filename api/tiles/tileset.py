"""A tileset described as OGC API – Tiles and the TileSet Metadata of OGC 17-083r4 want it."""

from dataclasses import dataclass

from api.tiles.addresses import MVT, TILE_MATRIX_SET
from api.tiles.tilejson import tile_fields
from layers.store.definitions import FieldType, GeometryKind
from layers.store.tiles.description import Bounds, TileLayer, bounds_of

CRS = "http://www.opengis.net/def/crs/EPSG/0/3857"
MATRIX_SET_URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
COLLECTION_TITLE = "{}のタイル"
MAP_TITLE = "{}の地図のタイル"
_DIMENSIONS = {GeometryKind.POINT: 0, GeometryKind.LINE: 1, GeometryKind.POLYGON: 2}
_JSON_TYPES = {
    FieldType.TEXT: "string",
    FieldType.INTEGER: "integer",
    FieldType.NUMBER: "number",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "string",
}

Link = dict[str, object]


@dataclass(frozen=True)
class Tileset:
    """Vector tiles of some layers in WebMercatorQuad.

    `place` is the address of the list of tilesets, `query` what chooses the layers there (with its question mark, or empty).
    """

    base: str
    place: str
    query: str
    title: str
    layers: list[TileLayer]
    otherwise: Bounds

    def in_a_list(self) -> dict[str, object]:
        """The list of tilesets, of which there is one (/req/tilesets-list)."""
        itself: Link = {"rel": "self", "type": "application/json", "href": f"{self.place}{self.query}"}
        return {"tilesets": [self._short() | {"links": self._links()[:2]}], "links": [itself]}

    def in_full(self) -> dict[str, object]:
        """The tileset's own page (/req/tileset/description).

        It names no limits: a tile outside them would have to be an error (/req/core/tc-error), while one where nothing lies is
        an empty tile, and where something lies changes with every edit.
        """
        west, south, east, north = bounds_of(self.layers, self.otherwise)
        return {
            **self._short(),
            "boundingBox": {
                "lowerLeft": [west, south],
                "upperRight": [east, north],
                "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
                "orderedAxes": ["Lon", "Lat"],
            },
            "layers": [_layer(layer) for layer in self.layers],
            "links": self._links(),
        }

    def _short(self) -> dict[str, object]:
        return {
            "title": self.title,
            "dataType": "vector",
            "crs": CRS,
            "tileMatrixSetURI": MATRIX_SET_URI,
        }

    def _links(self) -> list[Link]:
        here = f"{self.place}/{TILE_MATRIX_SET}"
        names = ",".join(layer.layer.id for layer in self.layers)
        return [
            {"rel": "self", "type": "application/json", "title": self.title, "href": f"{here}{self.query}"},
            tiling_scheme_link(self.base),
            {
                "rel": "item",
                "type": MVT,
                "templated": True,
                "title": "タイル",
                "href": f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}{self.query}",
            },
            {
                "rel": "describedby",
                "type": "application/json",
                "title": "TileJSON",
                "href": f"{self.base}/tiles/{names}.json",
            },
        ]


def tiling_scheme_link(base: str) -> Link:
    """The link from a tileset to how the world is cut into tiles."""
    return {
        "rel": "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme",
        "type": "application/json",
        "title": TILE_MATRIX_SET,
        "href": f"{base}/api/tileMatrixSets/{TILE_MATRIX_SET}",
    }


def _layer(described: TileLayer) -> dict[str, object]:
    names = tile_fields(described)
    properties: dict[str, object] = {
        field.name: {"type": _JSON_TYPES[field.type], "title": field.label} for field in described.fields
    }
    properties |= {name: {"type": "integer"} for name in names if name not in properties}
    return {
        "id": described.layer.id,
        "title": described.layer.title,
        "description": described.layer.description,
        "dataType": "vector",
        "geometryDimension": _DIMENSIONS[described.layer.geometry],
        "minTileMatrix": str(described.min_zoom),
        "maxTileMatrix": str(described.max_zoom),
        "crs": CRS,
        "propertiesSchema": {"type": "object", "properties": properties},
    }
