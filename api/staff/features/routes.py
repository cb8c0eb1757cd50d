"""The addresses of OGC API – Features under `/api`."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from api.staff.context import OpenStore
from api.staff.features import documents, pages_html, schemas
from api.staff.features.item import item_response
from api.staff.features.item_forms import ITEM_TYPES, ITEMS_FORMS, ITEMS_TYPES
from api.staff.features.links import Addresses
from api.staff.features.negotiation import DOCUMENT_TYPES, SCHEMA_TYPES, negotiated
from api.staff.features.parameters import DocumentQuery, ItemQuery, ItemsQuery, checked
from api.staff.features.reading import collection_layer, items_request, vector_layers
from api.staff.features.responses import DOCUMENT, FEATURE, FEATURES, SCHEMA, Responses
from layers.store.features.extents import extents

router = APIRouter(prefix="/api", tags=["features"])
Handler = TypeVar("Handler", bound=Callable[..., Any])
CollectionId = Annotated[str, Path(description="コレクションの id", max_length=100)]
FeatureId = Annotated[str, Path(description="地物の番号", max_length=100)]


def _readable(path: str, responses: Responses) -> Callable[[Handler], Handler]:
    """A route for GET, and the same for HEAD."""

    def register(handler: Handler) -> Handler:
        router.add_api_route(path, handler, methods=["GET"], responses=responses, response_class=Response)
        router.add_api_route(path, handler, methods=["HEAD"], include_in_schema=False)
        return handler

    return register


def _document(form: str, media: str, content: dict[str, object], template: str, **more: object) -> Response:
    headers = {"Vary": "Accept"}
    if form == "html":
        return pages_html.rendered(template, content, headers, **more)
    return Response(orjson.dumps(content), media_type=media, headers=headers)


@_readable("", DOCUMENT)
def landing_page(store: OpenStore, request: Request, query: Annotated[DocumentQuery, Query()]) -> Response:
    """The landing page: where everything is."""
    checked(request, query)
    form = negotiated(request, query.f, DOCUMENT_TYPES)
    content = documents.landing_page(store, Addresses(request), form)
    return _document(form, DOCUMENT_TYPES[form], content, "landing.html")


@_readable("/conformance", DOCUMENT)
def conformance(request: Request, query: Annotated[DocumentQuery, Query()]) -> Response:
    """The standards that are kept."""
    checked(request, query)
    form = negotiated(request, query.f, DOCUMENT_TYPES)
    return _document(
        form, DOCUMENT_TYPES[form], documents.conformance_page(Addresses(request), form), "conformance.html"
    )


@_readable("/collections", DOCUMENT)
def collections(store: OpenStore, request: Request, query: Annotated[DocumentQuery, Query()]) -> Response:
    """Every vector layer."""
    checked(request, query)
    form = negotiated(request, query.f, DOCUMENT_TYPES)
    layers = vector_layers(store)
    content = documents.collections_page(store, layers, extents(store, layers), Addresses(request), form)
    return _document(form, DOCUMENT_TYPES[form], content, "collections.html")


@_readable("/collections/{collection_id}", DOCUMENT)
def collection(
    store: OpenStore, request: Request, collection_id: CollectionId, query: Annotated[DocumentQuery, Query()]
) -> Response:
    """One layer: what it is, where it lies, in which systems it comes."""
    checked(request, query)
    layer = collection_layer(store, collection_id)
    form = negotiated(request, query.f, DOCUMENT_TYPES)
    content = documents.collection_page(store, layer, extents(store, [layer])[layer.id], Addresses(request), form)
    return _document(form, DOCUMENT_TYPES[form], content, "collection.html")


@_readable("/collections/{collection_id}/queryables", SCHEMA)
def queryables(
    store: OpenStore, request: Request, collection_id: CollectionId, query: Annotated[DocumentQuery, Query()]
) -> Response:
    """What a filter can name, as JSON Schema."""
    checked(request, query)
    layer = collection_layer(store, collection_id)
    form = negotiated(request, query.f, SCHEMA_TYPES)
    content = schemas.queryables_schema(layer, Addresses(request))
    return _document(form, SCHEMA_TYPES[form], content, "schema.html", layer=layer)


@_readable("/collections/{collection_id}/schema", SCHEMA)
def schema(
    store: OpenStore, request: Request, collection_id: CollectionId, query: Annotated[DocumentQuery, Query()]
) -> Response:
    """What a feature holds, as JSON Schema."""
    checked(request, query)
    layer = collection_layer(store, collection_id)
    form = negotiated(request, query.f, SCHEMA_TYPES)
    content = schemas.feature_schema(layer, Addresses(request))
    return _document(form, SCHEMA_TYPES[form], content, "schema.html", layer=layer)


@_readable("/collections/{collection_id}/items", FEATURES)
def items(
    store: OpenStore, request: Request, collection_id: CollectionId, query: Annotated[ItemsQuery, Query()]
) -> Response:
    """Features of a layer, a page at a time."""
    layer = collection_layer(store, collection_id)
    form = negotiated(request, query.f, ITEMS_TYPES)
    response = ITEMS_FORMS[form].write(store, request, items_request(store, layer, request, query))
    response.headers["Vary"] = "Accept"
    return response


@_readable("/collections/{collection_id}/items/{feature_id}", FEATURE)
def item(
    store: OpenStore,
    request: Request,
    collection_id: CollectionId,
    feature_id: FeatureId,
    query: Annotated[ItemQuery, Query()],
) -> Response:
    """One feature, under a strong ETag."""
    layer = collection_layer(store, collection_id)
    form = negotiated(request, query.f, ITEM_TYPES)
    response = item_response(store, layer, request, query, feature_id, form)
    response.headers["Vary"] = "Accept"
    return response
