"""A QR code of an address of this server, for paper and for the next phone; of no other address."""

from io import BytesIO
from typing import Annotated
from urllib.parse import urlsplit

import segno
from fastapi import APIRouter, Query, Request, Response

from api.asked_values import NO_NUL
from api.errors import QueryError
from api.tiles.routes import base_of

router = APIRouter(tags=["map"])
MOST_LETTERS = 1_200
"""More would make a code too fine for the camera of an old phone."""


@router.get("/qr.svg", response_class=Response, responses={200: {"content": {"image/svg+xml": {}}}})
def qr(request: Request, to: Annotated[str, Query(min_length=1, max_length=MOST_LETTERS, pattern=NO_NUL)]) -> Response:
    """The code of an own address: what stands after the server's name, or the whole of it."""
    picture = BytesIO()
    code = segno.make(_own(request, to), error="m", micro=False)
    code.save(picture, kind="svg", scale=4, border=4, dark="#000000", light="#ffffff", xmldecl=False, svgclass=None)
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(picture.getvalue(), media_type="image/svg+xml", headers=headers)


def _own(request: Request, to: str) -> str:
    """The full address. Raises QueryError for one of another server."""
    base = base_of(request)
    rest = to.removeprefix(base)
    parts = urlsplit(rest)
    if parts.scheme or parts.netloc or rest[:1] not in ("/", "?", "#") or "\\" in rest:
        raise QueryError("QRコードは、この地図のアドレスだけから作れます。「/」で始まるアドレスを指定してください。")
    return base + (rest if rest.startswith("/") else f"/{rest}")
