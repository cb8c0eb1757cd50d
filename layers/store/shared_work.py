"""Work that several people ask for at once and that is done once."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from threading import Lock
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class SharedWork(Generic[Answer]):
    """Work by key in an executor; whoever asks for a key while its work is waiting or under way gets the same future.

    Safe to use from several threads. A future is not the caller's own: who gives up waiting must not cancel it.
    """

    def __init__(self, workers: Executor) -> None:
        self._workers = workers
        self._under_way: dict[str, Future[Answer]] = {}
        self._lock = Lock()

    def ask(self, key: str, work: Callable[[], Answer]) -> Future[Answer]:
        """What `work` answers, or the error it raises; the next to ask after its end begins anew."""
        with self._lock:
            shared = self._under_way.get(key)
            if shared is None:
                shared = self._under_way[key] = self._workers.submit(self._do, key, work)
            return shared

    def _do(self, key: str, work: Callable[[], Answer]) -> Answer:
        try:
            return work()
        finally:
            with self._lock:
                del self._under_way[key]
