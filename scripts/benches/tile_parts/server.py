"""The staff server as it is, with its tile cache off, on, or full: `python -m scripts.benches.tile_parts.server cold|warm|full`.

It imports no more than the server itself does, since its memory is measured. Changes are not told here, and none are made:
with `warm` the cache is bidden to keep all the same.
"""

import argparse
import random
from pathlib import Path

from api.serving import run
from api.staff.app import create_app, tile_http
from gis.mvt import Fragment
from layers.store.instance import open_store
from layers.store.tiles.cache import FragmentCache, Key

_BYTES_OF_A_FRAGMENT = 12_000


def _fill(cache: FragmentCache) -> None:
    """Fill the cache to its limit with fragments of a usual size, and with some empty tiles."""
    chance = random.Random(75221)
    number = 0
    while cache.counters().evicted == 0:
        number += 1
        content = b"" if number % 4 == 0 else chance.randbytes(chance.randint(200, 2 * _BYTES_OF_A_FRAGMENT))
        flight, _ = cache.join(Key("cadastral", 19, number % 2**19, number // 2**19))
        cache.land(flight, Fragment(content, 0, len(content), content[:12]))


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser()
    parser.add_argument("cache", choices=("cold", "warm", "full"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--home", type=Path, required=True)
    arguments = parser.parse_args()
    with open_store(arguments.home) as store:
        application = create_app(store)
        cache = application.state.tiles.cache
        if arguments.cache == "cold":
            cache.limit_bytes = 0
        cache.keep(True)
        if arguments.cache == "full":
            _fill(cache)
        try:
            run(application, arguments.port, protocol=tile_http(application))
        finally:
            application.state.tiles.close()


if __name__ == "__main__":
    main()
