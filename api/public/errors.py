"""What an error tells the public: what the asker can do, and of our own trouble only that there is some."""

from logging import getLogger

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from api.problems import answer_to, problem, status_of
from gis.errors import OnomapError

log = getLogger(__name__)
_SENTENCES = {
    500: "内部エラーが起きました。しばらくしてから、もう一度お試しください。",
    503: "いまは込み合っているか、準備中です。少し待ってから、もう一度お試しください。",
    507: "ファイルを書き出せませんでした。しばらくしてから、もう一度お試しください。",
}


async def _told(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OnomapError)  # noqa: S101 - registered for this class only
    status = status_of(error)
    if status < 500:
        return answer_to(error)
    log.warning("%s", error)
    return problem(status, _SENTENCES.get(status, _SENTENCES[500]), headers={"Retry-After": "5"})


async def _unforeseen(_: Request, __: Exception) -> JSONResponse:
    return problem(500, _SENTENCES[500])


def install(app: FastAPI) -> None:
    """Answer the errors of the server itself without naming what is behind it."""
    app.add_exception_handler(OnomapError, _told)
    app.add_exception_handler(Exception, _unforeseen)
