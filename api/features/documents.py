"""The documents above the features: landing page, conformance, collections."""

from collections.abc import Mapping

from api.features.conformance import SHARED
from api.features.item_forms import ITEMS_TYPES
from api.features.links import Addresses, Link, link
from api.features.negotiation import DOCUMENT_TYPES, GEOJSON, HTML, JSON, JSON_SCHEMA, OPENAPI, OPENAPI_3_0
from api.tiles.ogc import tile_links
from gis.reference_systems import CRS84, offered_systems
from layers.store.definitions import Layer
from layers.store.features.extents import Extent
from layers.store.readable import Readable
from layers.store.tiles.band_plan import is_drawn

Document = dict[str, object]


def landing_page(store: Readable, map_title: str, addresses: Addresses, form: str) -> Document:
    """The way in."""
    title = f"{store.town.name} {map_title}の API"
    links = addresses.own_links(form, DOCUMENT_TYPES, title)
    links += [
        link(addresses.definition, "service-desc", OPENAPI, "API の定義（OpenAPI 3.1）"),
        link(addresses.definition_3_0, "service-desc", OPENAPI_3_0, "API の定義（OpenAPI 3.0）"),
        link(f"{addresses.base}?f=html", "service-doc", HTML, "API の説明"),
        link(addresses.conformance, "conformance", JSON, "準拠する規格"),
        link(addresses.conformance, "http://www.opengis.net/def/rel/ogc/1.0/conformance", JSON, "準拠する規格"),
        link(addresses.collections, "data", JSON, "コレクション（レイヤ）の一覧"),
        link(addresses.collections, "http://www.opengis.net/def/rel/ogc/1.0/data", JSON, "コレクションの一覧"),
        *tile_links(addresses.server),
    ]
    about = "架空の見本の町のデータです。" if store.town.fictitious else ""
    return {
        "title": title,
        "description": f"{about}{store.town.full_name}のレイヤを OGC API – Features と OGC API – Tiles で配ります。",
        "links": links,
    }


def conformance_page(more: tuple[str, ...], addresses: Addresses, form: str) -> Document:
    """The conformance classes: those of reading, and `more` that this side keeps."""
    return {"conformsTo": [*SHARED, *more], "links": addresses.own_links(form, DOCUMENT_TYPES, "準拠する規格")}


def collections_page(
    store: Readable, layers: list[Layer], known: Mapping[str, Extent], addresses: Addresses, form: str
) -> Document:
    """Every collection."""
    return {
        "links": addresses.own_links(form, DOCUMENT_TYPES, "コレクションの一覧"),
        "crs": [system.uri for system in offered_systems(store.town.srid)],
        "collections": [
            {**_collection(store, layer, known[layer.id]), "links": collection_links(layer, addresses)}
            for layer in layers
        ],
    }


def collection_page(store: Readable, layer: Layer, extent: Extent, addresses: Addresses, form: str) -> Document:
    """One collection."""
    own = addresses.own_links(form, DOCUMENT_TYPES, layer.title)
    beside = [entry for entry in collection_links(layer, addresses) if entry["rel"] not in {"self", "alternate"}]
    return {**_collection(store, layer, extent), "links": own + beside}


def _collection(store: Readable, layer: Layer, extent: Extent) -> Document:
    systems = offered_systems(store.town.srid)
    document: Document = {
        "id": layer.id,
        "title": layer.title,
        "description": layer.description,
        "attribution": layer.attribution,
        "itemType": "feature",
        "crs": [system.uri for system in systems],
        "storageCrs": systems[-1].uri,
    }
    known = _extent(extent)
    return {**document, "extent": known} if known else document


def _extent(extent: Extent) -> Document:
    known: Document = {}
    if extent.box is not None:
        known["spatial"] = {"bbox": [list(extent.box)], "crs": CRS84}
    if extent.since is not None:
        known["temporal"] = {
            "interval": [[extent.since.isoformat(), None]],
            "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
        }
    return known


def collection_links(layer: Layer, addresses: Addresses) -> list[Link]:
    """Where a collection, its features and what describes them are."""
    here = addresses.collection(layer.id)
    queryables, schema = addresses.part(layer.id, "queryables"), addresses.part(layer.id, "schema")
    items = addresses.part(layer.id, "items")
    links = [
        link(here, "self", JSON, layer.title),
        link(f"{here}?f=html", "alternate", HTML, f"{layer.title}（html）"),
        link(schema, "describedby", JSON_SCHEMA, "項目の定義"),
        link(schema, "http://www.opengis.net/def/rel/ogc/1.0/schema", JSON_SCHEMA, "項目の定義"),
        link(queryables, "http://www.opengis.net/def/rel/ogc/1.0/queryables", JSON_SCHEMA, "条件に使える項目"),
    ]
    return (
        links
        + [
            link(items if name == "json" else f"{items}?f={name}", "items", media, f"{layer.title}の地物（{name}）")
            for name, media in ITEMS_TYPES.items()
            # a program that looks for GeoJSON must find the pages, which come in every system, not the file
            if name == "json" or media != GEOJSON
        ]
        + (tile_links(addresses.server, layer.id) if is_drawn(layer) else [])
    )
