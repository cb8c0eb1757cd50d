"""What schemathesis must know beyond the definition: values of the formats it names, and things that there are."""

from typing import Any
from urllib.parse import unquote

import orjson
import schemathesis
from hypothesis import strategies as st

from api.tiles.addresses import TILE_MATRIX_SET
from gis.errors import FilterError
from gis.filters.as_json import as_json
from gis.filters.from_text import from_text
from gis.reference_systems import offered_systems
from layers.store.catalogue import load_catalogue
from layers.store.tiles.address import MAX_ZOOM

PARCEL_FIELDS = [field.name for field in load_catalogue()["cadastral"].fields]
TEXT_FIELDS = ["chiban", "oaza", "map_name"]
_days = st.dates().map(lambda day: day.isoformat())
_moments = st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds") + "Z")
_instants = st.one_of(_days, _moments)
_texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8).map(
    lambda text: "'" + text.replace("'", "''") + "'"
)
_conditions = st.one_of(
    st.builds("{} = {}".format, st.sampled_from(TEXT_FIELDS), _texts),
    st.builds("{} IN ({}, {})".format, st.sampled_from(TEXT_FIELDS), _texts, _texts),
    st.builds("registered_area_m2 {} {}".format, st.sampled_from(["<", ">", "=", "<>"]), st.integers(-10, 10**9)),
    st.builds("T_AFTER(surveyed_on, DATE('{}'))".format, _days),
    st.builds("S_INTERSECTS(geom, POINT({} {}))".format, st.floats(-180, 180), st.floats(-90, 90)),
    st.sampled_from(["undetermined = TRUE", "oaza IS NOT NULL", "NOT (map_name IS NULL)"]),
)
_filters = st.recursive(
    _conditions,
    lambda inner: st.builds("({}) {} ({})".format, inner, st.sampled_from(["AND", "OR"]), inner),
    max_leaves=4,
)


def _period(ends: tuple[str, str]) -> str:
    first, last = sorted(ends)
    return f"{first}/{last}"


schemathesis.openapi.format("onomap-crs", st.sampled_from([system.uri for system in offered_systems(6677)]))
schemathesis.openapi.format("onomap-property", st.sampled_from(PARCEL_FIELDS))
schemathesis.openapi.format(
    "onomap-sort", st.sampled_from([sign + name for sign in ("", "+", "-") for name in PARCEL_FIELDS])
)
schemathesis.openapi.format("onomap-moment", _instants)
schemathesis.openapi.format(
    "onomap-datetime", st.one_of(_instants, st.tuples(_days, _days).map(_period), _days.map("../{}".format))
)
schemathesis.openapi.format("onomap-cql2", _filters)
schemathesis.openapi.format("onomap-export-crs", st.sampled_from(["4326", "EPSG:6668", "6677", "CRS84", "3857"]))
schemathesis.openapi.format("onomap-cursor", st.nothing())

PARCELS = ["小野新町字舘廻92-1", "92-1", "谷津作 5番地から12番地", "小野新町字舘廻1\n2"]
_COLLECTIONS = ("collection_id", "collectionId", "names")
_TILES = (("z", "x", "y"), ("tileMatrix", "tileRow", "tileCol"))


@schemathesis.hook
def before_call(context: Any, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """Ask mostly for what there is, else everything ends at an unknown name; for tiles that lie in the world of their zoom.

    What is meant to be wrong stays wrong. The template of a tile's address in a style is filled as a map does it.
    """
    names = case.path_parameters
    if case.meta is not None and not case.meta.generation.mode.is_negative:
        names.update(_known(names) if len(str(names)) % 4 else {})
        case.query.update(_readable(case.query))
        if isinstance(case.body, dict):
            case.body.update(_naming_parcels(case.body))
    for zoom, *places in _TILES:
        for name in (zoom, *places):
            if unquote(str(names.get(name))) == f"{{{name}}}":
                names[name] = 0
        z = _number(names.get(zoom), MAX_ZOOM)
        if z is not None:
            found = {name: _number(names.get(name), 2**MAX_ZOOM - 1) for name in places}
            names.update({name: number % 2**z for name, number in found.items() if number is not None})


def _number(value: Any, most: int) -> int | None:
    """What the description calls a valid number of a tile's address."""
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value
    return number if isinstance(number, int) and 0 <= number <= most else None


def _known(names: dict[str, Any]) -> dict[str, Any]:
    """Names and numbers that the sample town has, for those of a path that are written as such."""
    known: dict[str, Any] = dict.fromkeys(_COLLECTIONS, "cadastral") | {"feature_id": "1", "sheet_id": 1, "load_id": 1}
    known |= {"layer": "elevation", "render": "relief"}
    known |= {"tileMatrixSetId": TILE_MATRIX_SET, "field_id": "RTK-001"}
    # a number may be one that the same run has seen or made
    return {name: known[name] for name, value in names.items() if name in known and not str(value).isdecimal()}


def _readable(query: dict[str, Any]) -> dict[str, Any]:
    """A query with the corners of its box in order, no key of its order twice, its filter in its language."""
    readable = {"bbox": _ordered, "sortby": _once}
    if query.get("filter-lang") == "cql2-json":
        readable["filter"] = _as_json
    return _naming_parcels(query) | {name: readable[name](query[name]) for name in readable if name in query}


def _naming_parcels(asked: dict[str, Any]) -> dict[str, Any]:
    """What is asked, with texts that name something: one of signs alone is told so, which no form of a text can say."""
    return {name: _naming(asked[name]) for name in ("q", "parcel", "parcels") if name in asked}


def _naming(asked: Any) -> Any:
    if isinstance(asked, list):
        return [_naming(text) for text in asked]
    if not isinstance(asked, str) or not asked:
        return asked
    return PARCELS[len(asked) % len(PARCELS)] if len(asked) % 3 == 0 else f"ア{asked[1:]}"


def _as_json(text: Any) -> Any:
    """The filter in the language that the request names."""
    try:
        return orjson.dumps(as_json(from_text(text))).decode()
    except (FilterError, TypeError):
        return text


def _ordered(box: Any) -> Any:
    """Lists come as lists or already joined; what is no box stays what it is."""
    values = box.split(",") if isinstance(box, str) else box
    try:
        numbers = [float(value) for value in values]
    except (TypeError, ValueError):
        return box
    if len(numbers) not in {4, 6}:
        return box
    half = len(numbers) // 2
    pairs = [sorted(pair) for pair in zip(numbers[:half], numbers[half:], strict=True)]
    ordered = [low for low, _ in pairs] + [high for _, high in pairs]
    return ",".join(map(repr, ordered)) if isinstance(box, str) else ordered


def _once(keys: Any) -> Any:
    names = keys.split(",") if isinstance(keys, str) else keys
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return keys
    once = list({name.lstrip("+-"): name for name in names}.values())
    return ",".join(once) if isinstance(keys, str) else once


schemathesis.openapi.media_type(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", st.binary(min_size=1, max_size=200)
)
