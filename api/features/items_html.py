"""Features as HTML: a table with the next and the previous page, and a page for each feature."""

from dataclasses import dataclass

import orjson
from fastapi import Request, Response

from api.features.items_json import page_links
from api.features.links import Addresses, file_links
from api.features.pages_html import rendered
from api.features.reading import ItemsRequest
from api.side import side_of
from gis.geojson_objects import written
from layers.store.definitions import Layer, LayerField
from layers.store.features.feature_json import FeatureForm
from layers.store.features.pages import read_page
from layers.store.readable import Readable


@dataclass(frozen=True)
class ShownFeature:
    """One row of the table: its address and its values as a reader knows them."""

    identifier: int
    address: str
    values: list[str]


def html_items(store: Readable, request: Request, asked: ItemsRequest) -> Response:
    """A page as a table, without its geometries."""
    page = read_page(store, asked.selection, FeatureForm(None), asked.wish)
    addresses = Addresses(request)
    features = orjson.loads(written(page.features))
    fields = asked.selection.fields
    rows = [
        ShownFeature(
            feature["id"],
            f"{addresses.item(asked.layer.id, feature['id'])}?f=html",
            [_shown(field, feature["properties"][field.name]) for field in fields],
        )
        for feature in features
    ]
    content: dict[str, object] = {"links": page_links(request, asked, page, "html"), "title": asked.layer.title}
    return rendered(
        side_of(request),
        "items.html",
        content,
        {},
        layer=asked.layer,
        fields=fields,
        rows=rows,
        count=page.count,
        files=file_links(request.url),
        town=store.town,
    )


def html_item(
    store: Readable, request: Request, layer: Layer, feature: dict[str, object], headers: dict[str, str]
) -> Response:
    """One feature as a list of its values, with its geometry as text."""
    properties = feature["properties"]
    assert isinstance(properties, dict)  # noqa: S101 - the database wrote it as an object
    values = [
        (field.label, _shown(field, properties[field.name])) for field in layer.fields if field.name in properties
    ]
    geometry = orjson.dumps(feature["geometry"]).decode()
    content = {"links": feature["links"], "title": f"{layer.title} {feature['id']}"}
    items = f"{Addresses(request).part(layer.id, 'items')}?f=html"
    shown = {"layer": layer, "values": values, "geometry": geometry, "items": items, "town": store.town}
    return rendered(side_of(request), "item.html", content, headers, **shown)


def _shown(field: LayerField, value: object) -> str:
    """A code as its label, a truth in words, a measure with its unit, nothing as a dash."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return field.codes.get(str(value).lower(), "はい" if value else "いいえ")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = field.codes.get(str(value), str(value))
    return f"{text} {field.unit}" if field.unit else text
