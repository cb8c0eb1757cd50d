"""The fragment cache: bounded, exact about what a change touches, and never keeping what a change has overtaken."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gis.mvt import BUFFER, EXTENT, Fragment, fragment
from layers.store.errors import StoreUnavailableError
from layers.store.tiles.address import WORLD_M
from layers.store.tiles.cache import ENTRY_BYTES, FragmentCache, Key

KEY = Key("cadastral", 14, 14_594, 6_360)


def put(cache: FragmentCache, key: Key, content: bytes = b"x") -> Fragment:
    flight, is_first = cache.join(key)
    assert is_first
    cache.land(flight, fragment(content))
    return flight.future.result(0)


@pytest.fixture
def cache() -> FragmentCache:
    made = FragmentCache(limit_bytes=200 * (ENTRY_BYTES + 50))
    made.keep(True)
    return made


def square(key: Key) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile, without its buffer."""
    side = WORLD_M / 2**key.z
    west, north = key.x * side - WORLD_M / 2, WORLD_M / 2 - key.y * side
    return west, north - side, west + side, north


def test_what_was_fetched_is_given_again(cache: FragmentCache) -> None:
    assert cache.get(KEY) is None
    part = put(cache, KEY)

    assert cache.get(KEY) is part
    assert cache.counters().hits == 1


def test_an_empty_tile_is_kept_too(cache: FragmentCache) -> None:
    put(cache, KEY, b"")
    kept = cache.get(KEY)

    assert kept is not None
    assert kept.is_empty


def test_nothing_is_kept_while_nobody_tells_of_changes() -> None:
    cache = FragmentCache()
    put(cache, KEY)
    assert cache.get(KEY) is None

    cache.keep(True)
    put(cache, KEY)
    assert cache.get(KEY) is not None

    cache.keep(False)
    assert cache.get(KEY) is None


def test_the_bytes_stay_within_the_limit_and_the_longest_unused_go_first(cache: FragmentCache) -> None:
    keys = [Key("roads", 16, x, 1) for x in range(600)]
    for key in keys:
        put(cache, key, random.Random(key.x).randbytes(60))
        cache.get(keys[0])
        assert cache.counters().bytes <= cache.limit_bytes

    assert cache.get(keys[0]) is not None
    assert cache.get(keys[1]) is None
    assert cache.get(keys[-1]) is not None
    assert cache.counters().evicted > 300


def test_a_fragment_larger_than_the_whole_cache_is_given_but_not_kept() -> None:
    cache = FragmentCache(limit_bytes=2_000)
    cache.keep(True)
    put(cache, KEY, random.Random(1).randbytes(5_000))

    assert cache.get(KEY) is None
    assert cache.counters().bytes == 0


def test_two_who_ask_for_one_missing_fragment_wait_for_one_fetch(cache: FragmentCache) -> None:
    first, is_first = cache.join(KEY)
    second, is_second_first = cache.join(KEY)

    assert (is_first, is_second_first) == (True, False)
    assert second is first
    cache.land(first, fragment(b"once"))
    assert second.future.result(0).length == 4


def test_a_fragment_fetched_before_a_change_is_not_kept_after_it(cache: FragmentCache) -> None:
    before, _ = cache.join(KEY)
    cache.changed("cadastral", [square(KEY)])
    after, is_first = cache.join(KEY)
    cache.land(before, fragment(b"old"))

    assert is_first
    assert cache.get(KEY) is None
    cache.land(after, fragment(b"new"))
    kept = cache.get(KEY)
    assert kept is not None
    assert kept.length == 3
    assert kept is after.future.result(0)


@pytest.mark.parametrize("how", ["flush", "keep"])
def test_a_fragment_fetched_before_a_flush_is_not_kept_after_it(cache: FragmentCache, how: str) -> None:
    before, _ = cache.join(KEY)
    if how == "flush":
        cache.flush()
    else:
        cache.keep(False)
        cache.keep(True)
    cache.land(before, fragment(b"old"))

    assert cache.get(KEY) is None


