"""Features as files: all that match, unless a `limit` is given, streamed as the exports of whole layers are."""

from collections.abc import Callable
from dataclasses import replace

from fastapi import Request, Response

from api.staff.context import allowed_part
from api.staff.exports import export_response
from api.staff.features.reading import ItemsRequest
from layers.store.features.pages import from_cursor
from layers.store.instance import Store
from layers.store.rights.caller import Verb


def file_items(format_name: str) -> Callable[[Store, Request, ItemsRequest], Response]:
    """What writes features in one of the export's formats. It raises what `export_response` does."""

    def write(store: Store, request: Request, asked: ItemsRequest) -> Response:
        part = allowed_part(store, request.state.caller, Verb.EXPORT, asked.layer)
        rows = from_cursor(asked.selection, asked.wish)
        fields = tuple(field for field in rows.fields if field in part.fields)
        chosen = replace(rows, fields=fields, most=asked.wish.limit if asked.limit_given else None)
        return export_response(store, chosen, format_name, asked.crs.epsg if asked.crs_given else None)

    return write
