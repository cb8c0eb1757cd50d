"""The query parameters of each resource, as OpenAPI tells them; their values are read in `reading`."""

from typing import Annotated, Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from api.errors import QueryError

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
MAX_VALUE = 100_000


def _text(**schema: Any) -> Any:
    return WithJsonSchema({"type": "string", **schema})


class DocumentQuery(BaseModel):
    """Parameters of a document."""

    model_config = ConfigDict(extra="allow")

    f: Annotated[
        str | None,
        _text(enum=["json", "html"]),
        Field(description="返す形式。省くと Accept ヘッダで決まる"),
    ] = None


class ItemQuery(DocumentQuery):
    """Parameters of one feature."""

    f: Annotated[
        str | None,
        _text(enum=["json", "jsonfg", "html"]),
        Field(description="返す形式。省くと Accept ヘッダで決まる"),
    ] = None
    crs: Annotated[
        str | None,
        _text(format="onomap-crs"),
        Field(description="出力の座標系の URI。コレクションの crs にあるもの。省くと CRS84（経度・緯度）"),
    ] = None
    properties: Annotated[
        str | None,
        _text(format="onomap-properties"),
        Field(description="返す項目の名前をコンマで並べる。省くとすべて。空なら項目なし"),
    ] = None
    as_of: Annotated[
        str | None,
        _text(format="onomap-moment"),
        Field(description="その時点の内容を返す。日付（その日の0時、日本時間）か RFC 3339 の日時"),
    ] = None


class ItemsQuery(ItemQuery):
    """Parameters of the features of a collection."""

    limit: Annotated[
        str | None,
        WithJsonSchema({"type": "integer", "minimum": 1, "default": DEFAULT_LIMIT}),
        Field(description=f"一度に返す数。{MAX_LIMIT:,} を超える値は {MAX_LIMIT:,} とみなす（続きは next から）"),
    ] = None
    bbox: Annotated[
        str | None,
        _text(format="onomap-bbox"),
        Field(description="範囲。bbox-crs の軸の順に、小さい角と大きい角（数4つか6つ、コンマ区切り）"),
    ] = None
    bbox_crs: Annotated[
        str | None,
        _text(format="onomap-crs"),
        Field(alias="bbox-crs", description="bbox の座標系の URI。省くと CRS84"),
    ] = None
    datetime: Annotated[
        str | None,
        _text(format="onomap-datetime"),
        Field(
            description="行が今の内容になった日時からの期間と重なる日時か期間（RFC 3339。開いた端は ..）。"
            "過去の内容そのものは as_of で読む"
        ),
    ] = None
    filter: Annotated[
        str | None, _text(format="onomap-cql2"), Field(description="CQL2 の条件。使える名前は queryables にある")
    ] = None
    filter_lang: Annotated[
        str | None,
        _text(enum=["cql2-text", "cql2-json"], default="cql2-text"),
        Field(alias="filter-lang", description="filter の書き方"),
    ] = None
    filter_crs: Annotated[
        str | None,
        _text(format="onomap-crs"),
        Field(alias="filter-crs", description="filter の中の座標の座標系の URI。省くと CRS84"),
    ] = None
    sortby: Annotated[
        str | None,
        _text(format="onomap-sortby"),
        Field(description="並べる項目の名前をコンマで並べる。前に - を付けると大きい順。値のない行は最後"),
    ] = None
    count: Annotated[
        str | None,
        _text(enum=["exact"]),
        Field(description="exact で、条件に合う数を数えきって numberMatched に入れる。省くと大きな層では見積り"),
    ] = None
    cursor: Annotated[
        str | None, _text(format="onomap-cursor"), Field(description="続きの位置。next と prev のリンクが持つ")
    ] = None


def checked(request: Request, query: DocumentQuery, also: frozenset[str] = frozenset()) -> None:
    """Raises QueryError for a parameter that the resource does not have, that comes twice or is endless.

    OGC 17-069r4, requirements query-param-unknown and query-param-invalid. `also` are names that may come as well.
    """
    known = {field.alias or name for name, field in type(query).model_fields.items()} | also
    seen: set[str] = set()
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise QueryError(
                f"パラメータ「{name[:60]}」はありません。使えるのは {'・'.join(sorted(known - also))} です。"
            )
        if name in seen:
            raise QueryError(f"パラメータ「{name}」が二度あります。")
        if len(value) > MAX_VALUE:
            raise QueryError(f"パラメータ「{name}」が長すぎます。")
        seen.add(name)
