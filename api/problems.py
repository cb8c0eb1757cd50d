"""Errors over HTTP: RFC 9457 problem+json, one table from our errors to statuses, one sentence for the reader."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.bodies import BodyTooLargeError, MediaTypeError
from api.errors import NotAcceptableError, TooManyPagesError, TooManyRequestsError, UnknownNoticeError
from api.origins import ForeignOriginError
from gis.errors import MissingFontError, OnomapError, ParcelNumberError, UnprintableCharacterError
from gis.formats.open_data_sheets import UnknownTableError
from gis.formats.writing.errors import FailedWriteError
from layers.accounts.errors import (
    DirectoryError,
    LinkError,
    LockedOutError,
    PersonExistsError,
    SignInError,
    UnknownPersonError,
    WeakPasswordError,
)
from layers.inquiries.errors import (
    InquiryTooLargeError,
    UnknownAnswerError,
    UnknownParcelError,
)
from layers.ledgers.errors import LedgerRequestError, PurposeError
from layers.publication.errors import (
    BundleRefusedError,
    InboxError,
    KeyFileError,
    NotNewerError,
    NotPublishableError,
    PublicSideError,
    UnknownEditionError,
    UnknownPublicationError,
    WrongStateError,
)
from layers.situation.errors import NothingBeforeError, SituationRefusedError, UnknownEntryError
from layers.store.errors import (
    EditConflictError,
    EditRefusedError,
    FeatureGoneError,
    ForbiddenError,
    LayerBusyError,
    NotEditableError,
    RightsChangedError,
    StoreUnavailableError,
    UnconditionalEditError,
    UnknownLayerError,
)
from layers.store.features.errors import UnknownFeatureError
from layers.store.load_register import UnknownLoadError
from layers.store.raster_tiles import RenderError
from layers.store.rasters import NoRasterError, NotRasterError, RasterFileError
from layers.store.selection import version_tag
from layers.store.tiles.address import TileAddressError
from layers.store.unplaced_sheets import UnknownSheetError
from layers.surveys.crop_errors import BaseStationError, CropError, UnknownStationError
from layers.surveys.errors import (
    SurveyBoundaryRefusedError,
    SurveyRefusedError,
    TooMuchGroundError,
    UnknownFieldError,
    UnknownGroundError,
    UnknownSurveyError,
)

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
STATUSES: Mapping[type[OnomapError], int] = {
    UnknownLayerError: 404,
    UnknownFeatureError: 404,
    NotAcceptableError: 406,
    UnknownAnswerError: 404,
    UnknownParcelError: 404,
    NoRasterError: 404,
    NotRasterError: 404,
    RenderError: 404,
    UnknownLoadError: 404,
    UnknownSheetError: 404,
    UnknownTableError: 404,
    RasterFileError: 500,
    TileAddressError: 400,
    ParcelNumberError: 400,
    InquiryTooLargeError: 413,
    UnprintableCharacterError: 422,
    MissingFontError: 503,
    StoreUnavailableError: 503,
    ForeignOriginError: 403,
    ForbiddenError: 403,
    PurposeError: 400,
    LedgerRequestError: 400,
    RightsChangedError: 503,
    SignInError: 401,
    LockedOutError: 429,
    WeakPasswordError: 422,
    UnknownPersonError: 404,
    PersonExistsError: 409,
    LinkError: 410,
    DirectoryError: 503,
    FeatureGoneError: 404,
    NotEditableError: 405,
    LayerBusyError: 409,
    EditConflictError: 412,
    BodyTooLargeError: 413,
    MediaTypeError: 415,
    EditRefusedError: 422,
    UnconditionalEditError: 428,
    TooManyRequestsError: 429,
    TooManyPagesError: 503,
    FailedWriteError: 507,
    UnknownPublicationError: 404,
    UnknownEditionError: 404,
    WrongStateError: 409,
    NotPublishableError: 422,
    BundleRefusedError: 422,
    InboxError: 422,
    KeyFileError: 503,
    PublicSideError: 503,
    NotNewerError: 409,
    SituationRefusedError: 422,
    UnknownEntryError: 404,
    NothingBeforeError: 409,
    UnknownNoticeError: 404,
    TooMuchGroundError: 413,
    UnknownSurveyError: 404,
    UnknownFieldError: 404,
    UnknownGroundError: 404,
    SurveyRefusedError: 422,
    CropError: 422,
    BaseStationError: 422,
    UnknownStationError: 404,
}
MOST_ERRORS = 100
"""Broken rules of one feature that are listed; the sentence says how many there are."""
TITLES: Mapping[int, str] = {
    400: "入力に誤りがあります",
    401: "ログインが必要です",
    403: "許されていません",
    410: "もう使えません",
    429: "しばらくお待ちください",
    404: "見つかりません",
    405: "この操作はできません",
    406: "その形式では返せません",
    409: "ほかの作業が進んでいます",
    412: "ほかの人が先に変更しました",
    413: "一度に扱える量を超えています",
    416: "ファイルの外の範囲です",
    415: "受け取れない種類のデータです",
    422: "入力に誤りがあります",
    408: "時間切れです",
    428: "もとにした版が必要です",
    414: "アドレスが長すぎます",
    431: "リクエストが長すぎます",
    500: "内部エラーが起きました",
    503: "いまは応じられません",
    507: "ファイルを書き出せません",
}


REASONS: Mapping[str, str] = {
    "missing": "必要です",
    "string_too_short": "{min_length} 文字以上で書いてください",
    "string_too_long": "{max_length} 文字までです",
    "string_pattern_mismatch": "使えない文字があります",
    "int_parsing": "整数で書いてください",
    "int_type": "整数で書いてください",
    "float_parsing": "数で書いてください",
    "finite_number": "数で書いてください",
    "bool_parsing": "true か false にしてください",
    "less_than_equal": "{le} 以下にしてください",
    "greater_than_equal": "{ge} 以上にしてください",
    "enum": "{expected} のどれかにしてください",
    "literal_error": "{expected} のどれかにしてください",
    "too_long": "{max_length} 個までです",
    "too_short": "{min_length} 個以上必要です",
    "string_type": "文字列で書いてください",
    "json_invalid": "JSON として読めません",
    "value_error": "{error}",
    "union_tag_invalid": "使えない種類です",
}
"""What is wrong with a value, by the name that pydantic has for it."""


def problem(
    status: int, detail: str, members: Mapping[str, object] | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """A problem+json response; `detail` is one Japanese sentence that says what to do, `members` are further ones."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": TITLES.get(status, "処理できませんでした"),
        "status": status,
        "detail": detail,
        **(members or {}),
    }
    return JSONResponse(body, status_code=status, media_type="application/problem+json", headers=headers)


