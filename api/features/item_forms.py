"""The forms in which features are given: one entry a form, each a media type and what writes it.

A further form of `items` is one more entry of `ITEMS_FORMS`: its writer gets the store and the whole request read, of
which `selection` says the rows, `crs` the system and `layer` the layer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import Request, Response

from api.features import items_html, items_json
from api.features.items_files import file_items
from api.features.negotiation import GEOJSON, HTML, JSON_FG
from api.features.reading import ItemsRequest
from gis.formats.writing.formats import FORMATS
from layers.store.readable import Readable

ItemsWriter = Callable[[Readable, Request, ItemsRequest], Response]


@dataclass(frozen=True)
class ItemsForm:
    """One form of features."""

    media_type: str
    write: ItemsWriter


ITEM_TYPES: Mapping[str, str] = {"json": GEOJSON, "jsonfg": JSON_FG, "html": HTML}
"""The forms that one feature has as well."""

ITEMS_FORMS: Mapping[str, ItemsForm] = {
    "json": ItemsForm(GEOJSON, items_json.geojson_items),
    "jsonfg": ItemsForm(JSON_FG, items_json.json_fg_items),
    "html": ItemsForm(HTML, items_html.html_items),
    **{name: ItemsForm(form.media_type, file_items(name)) for name, form in FORMATS.items()},
}
ITEMS_TYPES: Mapping[str, str] = {name: form.media_type for name, form in ITEMS_FORMS.items()}
