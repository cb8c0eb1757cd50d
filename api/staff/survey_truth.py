"""The truth sheet over HTTP: a kept field against the registered lines, as a page, a PDF or numbers."""

from typing import Annotated, Any, cast

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.asked_values import NO_NUL, Moment
from api.features.negotiation import negotiated
from api.problems_described import problems_told
from api.staff.context import Calling, WholeStore
from layers.surveys.sheets.render import MEDIA_TYPES, Format, render
from layers.surveys.truth import truth_of

router = APIRouter(prefix="/surveys", tags=["surveys"])
MOST_PARCELS = 50
Named = Annotated[str, Field(min_length=1, max_length=100, pattern=NO_NUL, description="圃場のある筆の地番。例: 92-1")]
BARE_TYPES: dict[str, str] = {str(name): media_type.split(";")[0] for name, media_type in MEDIA_TYPES.items()}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "照合書。JSON は距離・不確かさ・面積・読んだ地図の読込番号のすべて",
        "content": {
            BARE_TYPES["html"]: {"schema": {"type": "string"}},
            BARE_TYPES["pdf"]: {"schema": {"type": "string", "format": "binary"}},
            BARE_TYPES["json"]: {"schema": {"type": "object"}},
        },
    },
    **problems_told(403, 404, 406, 409, 422, 503),
}


@router.get("/fields/{field_id}/truth", response_class=Response, responses=ANSWERS)
def truth(
    store: WholeStore,
    caller: Calling,
    request: Request,
    field_id: str,
    f: Annotated[Format | None, Query(description="形式。なければ Accept による")] = None,
    as_of: Moment | None = None,
    parcel: Annotated[list[Named] | None, Query(max_length=MOST_PARCELS)] = None,
) -> Response:
    """Is the ridge over the line: distances of every corner to the registered lines with their uncertainty, and areas.

    `parcel` names the 地番 on which the field lies; without it the field's shape tells. Nothing in it fixes a boundary. A
    farmer gets it for own fields, as of now; staff for every field and any day.
    """
    wanted = cast(Format, negotiated(request, f, BARE_TYPES))
    content = render(truth_of(store, caller, field_id, as_of, parcel or ()), wanted)
    # the name of the file is ours: a field's own may hold any letter
    headers = {"Content-Disposition": 'attachment; filename="onomap-field-truth.pdf"'} if wanted == "pdf" else {}
    headers |= {"Vary": "Accept", "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA_TYPES[wanted], headers=headers)
