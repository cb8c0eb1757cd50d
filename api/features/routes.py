"""The addresses of OGC API – Features under `/api`."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, Path, Request, Response
from starlette.datastructures import URL

from api.features import documents, pages_html, schemas
from api.features.definition import definition as whole_definition
from api.features.definition import definition_3_0
from api.features.item import item_response
from api.features.item_forms import ITEM_TYPES, ITEMS_FORMS, ITEMS_TYPES
from api.features.links import Addresses, file_links
from api.features.negotiation import DOCUMENT_TYPES, OPENAPI, OPENAPI_3_0, SCHEMA_TYPES, negotiated
from api.features.parameters import (
    DOCUMENT_PARAMETERS,
    ITEM_PARAMETERS,
    Parameter,
    items_parameters,
    openapi_parameters,
    read_query,
)
from api.features.reading import collection_layer, items_request, property_parameters, vector_layers
from api.features.responses import DOCUMENT, FEATURE, FEATURES, SCHEMA, Responses
from api.side import OpenLayers, side_of
from layers.store.features.extents import extents

router = APIRouter(prefix="/api", tags=["features"])
Handler = TypeVar("Handler", bound=Callable[..., Any])
CollectionId = Annotated[str, Path(description="コレクションの id")]
ITEMS_PARAMETERS = items_parameters(tuple(ITEMS_FORMS))
FeatureId = Annotated[str, Path(description="地物の番号")]


def _readable(path: str, responses: Responses, parameters: tuple[Parameter, ...]) -> Callable[[Handler], Handler]:
    """A route for GET, and the same for HEAD."""

    def register(handler: Handler) -> Handler:
        router.add_api_route(
            path,
            handler,
            methods=["GET"],
            responses=responses,
            response_class=Response,
            openapi_extra=openapi_parameters(parameters),
        )
        router.add_api_route(path, handler, methods=["HEAD"], include_in_schema=False)
        return handler

    return register


def _form(request: Request, offered: Mapping[str, str]) -> str:
    return negotiated(request, read_query(request, DOCUMENT_PARAMETERS)["f"], offered)


def _document(
    request: Request, form: str, media: str, content: dict[str, object], template: str, **more: object
) -> Response:
    headers = {"Vary": "Accept"}
    if form == "html":
        return pages_html.rendered(side_of(request), template, content, headers, **more)
    return Response(orjson.dumps(content), media_type=media, headers=headers)


def _as_json(request: Request) -> str:
    """This address in JSON: a JSON Schema has no links in which to say it."""
    return Addresses(request).here("json")


@_readable("", DOCUMENT, DOCUMENT_PARAMETERS)
def landing_page(store: OpenLayers, request: Request) -> Response:
    """The landing page: where everything is."""
    form = _form(request, DOCUMENT_TYPES)
    content = documents.landing_page(store, side_of(request).map_title, Addresses(request), form)
    return _document(request, form, DOCUMENT_TYPES[form], content, "landing.html", forms=list(ITEMS_FORMS))


@router.get("/openapi.json", include_in_schema=False)
def definition(request: Request) -> Response:
    """The definition of the API in OpenAPI 3.1."""
    return Response(orjson.dumps(whole_definition(request.app)), media_type=OPENAPI)


@router.get("/openapi-3.0.json", include_in_schema=False)
def definition_for_older_programs(request: Request) -> Response:
    """The definition of the features in OpenAPI 3.0."""
    return Response(orjson.dumps(definition_3_0(request.app)), media_type=OPENAPI_3_0)


@_readable("/conformance", DOCUMENT, DOCUMENT_PARAMETERS)
def conformance(request: Request) -> Response:
    """The standards that are kept."""
    form = _form(request, DOCUMENT_TYPES)
    content = documents.conformance_page(side_of(request).conformance, Addresses(request), form)
    return _document(request, form, DOCUMENT_TYPES[form], content, "conformance.html")


@_readable("/collections", DOCUMENT, DOCUMENT_PARAMETERS)
def collections(store: OpenLayers, request: Request) -> Response:
    """Every vector layer."""
    form = _form(request, DOCUMENT_TYPES)
    layers = vector_layers(store)
    content = documents.collections_page(store, layers, extents(store, layers), Addresses(request), form)
    return _document(request, form, DOCUMENT_TYPES[form], content, "collections.html")


@_readable("/collections/{collection_id}", DOCUMENT, DOCUMENT_PARAMETERS)
def collection(store: OpenLayers, request: Request, collection_id: CollectionId) -> Response:
    """One layer: what it is, where it lies, in which systems it comes."""
    layer = collection_layer(store, collection_id)
    form = _form(request, DOCUMENT_TYPES)
    content = documents.collection_page(store, layer, extents(store, [layer])[layer.id], Addresses(request), form)
    files = file_links(URL(Addresses(request).part(layer.id, "items")))
    return _document(request, form, DOCUMENT_TYPES[form], content, "collection.html", files=files)


@_readable("/collections/{collection_id}/queryables", SCHEMA, DOCUMENT_PARAMETERS)
def queryables(store: OpenLayers, request: Request, collection_id: CollectionId) -> Response:
    """What a filter can name, as JSON Schema."""
    layer = collection_layer(store, collection_id)
    form = _form(request, SCHEMA_TYPES)
    content = schemas.queryables_schema(layer, Addresses(request))
    more = {"layer": layer, "what": "条件に使える項目", "json": _as_json(request)}
    return _document(request, form, SCHEMA_TYPES[form], content, "schema.html", **more)


@_readable("/collections/{collection_id}/schema", SCHEMA, DOCUMENT_PARAMETERS)
def schema(store: OpenLayers, request: Request, collection_id: CollectionId) -> Response:
    """What a feature holds, as JSON Schema."""
    layer = collection_layer(store, collection_id)
    form = _form(request, SCHEMA_TYPES)
    content = schemas.feature_schema(layer, Addresses(request))
    more = {"layer": layer, "what": "項目の定義", "json": _as_json(request)}
    return _document(request, form, SCHEMA_TYPES[form], content, "schema.html", **more)


@_readable("/collections/{collection_id}/items", FEATURES, ITEMS_PARAMETERS)
def items(store: OpenLayers, request: Request, collection_id: CollectionId) -> Response:
    """Features of a layer, a page at a time."""
    layer = collection_layer(store, collection_id)
    query = read_query(request, ITEMS_PARAMETERS, property_parameters(layer))
    form = negotiated(request, query["f"], ITEMS_TYPES)
    response = ITEMS_FORMS[form].write(store, request, items_request(store, layer, query, side_of(request).most_rows))
    response.headers["Vary"] = "Accept"
    return response


@_readable("/collections/{collection_id}/items/{feature_id}", FEATURE, ITEM_PARAMETERS)
def item(
    store: OpenLayers,
    request: Request,
    collection_id: CollectionId,
    feature_id: FeatureId,
) -> Response:
    """One feature, under a strong ETag."""
    layer = collection_layer(store, collection_id)
    query = read_query(request, ITEM_PARAMETERS)
    form = negotiated(request, query["f"], ITEM_TYPES)
    response = item_response(store, layer, request, query, feature_id, form)
    response.headers["Vary"] = "Accept"
    return response
