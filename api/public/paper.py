"""Sheets of paper for the public: each costs a second of a processor, so few are set at once and each counts as a file."""

from collections.abc import Callable
from threading import BoundedSemaphore

from fastapi import Request, Response

from api.problems import problem
from api.public.lists_page import count_file, headers

PDF = "application/pdf"
MOST_AT_ONCE = 2
"""Sheets of one process that are set at the same time."""
BUSY = "いま PDF の作成が込み合っています。少し待ってから、もう一度お試しください。"
_slots = BoundedSemaphore(MOST_AT_ONCE)


def sheet_response(request: Request, name: str, make: Callable[[], bytes]) -> Response:
    """The sheet that `make` sets, or that others are being set. Raises TooManyRequestsError."""
    count_file(request)
    if not _slots.acquire(blocking=False):
        return problem(503, BUSY, headers={"Retry-After": "3"})
    try:
        content = make()
    finally:
        _slots.release()
    disposition = {"Content-Disposition": f'inline; filename="onomap-{name}.pdf"'}
    return Response(content, media_type=PDF, headers=headers() | disposition)
