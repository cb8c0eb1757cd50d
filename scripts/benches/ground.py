"""The ground on which benches stand: one instance with 100,000 sample parcels, made once and kept under .cache/."""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from layers.sample_town.install import install
from layers.store.cluster import database_in_use
from layers.store.instance import Store, connect
from layers.store.load_register import SAMPLE_LAST_LAYER, SAMPLE_LOADER, is_unfinished
from layers.store.settings import load_settings
from scripts.benches.signed_in import signed_in, write_policy

REPOSITORY = Path(__file__).resolve().parent.parent.parent
HOME = REPOSITORY / ".cache" / "bench"
PARCELS = 100_000


@dataclass(frozen=True)
class Ground:
    """An open store with the benches' data, and the address of its database."""

    store: Store
    url: str


@contextmanager
def ground() -> Iterator[Ground]:
    """The benches' instance, filled on first use."""
    settings = load_settings(HOME)
    write_policy(settings.home)
    with database_in_use(settings.home) as address:
        store = connect(settings, address.url)
        try:
            if is_unfinished(store, SAMPLE_LOADER, SAMPLE_LAST_LAYER):
                install(store, lambda _what, _share: None, parcels=PARCELS)
            with signed_in(store):
                yield Ground(store, address.url)
        finally:
            store.database.close()


def median_seconds(work: Callable[[], object], times: int = 5) -> float:
    """The median of some runs, in seconds; the first run, which warms what there is to warm, is not counted."""
    (seconds,) = medians_by_turns(work, times=times)
    return seconds


def medians_by_turns(*works: Callable[[], object], times: int = 5) -> list[float]:
    """The median of each, all run by turns: a machine that slows down for a second then slows all of them down."""
    spent: list[list[float]] = [[] for _ in works]
    for turn in range(times + 1):
        for work, seconds in zip(works, spent, strict=True):
            started = time.perf_counter()
            work()
            if turn:
                seconds.append(time.perf_counter() - started)
    return [statistics.median(seconds) for seconds in spent]


def tell(bench: str, ours: float, other: float, n: int, **more: object) -> None:
    """One JSON object a line: seconds of ours and of the other, and how many times faster ours is."""
    line = {
        "bench": bench,
        "ours": round(ours, 4),
        "other": round(other, 4),
        "ratio": round(other / ours, 2),
        "n": n,
        **more,
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)
