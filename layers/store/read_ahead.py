"""The next batch is fetched while the last one is written: the database and the writer work at the same time."""

import queue
import threading
from collections.abc import Callable, Generator, Iterator

import pyarrow as pa

AHEAD = 2
"""Batches that wait at most, so that a slow taker does not fill the memory."""
_LOOK_S = 0.1


def read_ahead(batches: Iterator[pa.RecordBatch]) -> Generator[pa.RecordBatch]:
    """The same batches, pulled by a thread of their own; what they raise is raised here.

    Closing the generator waits for the pull that runs, so that its connection is free afterwards.
    """
    waiting: queue.Queue[Callable[[], pa.RecordBatch | None]] = queue.Queue(maxsize=AHEAD)
    given_up = threading.Event()
    puller = threading.Thread(target=_pull, args=(batches, waiting, given_up), name="export", daemon=True)
    puller.start()
    try:
        while (batch := waiting.get()()) is not None:
            yield batch
    finally:
        given_up.set()
        puller.join()


def _pull(
    batches: Iterator[pa.RecordBatch],
    waiting: "queue.Queue[Callable[[], pa.RecordBatch | None]]",
    given_up: threading.Event,
) -> None:
    def hand_over(result: Callable[[], pa.RecordBatch | None]) -> None:
        while not given_up.is_set():
            try:
                waiting.put(result, timeout=_LOOK_S)
            except queue.Full:
                continue
            return

    try:
        for batch in batches:
            hand_over(lambda batch=batch: batch)  # type: ignore[misc]
            if given_up.is_set():
                return
    except BaseException as error:  # noqa: BLE001 - every end of the rows is told where they are taken
        hand_over(_raising(error))
    else:
        hand_over(lambda: None)


def _raising(error: BaseException) -> Callable[[], pa.RecordBatch | None]:
    def give() -> pa.RecordBatch | None:
        raise error

    return give
