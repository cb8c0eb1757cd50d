"""Batches fetched while others are written."""

import threading
from collections.abc import Iterator

import pyarrow as pa
import pytest

from layers.store.read_ahead import AHEAD, read_ahead


def numbered(count: int, pulled: list[int]) -> Iterator[pa.RecordBatch]:
    for number in range(count):
        pulled.append(number)
        yield pa.RecordBatch.from_pydict({"n": [number]})


def test_batches_come_in_their_order_and_all_of_them() -> None:
    assert [batch["n"][0].as_py() for batch in read_ahead(numbered(50, []))] == list(range(50))


def test_a_slow_taker_has_only_a_few_batches_waiting() -> None:
    pulled: list[int] = []
    batches = read_ahead(numbered(50, pulled))
    next(batches)
    batches.close()
    assert len(pulled) <= AHEAD + 2


def test_what_ends_the_rows_is_raised_where_they_are_taken() -> None:
    class LostError(Exception):
        pass

    def torn() -> Iterator[pa.RecordBatch]:
        yield from numbered(1, [])
        raise LostError

    batches = read_ahead(torn())
    assert next(batches).num_rows == 1
    with pytest.raises(LostError):
        next(batches)


def test_closing_waits_for_the_pull_that_runs() -> None:
    going, done = threading.Event(), threading.Event()

    def slow() -> Iterator[pa.RecordBatch]:
        yield from numbered(1, [])
        going.wait(5)
        done.set()
        yield from numbered(1, [])

    batches = read_ahead(slow())
    next(batches)
    threading.Timer(0.2, going.set).start()
    batches.close()
    assert done.is_set()
    assert "export" not in {thread.name for thread in threading.enumerate()}
