"""Features as files: all that match, unless a `limit` is given, streamed as the exports of whole layers are."""

from collections.abc import Callable
from dataclasses import replace

from fastapi import Request, Response

from api.exports import export_response
from api.features.reading import ItemsRequest
from api.side import side_of
from layers.store.features.pages import from_cursor
from layers.store.readable import Readable


def file_items(format_name: str) -> Callable[[Readable, Request, ItemsRequest], Response]:
    """What writes features in one of the export's formats. It raises what `export_response` does."""

    def write(store: Readable, request: Request, asked: ItemsRequest) -> Response:
        part = side_of(request).file_part(request, store, asked.layer)
        rows = from_cursor(asked.selection, asked.wish)
        fields = tuple(field for field in rows.fields if field in part.fields)
        chosen = replace(rows, fields=fields, most=asked.wish.limit if asked.limit_given else None)
        return export_response(store, request, chosen, format_name, asked.crs.epsg if asked.crs_given else None)

    return write
