"""The query parameters of each resource, as OpenAPI tells them and as they are taken from an address.

They are told here rather than by the framework, because OGC 17-069r4 wants lists in one value (`explode: false`), a 400 for
an unknown parameter, and no 422.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from api.errors import QueryError
from api.side import side_of
from gis.filters.literals import MAX_COORDINATE
from layers.store.features.ordering import MAX_KEYS

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
MAX_VALUE = 100_000

Schema = dict[str, Any]


@dataclass(frozen=True)
class Parameter:
    """One query parameter: its name, its JSON Schema, what it does."""

    name: str
    schema: Schema
    description: str

    def as_openapi(self) -> Schema:
        """The parameter object of OpenAPI 3.1."""
        return {
            "name": self.name,
            "in": "query",
            "required": False,
            "description": self.description,
            "style": "form",
            "explode": False,
            "schema": self.schema,
        }


@dataclass(frozen=True)
class Query:
    """The query of one request: only parameters that the resource has, each once."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str | None:
        """The value of a parameter; None when it was not given."""
        return self.values.get(name)


def _text(**schema: Any) -> Schema:
    return {"type": "string", **schema}


def _form(*names: str) -> Parameter:
    return Parameter("f", _text(enum=list(names)), "返す形式。省くと Accept ヘッダで決まる")


_ONE = (
    Parameter(
        "crs",
        _text(format="onomap-crs"),
        "出力の座標系の URI。コレクションの crs にあるもの。省くと CRS84（経度・緯度）",
    ),
    Parameter(
        "properties",
        {"type": "array", "items": _text(format="onomap-property")},
        "返す項目の名前。省くとすべて。空なら項目なし",
    ),
    Parameter(
        "as_of",
        _text(format="onomap-moment"),
        "その時点の内容を返す。日付（その日の0時、日本時間）か RFC 3339 の日時",
    ),
)
DOCUMENT_PARAMETERS = (_form("json", "html"),)
ITEM_PARAMETERS = (_form("json", "jsonfg", "html"), *_ONE)
ITEMS_ONLY = (
    Parameter(
        "limit",
        {"type": "integer", "minimum": 1, "default": DEFAULT_LIMIT},
        f"一度に返す数。{MAX_LIMIT:,} を超える値は {MAX_LIMIT:,} とみなす（続きは next のリンクから）。"
        "ファイルの形式（csv・gpkg など）では、省くと条件に合う全部",
    ),
    Parameter(
        "bbox",
        {
            "type": "array",
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
            "items": {"type": "number", "minimum": -MAX_COORDINATE, "maximum": MAX_COORDINATE},
        },
        "範囲。bbox-crs の軸の順に、小さい角と大きい角（数4つ。高さを入れた6つも読むが、高さは使わない）",
    ),
    Parameter("bbox-crs", _text(format="onomap-crs"), "bbox の座標系の URI。省くと CRS84"),
    Parameter(
        "datetime",
        _text(format="onomap-datetime"),
        "行が今の内容になってからの期間と重なる日時か期間（RFC 3339。開いた端は ..）",
    ),
    Parameter("filter", _text(format="onomap-cql2"), "CQL2 の条件。使える名前は queryables にある"),
    Parameter("filter-lang", _text(enum=["cql2-text", "cql2-json"], default="cql2-text"), "filter の書き方"),
    Parameter("filter-crs", _text(format="onomap-crs"), "filter の中の座標の座標系の URI。省くと CRS84"),
    Parameter(
        "sortby",
        {"type": "array", "maxItems": MAX_KEYS, "uniqueItems": True, "items": _text(format="onomap-sort")},
        "並べる項目の名前。前に - を付けると大きい順。値のない行は最後",
    ),
    Parameter(
        "count", _text(enum=["exact"]), "条件に合う数を数えきって numberMatched に入れる。省くと大きな層では見積り"
    ),
    Parameter("cursor", _text(format="onomap-cursor"), "続きの位置。next と prev のリンクが持つ"),
)


def items_parameters(forms: tuple[str, ...]) -> tuple[Parameter, ...]:
    """The parameters of a collection's features, which come in these forms."""
    return (_form(*forms), *ITEMS_ONLY, *_ONE)


def read_query(request: Request, parameters: tuple[Parameter, ...], also: frozenset[str] = frozenset()) -> Query:
    """The query of a request; `also` are names that it may have beside the parameters.

    Raises QueryError for a parameter that the resource does not have (17-069r4, query-param-unknown), that comes twice or
    is endless.
    """
    hidden = side_of(request).hidden
    known = [parameter.name for parameter in parameters if parameter.name not in hidden]
    values: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known and name not in also:
            raise QueryError(f"パラメータ「{name[:60]}」はありません。使えるのは {'・'.join(known)} です。")
        if name in values:
            raise QueryError(f"パラメータ「{name}」が二度あります。")
        if len(value) > MAX_VALUE:
            raise QueryError(f"パラメータ「{name}」が長すぎます。")
        values[name] = value
    return Query(values)


def openapi_parameters(parameters: tuple[Parameter, ...]) -> Schema:
    """What a route adds to its operation in OpenAPI."""
    return {"parameters": [parameter.as_openapi() for parameter in parameters]}
