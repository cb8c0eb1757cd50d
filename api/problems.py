"""Errors over HTTP: RFC 9457 problem+json, one table from our errors to statuses, one sentence for the reader."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gis.errors import OnomapError, ParcelNumberError
from layers.inquiries.errors import InquiryTooLargeError, UnknownAnswerError, UnknownParcelError
from layers.store.errors import StoreUnavailableError, UnknownLayerError
from layers.store.rasters import NoRasterError, RasterFileError
from layers.store.tiles import TileAddressError

STATUSES: Mapping[type[OnomapError], int] = {
    UnknownLayerError: 404,
    UnknownAnswerError: 404,
    UnknownParcelError: 404,
    NoRasterError: 404,
    RasterFileError: 500,
    TileAddressError: 400,
    ParcelNumberError: 400,
    InquiryTooLargeError: 413,
    StoreUnavailableError: 503,
}
TITLES: Mapping[int, str] = {
    400: "入力に誤りがあります",
    404: "見つかりません",
    405: "この操作はできません",
    413: "一度に扱える量を超えています",
    422: "入力に誤りがあります",
    503: "データベースに接続できません",
}


def problem(status: int, detail: str) -> JSONResponse:
    """A problem+json response; `detail` is one Japanese sentence that says what to do."""
    body = {
        "type": "about:blank",
        "title": TITLES.get(status, "処理できませんでした"),
        "status": status,
        "detail": detail,
    }
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def status_of(error: OnomapError) -> int:
    """The HTTP status of one of our errors: its own, or that of its nearest ancestor in the table, else 400."""
    for kind in type(error).__mro__:
        if kind in STATUSES:
            return STATUSES[kind]
    return 400


async def _ours(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OnomapError)  # noqa: S101 - registered for this class only
    return problem(status_of(error), str(error))


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    sentences = {404: "このアドレスには何もありません。", 405: "この方法では呼び出せません。"}
    return problem(error.status_code, sentences.get(error.status_code, str(error.detail)))


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    first = error.errors()[0]
    place = "・".join(str(part) for part in first["loc"][1:]) or "本文"
    return problem(422, f"{place} の値を確認してください（{first['msg']}）。")


async def _unforeseen(_: Request, __: Exception) -> JSONResponse:
    return problem(500, "内部エラーが起きました。記録を残したので、管理者に時刻を伝えてください。")


def install(app: FastAPI) -> None:
    """Answer every error of the application as problem+json."""
    app.add_exception_handler(OnomapError, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)