def status_of(error: OnomapError) -> int:
    """The HTTP status of one of our errors: its own, or that of its nearest ancestor in the table, else 400."""
    for kind in type(error).__mro__:
        if kind in STATUSES:
            return STATUSES[kind]
    return 400


def answer_to(error: OnomapError) -> JSONResponse:
    """The answer that tells one of our errors."""
    return problem(status_of(error), str(error), _members(error), _headers(error))


async def _ours(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OnomapError)  # noqa: S101 - registered for this class only
    return answer_to(error)


def _members(error: OnomapError) -> dict[str, object]:
    """The broken rules of a feature, for a form that marks its fields; why a survey makes no boundary, with its picture."""
    if isinstance(error, SurveyBoundaryRefusedError):
        return {"reason": error.reason, "picture": error.picture}
    if not isinstance(error, EditRefusedError):
        return {}
    return {"errors": [{"name": fault.name, "reason": fault.reason} for fault in error.faults[:MOST_ERRORS]]}


def _headers(error: OnomapError) -> dict[str, str]:
    """What the sender needs to go on: the version that stands, how long to wait, or what can be done instead."""
    if isinstance(error, EditConflictError):
        return {"ETag": version_tag(error.version)}
    if isinstance(error, LayerBusyError):
        return {"Retry-After": "60"}
    if isinstance(error, TooManyRequestsError):
        return {"Retry-After": str(error.retry_after_s)}
    return {"Allow": "GET, HEAD, OPTIONS"} if isinstance(error, NotEditableError) else {}


def allowed(request: Request) -> list[str]:
    """The methods that the address of a request has, whichever routes they are spread over."""
    routes = request.app.router.routes
    return [
        method
        for method in METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    sentences = {
        400: "本文を読めません。JSON の書き方を確かめてください。",
        404: "このアドレスには何もありません。",
        405: "この方法では呼び出せません。",
    }
    response = problem(error.status_code, sentences.get(error.status_code, str(error.detail)))
    response.headers.update(error.headers or {})
    if error.status_code == 405:
        response.headers["Allow"] = ", ".join(allowed(request))
    return response


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    first = error.errors()[0]
    place = "・".join(str(part) for part in first["loc"][1:]) or "本文"
    reason = REASONS.get(first["type"], first["msg"]).format(**first.get("ctx", {}))
    return problem(422, f"{place} の値を確認してください（{reason}）。")


async def _unforeseen(_: Request, __: Exception) -> JSONResponse:
    return problem(500, "内部エラーが起きました。記録を残したので、管理者に時刻を伝えてください。")


def install(app: FastAPI) -> None:
    """Answer every error of the application as problem+json."""
    app.add_exception_handler(OnomapError, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)
