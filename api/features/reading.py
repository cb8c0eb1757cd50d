"""The query parameters of a request as what is asked of the store."""

import re
from dataclasses import dataclass
from datetime import datetime

from api.errors import QueryError
from api.features.parameters import DEFAULT_LIMIT, ITEMS_ONLY, MAX_LIMIT, Query
from gis.errors import CrsError
from gis.filters import literals
from gis.filters.boxes import box_of
from gis.filters.from_json import from_json
from gis.filters.from_text import from_text
from gis.filters.tree import Box, Comparator, Comparison, Filter, IsNull, Literal, Property
from gis.reference_systems import ReferenceSystem, named_system, offered_systems
from layers.store.definitions import FieldType, GeometryKind, Layer, LayerField
from layers.store.errors import UnknownLayerError
from layers.store.features.asked import Asked, Period, selection_of_asked
from layers.store.features.columns import columns_of
from layers.store.features.ordering import Cursor, ordering_of
from layers.store.features.pages import PageWish
from layers.store.features.times import first_moment, in_town_time, last_moment
from layers.store.readable import Readable
from layers.store.selection import Selection, readable_fields

_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")


def vector_layers(store: Readable) -> list[Layer]:
    """The layers that are feature collections: all but rasters, which are coverages."""
    return [layer for layer in store.catalogue.values() if layer.geometry is not GeometryKind.RASTER]


def collection_layer(store: Readable, name: str) -> Layer:
    """The layer of a collection. Raises UnknownLayerError for a raster as for a name that does not exist."""
    for layer in vector_layers(store):
        if layer.id == name:
            return layer
    raise UnknownLayerError(f"コレクション「{name[:60]}」はありません。/api/collections に一覧があります。")


@dataclass(frozen=True)
class ItemsRequest:
    """A request for features of one layer, read: which rows, which page of them, in which system, in which form."""

    layer: Layer
    selection: Selection
    wish: PageWish
    crs: ReferenceSystem
    crs_given: bool
    limit_given: bool


def selection_of(store: Readable, layer: Layer, query: Query) -> Selection:
    """The rows that the parameters of an items request mean; `limit`, `cursor` and `crs` are not part of them.

    What an export consumes. Raises QueryError, FilterError, CrsError or FeatureRequestError in one sentence.
    """
    return selection_of_asked(store, layer, _asked(store, layer, query))


def items_request(store: Readable, layer: Layer, query: Query, most_rows: int = MAX_LIMIT) -> ItemsRequest:
    """The whole request, of which a page has at most so many rows. Raises what `selection_of` does."""
    selection = selection_of(store, layer, query)
    ordering = ordering_of(_names(query["sortby"]), columns_of(layer))
    cursor = Cursor.read(query["cursor"], ordering) if query["cursor"] is not None else None
    if query["count"] not in {None, "exact"}:
        raise QueryError("count は exact だけが使えます。")
    wish = PageWish(ordering, read_limit(query["limit"], most_rows), cursor, exact_count=query["count"] == "exact")
    crs = system(store, query["crs"], "crs")
    return ItemsRequest(layer, selection, wish, crs, query["crs"] is not None, query["limit"] is not None)


def item_selection(store: Readable, layer: Layer, query: Query) -> Selection:
    """The layer at the moment and with the properties that a request for one feature wants."""
    properties = None if query["properties"] is None else _names(query["properties"])
    asked = Asked(offered_systems(store.town.srid)[0], as_of=_as_of(query["as_of"]), properties=properties)
    return selection_of_asked(store, layer, asked)


def system(store: Readable, uri: str | None, parameter: str) -> ReferenceSystem:
    """The reference system of a parameter, CRS84 where it is not given."""
    offered = offered_systems(store.town.srid)
    if uri is None:
        return offered[0]
    try:
        return named_system(uri, offered)
    except CrsError as error:
        raise QueryError(f"{parameter} の{error}") from error


def read_limit(text: str | None, most: int = MAX_LIMIT) -> int:
    """How many features are wanted: above the greatest number, the greatest (17-069r4, fc-limit-response-1)."""
    if text is None:
        return min(DEFAULT_LIMIT, most)
    if not re.fullmatch(r"\+?\d{1,1000}", text.strip(), re.ASCII) or int(text) < 1:
        raise QueryError("limit には1以上の整数を書いてください。")
    return min(int(text), most)