def test_a_change_elsewhere_leaves_a_fetch_alone(cache: FragmentCache) -> None:
    flight, _ = cache.join(KEY)
    west, south, east, north = square(Key("cadastral", 14, 14_600, 6_360))
    cache.changed("cadastral", [(west, south, east, north)])
    cache.changed("roads", None)
    cache.land(flight, fragment(b"still"))

    assert cache.get(KEY) is not None


def test_a_failed_fetch_is_told_to_all_and_tried_again_by_the_next(cache: FragmentCache) -> None:
    flight, _ = cache.join(KEY)
    waiting, _ = cache.join(KEY)
    cache.crash(flight, StoreUnavailableError("away"))

    with pytest.raises(StoreUnavailableError):
        waiting.future.result(0)
    assert cache.join(KEY)[1]


def test_makeshift_is_given_but_not_kept(cache: FragmentCache) -> None:
    flight, _ = cache.join(KEY)
    cache.land(flight, fragment(b"raw"), keep=False)

    assert flight.future.result(0).length == 3
    assert cache.get(KEY) is None


def test_a_change_drops_the_covering_tiles_of_every_zoom_and_no_other(cache: FragmentCache) -> None:
    covering = [Key("cadastral", z, KEY.x >> 14 - z, KEY.y >> 14 - z) for z in range(10, 15)]
    others = [Key("cadastral", 14, KEY.x + 3, KEY.y), Key("cadastral", 12, (KEY.x >> 2) + 2, KEY.y >> 2)]
    roads = Key("roads", 14, KEY.x, KEY.y)
    for key in [*covering, *others, roads]:
        put(cache, key)
    west, south, east, north = square(KEY)
    middle = ((west + east) / 2, (south + north) / 2)

    assert cache.changed("cadastral", [(*middle, *middle)]) == len(covering)
    assert [cache.get(key) for key in covering] == [None] * len(covering)
    assert all(cache.get(key) is not None for key in [*others, roads])


@pytest.mark.parametrize(("units", "is_dropped"), [(BUFFER - 1, True), (BUFFER + 1, False)])
def test_a_tile_reaches_as_far_as_its_buffer(cache: FragmentCache, units: int, is_dropped: bool) -> None:
    put(cache, KEY)
    west, south, east, north = square(KEY)
    beyond = east + units * (east - west) / EXTENT
    cache.changed("cadastral", [(beyond, south + 1, beyond + 1, north - 1)])

    assert (cache.get(KEY) is None) == is_dropped


def test_a_change_that_spans_the_world_drops_all_without_walking_through_it(cache: FragmentCache) -> None:
    deep = Key("cadastral", 22, 3_000_000, 1_500_000)
    for key in (KEY, deep):
        put(cache, key)
    half = WORLD_M / 2
    assert cache.changed("cadastral", [(-half, -half, half, half)]) == 2
    assert cache.counters().entries == 0


def test_a_change_without_boxes_drops_the_whole_layer(cache: FragmentCache) -> None:
    put(cache, KEY)
    put(cache, Key("roads", 14, 1, 1))

    assert cache.changed("cadastral", None) == 1
    assert cache.counters().entries == 1


def test_many_threads_at_once_leave_the_accounts_right(cache: FragmentCache) -> None:
    keys = [Key("cadastral", 14, 14_000 + n, 6_000) for n in range(300)]
    barrier = threading.Barrier(6)

    def work(seed: int) -> None:
        chance = random.Random(seed)
        barrier.wait()
        for _ in range(3_000):
            key = chance.choice(keys)
            if chance.random() < 0.02:
                cache.changed("cadastral", [square(key)])
            elif cache.get(key) is None:
                flight, is_first = cache.join(key)
                if is_first:
                    cache.land(flight, fragment(chance.randbytes(40)))
                flight.future.result(5)

    with ThreadPoolExecutor(6) as workers:
        list(workers.map(work, range(6)))
    counters = cache.counters()
    kept = [cache.get(key) for key in keys]

    assert counters.bytes <= cache.limit_bytes
    assert counters.bytes == sum(ENTRY_BYTES + len(part.deflated) for part in kept if part is not None)
    assert counters.entries == sum(part is not None for part in kept)
    assert cache.changed("cadastral", None) == counters.entries
    assert cache.counters().bytes == 0
