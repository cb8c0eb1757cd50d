"""Asks with several clients at once and looks into every answer: its status line, its headers and all that is packed in it."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

from scripts.drills.leak_parts.canaries import canaries_in
from scripts.drills.leak_parts.opening import canaries_of, tile_text
from scripts.drills.leak_parts.questions import Question

CLIENTS = 6
TELL_EVERY = 5_000
TRIES = 25
TILE = "application/vnd.mapbox-vector-tile"


@dataclass
class Findings:
    """What came of asking: how often each status, and each canary with the question that brought it out."""

    statuses: Counter[int] = field(default_factory=Counter)
    found: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, status: int, canaries: set[str], where: str) -> None:
        """One answer."""
        with self._lock:
            self.statuses[status] += 1
            for canary in canaries:
                self.found.setdefault(canary, where)

    @property
    def requests(self) -> int:
        """Answers looked into."""
        return sum(self.statuses.values())


def crawl(
    base: str, asked: Iterable[Question], findings: Findings, tell: Callable[[int], None] = lambda _: None
) -> None:
    """Ask all of it, each client over a connection that stays open; `tell` hears now and then how many are answered."""
    local = threading.local()

    def one(question: Question) -> None:
        if not hasattr(local, "http"):
            local.http = httpx.Client(base_url=base, timeout=60)
        answer = _asked(local.http, question)
        findings.note(answer.status_code, leaked(question, answer), f"{question.method} {question.path[:200]}")

    with ThreadPoolExecutor(CLIENTS, thread_name_prefix="crawl") as clients:
        for done, _ in enumerate(clients.map(one, asked), start=1):
            if done % TELL_EVERY == 0:
                tell(done)


def _asked(http: httpx.Client, question: Question) -> httpx.Response:
    """The answer; one that says that others are being served is waited for, since it shows nothing."""
    for _ in range(TRIES):
        answer = http.request(question.method, question.path, headers=list(question.headers))
        if answer.status_code != 503:
            break
        time.sleep(0.2)
    return answer


def leaked(question: Question, answer: httpx.Response) -> set[str]:
    """The canaries in an answer but for those that the question itself named."""
    content = answer.content
    found = canaries_in(repr(answer.headers.raw).encode()) | canaries_of(content)
    if answer.headers.get("content-type") == TILE and content:
        found |= canaries_in(tile_text(content))
    if not question.says:
        return found
    echoed = canaries_in(question.path.encode()) | {canary for canary in found if _is_of(canary, question.path)}
    return found - echoed


def _is_of(canary: str, path: str) -> bool:
    """Whether the asker wrote it: an echo may end where the sentence that repeats it is cut."""
    return canary in path