def property_parameters(layer: Layer) -> frozenset[str]:
    """The properties that can be asked for by a parameter of their own name, as far as no other parameter has it."""
    taken = {"f", "crs", "properties", "as_of", *(parameter.name for parameter in ITEMS_ONLY)}
    return frozenset(field.name for field in readable_fields(layer)) - taken


def _asked(store: Readable, layer: Layer, query: Query) -> Asked:
    fields = {field.name: field for field in readable_fields(layer)}
    by_value = [(fields[name], query.values[name]) for name in query.values if name in property_parameters(layer)]
    return Asked(
        reference=system(store, query["filter-crs"], "filter-crs"),
        box=_box(query["bbox"]),
        box_reference=system(store, query["bbox-crs"], "bbox-crs"),
        filters=(*_filter(query), *(_equal(field, value) for field, value in by_value)),
        during=_period(query["datetime"]),
        as_of=_as_of(query["as_of"]),
        sort_by=_names(query["sortby"]),
        properties=None if query["properties"] is None else _names(query["properties"]),
    )


def _names(text: str | None) -> tuple[str, ...]:
    if not text:
        return ()
    names = tuple(text.split(","))
    if any(not name.strip(" +-") for name in names):
        raise QueryError("項目の名前の並びに空のものがあります。")
    return names


def _box(text: str | None) -> Box | None:
    if text is None:
        return None
    parts = text.split(",")
    if not all(_NUMBER.fullmatch(part) for part in parts):
        raise QueryError("bbox には数4つ（高さも入れるなら6つ）をコンマで区切って書いてください。")
    return box_of([float(part) for part in parts], "bbox ")


def _filter(query: Query) -> list[Filter]:
    if query["filter-lang"] not in {None, "cql2-text", "cql2-json"}:
        raise QueryError("filter-lang は cql2-text か cql2-json にしてください。")
    if query["filter"] is None:
        return []
    return [from_json(query["filter"]) if query["filter-lang"] == "cql2-json" else from_text(query["filter"])]


def _equal(field: LayerField, text: str) -> Filter:
    """`?name=value`: the rows in which a property has that value (17-069r4, fc-filters); empty, those in which it has none."""
    if text == "" and field.type is not FieldType.TEXT:
        return IsNull(Property(field.name))
    return Comparison(Comparator.EQUAL, Property(field.name), _value(field, text))


def _value(field: LayerField, text: str) -> Literal:
    place = f"パラメータ「{field.name}」"
    if field.type in {FieldType.INTEGER, FieldType.NUMBER}:
        return literals.number(text, place)
    if field.type is FieldType.BOOLEAN:
        if text not in {"true", "false"}:
            raise QueryError(f"{place}には true か false を書いてください。")
        return text == "true"
    return literals.day(text, place) if field.type is FieldType.DATE else literals.text(text, place)


def _as_of(text: str | None) -> datetime | None:
    return None if text is None else moment_of(text)


def moment_of(text: str) -> datetime:
    """The moment that `as_of` names, in the town's time: a day's start, or an RFC 3339 moment. Raises FilterError."""
    return in_town_time(_start(text, "as_of "))


def _start(text: str, place: str) -> datetime:
    # an address turns the + of an offset into a space
    value = literals.instant(text.replace(" ", "+"), place)
    return value if isinstance(value, datetime) else first_moment(value)


def _end(text: str, place: str) -> datetime:
    value = literals.instant(text.replace(" ", "+"), place)
    return value if isinstance(value, datetime) else last_moment(value)


def _period(text: str | None) -> Period | None:
    if text is None:
        return None
    ends = text.split("/")
    if len(ends) == 1:
        return Period(_start(text, "datetime "), _end(text, "datetime "))
    if len(ends) != 2 or all(end in {"", ".."} for end in ends):
        raise QueryError("datetime には日時か、始まり/終わり（開いた端は ..）を書いてください。")
    start = None if ends[0] in {"", ".."} else _start(ends[0], "datetime ")
    end = None if ends[1] in {"", ".."} else _end(ends[1], "datetime ")
    if start is not None and end is not None and start > end:
        raise QueryError("datetime の始まりが終わりより後になっています。")
    return Period(start, end)
