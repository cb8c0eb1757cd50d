"""`/open-data`: what is published, under which licence, how fresh, and in which formats; and the standard's tables as CSV."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Query, Request, Response

from api.asked_values import NO_NUL
from api.features.responses import Responses
from api.problems_described import problems_told
from api.public.editions import OpenEdition
from api.public.lists_page import headers, page
from api.public.side import OpenPublished
from api.public.words import spoken
from api.tiles.routes import base_of
from gis.formats.open_data_sheets import Family
from gis.formats.writing.formats import FORMATS
from layers.open_data.dcat import Dataset, Distribution, catalogue
from layers.open_data.freshness import freshness
from layers.open_data.tables import Table, counts, csv_of, table_named, tables_of
from layers.store.definitions import Layer
from layers.store.selection import readable_fields

PART = "facilities"
CSV = "text/csv; charset=utf-8"
JSON_LD = "application/ld+json"
_OFFERED = ("geojson", "gpkg", "csv")
_STANDARDS = {Family.NEW: "自治体標準オープンデータセット", Family.OLD: "推奨データセット（旧版）"}
router = APIRouter(tags=["open data"])
Asked = Annotated[str | None, Query(max_length=40, pattern=NO_NUL)]
_TABLE: Responses = {200: {"description": "標準の列の表", "content": {"text/csv": {}}}, **problems_told(404)}


@router.get("/open-data", response_class=Response)
def open_data(request: Request, edition: OpenPublished, lang: Asked = None) -> Response:
    """The catalogue as a page: each layer with its licence, source, department, freshness and formats."""
    say = spoken(request, PART, lang)
    datasets = _datasets(edition, base_of(request))
    return page(request, edition, say, PART, "open_data.html", datasets=datasets)


@router.get("/open-data.jsonld", response_class=Response, responses={200: {"content": {JSON_LD: {}}}})
def open_data_jsonld(request: Request, edition: OpenPublished) -> Response:
    """The same catalogue as DCAT in JSON-LD."""
    base = base_of(request)
    document = catalogue(edition.town, base, (edition.number, edition.made_at), _datasets(edition, base))
    return Response(orjson.dumps(document), media_type=JSON_LD, headers=headers())


@router.get("/open-data/{name}.csv", response_class=Response, responses=_TABLE)
def open_data_table(edition: OpenPublished, name: str) -> Response:
    """A table in exactly the columns of the standard; `name` is that of the standard's file, with or without the code."""
    table = table_named(edition, name)
    with edition.database.transaction() as connection:
        content = "".join(csv_of(connection, edition, table)).encode()
    disposition = f"attachment; filename=\"{table.file_name(edition.town)}\"; filename*=UTF-8''{_japanese(table)}"
    return Response(content, media_type=CSV, headers=headers() | {"Content-Disposition": disposition})


def _japanese(table: Table) -> str:
    doubt = "" if table.sheet.confirmed else "（列名未確認）"
    old = "（旧）" if table.sheet.family is Family.OLD else ""
    return quote(f"{table.sheet.title}{old}{doubt}.csv", safe="")


def _datasets(edition: OpenEdition, base: str) -> list[Dataset]:
    with edition.database.transaction() as connection:
        rows = counts(connection, edition)
    tables = [table for table in tables_of(edition) if rows.get(table.sheet.name)]
    today = datetime.now(UTC).date()
    return [
        Dataset(
            layer,
            edition.rows.get(name),
            freshness(layer, edition.data_dates.get(name), today),
            (*(_standard(edition, base, table, rows) for table in tables if table.layer == name), *_files(base, layer)),
        )
        for name, layer in edition.catalogue.items()
        if readable_fields(layer)
    ]


def _standard(edition: OpenEdition, base: str, table: Table, rows: dict[str, int]) -> Distribution:
    sheet = table.sheet
    return Distribution(
        title=f"{sheet.title}（{_STANDARDS[sheet.family]}、CSV、{rows[sheet.name]:,}件）",
        address=f"{base}/open-data/{table.file_name(edition.town)}",
        media_type=CSV,
        conforms_to=f"{_STANDARDS[sheet.family]} {sheet.title}" if sheet.confirmed else "",
        note=sheet.note,
    )


def _files(base: str, layer: Layer) -> tuple[Distribution, ...]:
    here = f"{base}/api/collections/{layer.id}"
    made = tuple(
        Distribution(FORMATS[name].title, f"{here}/export?f={name}", FORMATS[name].media_type) for name in _OFFERED
    )
    return (*made, Distribution("OGC API – Features", f"{here}/items", "application/geo+json", is_file=False))
