"""Work that is asked for several times at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from layers.store.shared_work import SharedWork


@pytest.fixture
def workers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def test_whoever_asks_while_the_work_is_under_way_gets_its_answer(workers: ThreadPoolExecutor) -> None:
    shared: SharedWork[int] = SharedWork(workers)
    go_on, done = Event(), []

    def work() -> int:
        assert go_on.wait(10)
        done.append(1)
        return len(done)

    answers = [shared.ask("a", work) for _ in range(20)]
    other = shared.ask("b", lambda: 7)
    assert other.result(10) == 7
    go_on.set()

    assert {answer.result(10) for answer in answers} == {1}
    assert done == [1]


def test_work_that_is_done_is_done_anew_for_the_next(workers: ThreadPoolExecutor) -> None:
    shared: SharedWork[int] = SharedWork(workers)
    numbers = iter(range(5))

    assert [shared.ask("a", lambda: next(numbers)).result(10) for _ in range(3)] == [0, 1, 2]


def test_an_error_is_told_to_all_who_wait_and_not_to_the_next(workers: ThreadPoolExecutor) -> None:
    shared: SharedWork[int] = SharedWork(workers)
    go_on = Event()

    def fail() -> int:
        assert go_on.wait(10)
        raise OSError("gone")

    answers = [shared.ask("a", fail) for _ in range(3)]
    go_on.set()

    for answer in answers:
        with pytest.raises(OSError, match="gone"):
            answer.result(10)
    assert shared.ask("a", lambda: 3).result(10) == 3


def test_many_threads_that_ask_for_few_things_leave_nothing_behind(workers: ThreadPoolExecutor) -> None:
    shared: SharedWork[str] = SharedWork(workers)

    def ask(number: int) -> bool:
        key = str(number % 7)
        return shared.ask(key, lambda: key).result(10) == key

    with ThreadPoolExecutor(16) as crowd:
        assert all(crowd.map(ask, range(2_000)))
    assert shared._under_way == {}
