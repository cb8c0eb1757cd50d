"""Features as GeoJSON and JSON-FG, with what surrounds them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import Request, Response

from api.features.links import Addresses, Link, link
from api.features.negotiation import GEOJSON, HTML, JSON_FG
from api.features.reading import ItemsRequest
from gis.geojson_objects import written
from gis.reference_systems import ReferenceSystem, offered_systems
from layers.store.definitions import GeometryKind, Layer
from layers.store.features.feature_json import FeatureForm
from layers.store.features.pages import Page, read_page
from layers.store.readable import Readable

JSON_FG_CONFORMANCE = ["http://www.opengis.net/spec/json-fg-1/1.0/conf/core"]
_TYPES = {"json": GEOJSON, "jsonfg": JSON_FG, "html": HTML}


def geojson_items(store: Readable, request: Request, asked: ItemsRequest) -> Response:
    """A page as GeoJSON in the system that was asked for, CRS84 by itself."""
    page = read_page(store, asked.selection, FeatureForm(asked.crs), asked.wish)
    around = _around(request, asked, page, "json")
    return Response(_collection(page, {}, around), media_type=GEOJSON, headers=crs_header(asked.layer, asked.crs))


def json_fg_items(store: Readable, request: Request, asked: ItemsRequest) -> Response:
    """A page as JSON-FG: `place` in the plane zone unless another system is asked for, `geometry` in CRS84."""
    form = json_fg_form(store, asked.crs if asked.crs_given else None)
    page = read_page(store, asked.selection, form, asked.wish)
    before = {"conformsTo": JSON_FG_CONFORMANCE, "coordRefSys": system_of(form).uri, "featureType": asked.layer.id}
    body = _collection(page, before, _around(request, asked, page, "jsonfg"))
    return Response(body, media_type=JSON_FG, headers=crs_header(asked.layer, system_of(form)))


def json_fg_form(store: Readable, crs: ReferenceSystem | None) -> FeatureForm:
    """Where JSON-FG puts a geometry: in `place` unless it is CRS84, which is what `geometry` is for (21-045r1, 7.5)."""
    systems = offered_systems(store.town.srid)
    place = systems[-1] if crs is None else crs
    return FeatureForm(systems[0], None if place.is_crs84 else place, is_json_fg=True)


def system_of(form: FeatureForm) -> ReferenceSystem:
    """The system that a JSON-FG document is in."""
    wanted = form.place or form.geometry
    assert wanted is not None  # noqa: S101 - json_fg_form always gives a geometry
    return wanted


def crs_header(layer: Layer, crs: ReferenceSystem) -> dict[str, str]:
    """The system of the coordinates in the answer (OGC 18-058r1, ogc-crs-header); none where there is no geometry."""
    return {} if layer.geometry is GeometryKind.NONE else {"Content-Crs": f"<{crs.uri}>"}


def page_links(request: Request, asked: ItemsRequest, page: Page, form: str) -> list[Link]:
    """Links of a page to itself, its other forms, the pages beside it, and its collection."""
    addresses = Addresses(request)
    links = addresses.own_links(form, _TYPES, f"{asked.layer.title}の地物")
    for rel, cursor, title in (("prev", page.before, "前のページ"), ("next", page.after, "次のページ")):
        if cursor is not None:
            address = request.url.include_query_params(cursor=cursor.token(asked.wish.ordering))
            links.append(link(str(address), rel, _TYPES[form], title))
    links.append(link(addresses.collection(asked.layer.id), "collection", "application/json", asked.layer.title))
    return links


def _around(request: Request, asked: ItemsRequest, page: Page, form: str) -> dict[str, object]:
    around: dict[str, object] = {"numberReturned": len(page.features)}
    if page.count.exact is not None:
        around["numberMatched"] = page.count.exact
    else:
        around["numberMatchedEstimated"] = page.count.estimated
    around["timeStamp"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    around["links"] = page_links(request, asked, page, form)
    return around


def _collection(page: Page, before: Mapping[str, object], after: Mapping[str, object]) -> bytes:
    return written({"type": "FeatureCollection", **before, "features": page.features, **after})
