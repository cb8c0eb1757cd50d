"""照会: asked over HTTP, answered as JSON, HTML, PDF or XLSX, issued under a number that stays."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.asked_values import NO_NUL, PARCELS, Moment
from api.problems_described import problems_told
from api.staff.context import OpenStore, require_parcels
from layers.inquiries.archive import issue, recall, recent
from layers.inquiries.inquire import InquiryRequest, inquire
from layers.inquiries.model import Answer
from layers.inquiries.render import MEDIA_TYPES, Format, render
from layers.store.instance import Store

router = APIRouter(tags=["inquiries"], dependencies=[Depends(require_parcels)])


Asked = Annotated[str, Field(min_length=1, max_length=300, pattern=NO_NUL, json_schema_extra=PARCELS)]
MOST_IN_ADDRESS = 500
"""Parcels in an address, of which a server reads 64 KB; a longer list is posted."""
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {media_type.split(";")[0]: {} for media_type in MEDIA_TYPES.values()}},
    **problems_told(404, 413),
}


class Inquiry(BaseModel):
    """What is asked; `issue` keeps the answer under a number of its own."""

    parcels: list[Asked] = Field(max_length=20_000, json_schema_extra={"minItems": 1})
    asker: str = Field("", max_length=200, pattern=NO_NUL)
    purpose: str = Field("", max_length=500, pattern=NO_NUL)
    as_of: Moment | None = None
    issue: bool = False


def permalink(request: Request, answer: Answer) -> str:
    """The address under which an issued answer stays; of a draft, which is not kept, that of the map."""
    base = str(request.base_url).rstrip("/")
    if answer.id is not None:
        return f"{base}/inquiries/{answer.id}"
    return f"{base}/"


def _respond(store: Store, request: Request, answer: Answer, wanted: Format) -> Response:
    link = permalink(request, answer)
    name = answer.id or "preview"
    is_file = wanted in ("pdf", "xlsx")
    headers = {"Content-Disposition": f'attachment; filename="onomap-{name}.{wanted}"'} if is_file else {}
    return Response(render(store, answer, wanted, link), media_type=MEDIA_TYPES[wanted], headers=headers)


@router.post("/inquiries", responses=problems_told(404, 413))
def ask(store: OpenStore, request: Request, inquiry: Inquiry) -> Response:
    """Answer every theme for the parcels; with `issue` the answer gets a number and is kept."""
    asked = InquiryRequest(tuple(inquiry.parcels), inquiry.asker, inquiry.purpose, inquiry.as_of)
    answer = inquire(store, asked)
    return _respond(store, request, issue(store, answer) if inquiry.issue else answer, "json")


@router.get("/inquiries", response_class=Response, responses=ANSWERS)
def ask_by_address(
    store: OpenStore,
    request: Request,
    parcel: Annotated[list[Asked] | None, Query(max_length=MOST_IN_ADDRESS)] = None,
    format: Annotated[Literal["json", "html", "pdf", "xlsx"], Query()] = "json",  # noqa: A002 - the contract's name
    as_of: Moment | None = None,
) -> Response:
    """The same by address, not issued; without a parcel, the latest issued answers."""
    if parcel is None:
        return JSONResponse({"issued": recent(store)})
    return _respond(store, request, inquire(store, InquiryRequest(tuple(parcel), as_of=as_of)), format)


@router.get("/inquiries/{answer_id}", response_class=Response, responses=ANSWERS)
def issued(
    store: OpenStore,
    request: Request,
    answer_id: str,
    format: Annotated[Literal["json", "html", "pdf", "xlsx"] | None, Query()] = None,  # noqa: A002 - the contract's name
) -> Response:
    """An issued answer as it was; a browser gets the sheet, a program the JSON, unless `format` says otherwise."""
    wants_page = "text/html" in request.headers.get("accept", "")
    return _respond(store, request, recall(store, answer_id), format or ("html" if wants_page else "json"))
