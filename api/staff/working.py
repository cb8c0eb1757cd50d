"""A long step whose progress is told while it runs, and which runs to its end though nobody listens any more."""

import logging
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue

from api.problems import status_of
from gis.errors import OnomapError

PROGRESS = "application/x-ndjson"
Tell = Callable[[str, float], None]
Work = Callable[[Tell], dict[str, object]]
_log = logging.getLogger(__name__)


def begun(work: Work) -> Iterator[dict[str, object]]:
    """The step's lines: what it does and the share done, last its result or the problem that ended it.

    What goes wrong before the first word of progress (a right that is missing, a wrong state) is raised here, so that it
    is answered with its own status.
    """
    heard: SimpleQueue[dict[str, object] | BaseException] = SimpleQueue()

    def run() -> None:
        try:
            result = work(lambda what, share: heard.put({"what": what, "share": round(share, 3)}))
        except OnomapError as error:
            heard.put(error)
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            _log.exception("a long step failed")
            heard.put(error)
        else:
            heard.put({"result": result})

    threading.Thread(target=run, name="onomap-step").start()
    first = heard.get()
    if isinstance(first, BaseException):
        raise first
    return _lines(first, heard)


def _lines(
    first: dict[str, object], heard: "SimpleQueue[dict[str, object] | BaseException]"
) -> Iterator[dict[str, object]]:
    line: dict[str, object] | BaseException = first
    while not isinstance(line, BaseException):
        yield line
        if "result" in line:
            return
        line = heard.get()
    yield {"problem": _told(line)}


def _told(error: BaseException) -> dict[str, object]:
    if isinstance(error, OnomapError):
        return {"status": status_of(error), "detail": str(error)}
    return {"status": 500, "detail": "内部エラーが起きました。記録を残したので、管理者に時刻を伝えてください。"}
