"""Layers as files of open formats."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import JsonValue

from api.asked_values import Moment
from api.errors import QueryError
from api.features.reading import collection_layer
from api.problems_described import problems_told
from api.side import OpenLayers, side_of
from gis.formats.writing.formats import FORMATS, format_named
from layers.store.readable import Readable
from layers.store.selection import Selection, readable_fields

router = APIRouter(tags=["exports"])

NOT_COMPRESSED = tuple(item.media_type for item in FORMATS.values() if item.write is not None)
"""Containers go out as they are and with their length: packing 70 MB again would take longer than making them."""
CRS: dict[str, JsonValue] = {"maxLength": 200, "format": "onomap-export-crs"}
CONTENT: dict[str, dict[str, object]] = {item.media_type.split(";")[0]: {} for item in FORMATS.values()}


def export_response(
    store: Readable, request: Request, selection: Selection, format_name: str, crs: str | int | None = None
) -> Response:
    """The selected rows in that format, as an answer that does its work when it is sent.

    `crs` is an EPSG code, a CRS as a caller writes it, 4326 for CRS84, or None for the format's usual one. Raises
    UnknownFormatError, UnwritableError or CrsError at once; what goes wrong later is a problem+json too while nothing was
    sent, and afterwards an answer that breaks off: no last chunk, no closing bracket. 503 with Retry-After when too many
    exports run.
    """
    wanted = format_named(format_name)
    from api.export_sending import ExportResponse
    from layers.store.export import plan, srid_named

    planned = plan(store, selection, wanted, srid_named(crs) if isinstance(crs, str) else crs)
    return ExportResponse(store, replace(planned, most_rows=side_of(request).most_file_rows))


def _moment(
    request: Request, as_of: Annotated[Moment | None, Query(description="この時点の内容")] = None
) -> datetime | None:
    if as_of is not None and "as_of" in side_of(request).hidden:
        raise QueryError("パラメータ「as_of」はありません。")
    return as_of


@router.get(
    "/api/collections/{layer}/export",
    response_class=Response,
    responses={200: {"content": CONTENT}, **problems_told(507)},
)
def export_layer(
    store: OpenLayers,
    request: Request,
    layer: str,
    f: Annotated[str, Query(max_length=40, json_schema_extra={"enum": [*FORMATS]}, description="形式")],
    crs: Annotated[str | None, Query(json_schema_extra=CRS, description="EPSG の番号、URI または CRS84")] = None,
    as_of: Annotated[datetime | None, Depends(_moment)] = None,
) -> Response:
    """A whole layer as a file."""
    wanted = side_of(request).file_part(request, store, collection_layer(store, layer))
    return export_response(store, request, Selection(wanted, readable_fields(wanted), as_of=as_of), f, crs)
