"""Layers as files of open formats."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import JsonValue

from api.problems_described import problems_told
from api.staff.asked_values import Moment
from api.staff.context import Calling, OpenStore, allowed_part
from api.staff.features.reading import collection_layer
from gis.formats.writing.formats import FORMATS, format_named
from layers.store.instance import Store
from layers.store.rights.caller import Verb
from layers.store.selection import Selection, readable_fields

router = APIRouter(tags=["exports"])

NOT_COMPRESSED = tuple(item.media_type for item in FORMATS.values() if item.write is not None)
"""Containers go out as they are and with their length: packing 70 MB again would take longer than making them."""
CRS: dict[str, JsonValue] = {"maxLength": 200, "format": "onomap-export-crs"}
CONTENT: dict[str, dict[str, object]] = {item.media_type.split(";")[0]: {} for item in FORMATS.values()}


def export_response(store: Store, selection: Selection, format_name: str, crs: str | int | None = None) -> Response:
    """The selected rows in that format, as an answer that does its work when it is sent.

    `crs` is an EPSG code, a CRS as a caller writes it, 4326 for CRS84, or None for the format's usual one. Raises
    UnknownFormatError, UnwritableError or CrsError at once; what goes wrong later is a problem+json too while nothing was
    sent, and afterwards an answer that breaks off: no last chunk, no closing bracket. 503 with Retry-After when too many
    exports run.
    """
    wanted = format_named(format_name)
    from api.staff.export_sending import ExportResponse
    from layers.store.export import plan, srid_named

    return ExportResponse(store, plan(store, selection, wanted, srid_named(crs) if isinstance(crs, str) else crs))


@router.get(
    "/api/collections/{layer}/export",
    response_class=Response,
    responses={200: {"content": CONTENT}, **problems_told(507)},
)
def export_layer(
    store: OpenStore,
    caller: Calling,
    layer: str,
    f: Annotated[str, Query(max_length=40, json_schema_extra={"enum": [*FORMATS]}, description="形式")],
    crs: Annotated[str | None, Query(json_schema_extra=CRS, description="EPSG の番号、URI または CRS84")] = None,
    as_of: Annotated[Moment | None, Query(description="この時点の内容")] = None,
) -> Response:
    """A whole layer as a file."""
    wanted = allowed_part(store, caller, Verb.EXPORT, collection_layer(store, layer))
    return export_response(store, Selection(wanted, readable_fields(wanted), as_of=as_of), f, crs)
