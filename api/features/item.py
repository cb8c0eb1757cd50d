"""One feature in each of its forms, under a strong ETag: the same version in the same form is the same bytes."""

import hashlib
from collections.abc import Mapping

import orjson
from fastapi import Request, Response

from api.features.item_forms import ITEM_TYPES
from api.features.items_html import html_item
from api.features.items_json import JSON_FG_CONFORMANCE, crs_header, json_fg_form, system_of
from api.features.links import Addresses, link
from api.features.negotiation import JSON
from api.features.parameters import Query
from api.features.reading import item_selection, system
from gis.geojson_objects import written
from layers.store.definitions import Layer
from layers.store.features.feature_json import FeatureForm
from layers.store.features.single import SingleFeature, read_feature
from layers.store.readable import Readable
from layers.store.selection import version_tag


def item_response(
    store: Readable, layer: Layer, request: Request, query: Query, identifier: str, form: str
) -> Response:
    """One feature; 304 when the caller has this version in this form already."""
    selection = item_selection(store, layer, query)
    crs = system(store, query["crs"], "crs")
    wanted = json_fg_form(store, crs if query["crs"] is not None else None) if form == "jsonfg" else FeatureForm(crs)
    feature = read_feature(store, selection, wanted, identifier)
    given = system_of(wanted)
    headers = crs_header(layer, given) | {"ETag": version_tag(feature.version, _representation(request, form))}
    if _is_held(request, headers["ETag"]):
        return Response(status_code=304, headers={"ETag": headers["ETag"]})
    before = {"conformsTo": JSON_FG_CONFORMANCE, "coordRefSys": given.uri} if form == "jsonfg" else {}
    content = _linked(feature, layer, request, form, before)
    if form == "html":
        return html_item(store, request, layer, orjson.loads(content), headers)
    return Response(content, media_type=ITEM_TYPES[form], headers=headers)


def _linked(feature: SingleFeature, layer: Layer, request: Request, form: str, before: Mapping[str, object]) -> bytes:
    addresses = Addresses(request)
    links = addresses.own_links(form, ITEM_TYPES, f"{layer.title}の地物")
    links.append(link(addresses.collection(layer.id), "collection", JSON, layer.title))
    return written({**feature.feature, **before, "links": links})


def _representation(request: Request, form: str) -> str:
    """The form with a digest of what else of the address shapes the bytes, the address in its links included."""
    digest = hashlib.blake2s(str(request.url).encode(), digest_size=6).hexdigest()
    return f"{form}-{digest}"


def _is_held(request: Request, tag: str) -> bool:
    """Whether If-None-Match names the version; it compares weakly (RFC 9110, 13.1.2)."""
    given = request.headers.get("if-none-match", "")
    names = {part.strip().removeprefix("W/") for part in given.split(",")}
    return "*" in names or tag in names
