"""Tiles on request: from the cache, or from the database by connections of their own, each fragment fetched once."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass

import psycopg
from psycopg.types.numeric import Int4
from psycopg_pool import ConnectionPool, PoolTimeout

from gis.mvt import EMPTY, Fragment, fragment, join
from layers.store.database import Connection
from layers.store.definitions import Layer
from layers.store.errors import StoreUnavailableError, UnknownLayerError
from layers.store.readable import Readable
from layers.store.tiles.address import Tile
from layers.store.tiles.band_plan import is_drawn, shown_fields
from layers.store.tiles.cache import DEFAULT_BYTES, Flight, FragmentCache, Key
from layers.store.tiles.description import TileLayer, describe
from layers.store.tiles.drawn import DrawnTile
from layers.store.tiles.statements import tile_statement

TILE_TIMEOUT_S = 15.0
CONNECT_TIMEOUT_S = 3.0
"""How long a tile waits for a connection: a map asks for dozens at once, and each would wait behind the other."""
CONNECTIONS = 4
MOST_WAITING = 512
"""Fragments that may wait for a connection; more are refused rather than answered when nobody looks any more."""
# One plan for all addresses: planning would take longer than most tiles do.
_SETTINGS = {
    "application_name": "onomap tiles",
    "statement_timeout": f"{int(TILE_TIMEOUT_S * 1000)}",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}


@dataclass(frozen=True)
class _Fetched:
    fragment: Fragment
    ready: bool


_PENDING = Fragment(b"", 0, 0, b"")
"""Told from EMPTY by identity: nothing to show yet, rather than nothing there."""


class TileSource:
    """The tiles of one store; `has_heard` says whether a change is known to the cache. Close it when done."""

    def __init__(
        self, store: Readable, *, cache_bytes: int = DEFAULT_BYTES, has_heard: Callable[[str], bool] = lambda _: False
    ) -> None:
        self.has_heard = has_heard
        self.cache = FragmentCache(cache_bytes)
        self.store = store
        self.every = tuple(layer.id for layer in store.catalogue.values() if is_drawn(layer))
        self.drawn = frozenset(self.every)
        self._statements: dict[tuple[str, int], str | None] = {}
        self._workers = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="tiles")
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            store.database.url,
            min_size=0,
            max_size=CONNECTIONS,
            open=False,
            kwargs={"autocommit": True},
            configure=_configure,
            timeout=CONNECT_TIMEOUT_S,
        )
        self._waiting = 0
        self._waiting_lock = threading.Lock()

    def seen(self, store: Readable) -> "TileSource":
        """The tiles of fewer layers of the same store, over the same cache and connections, which stay this one's.

        A layer of which the map needs a column that is not there is not drawn: its tiles would tell that column.
        """
        ours = self.store.catalogue
        narrowed = copy(self)
        narrowed.store = store
        narrowed.every = tuple(
            name
            for name in self.every
            if name in store.catalogue and shown_fields(store.catalogue[name]) == shown_fields(ours[name])
        )
        narrowed.drawn = frozenset(narrowed.every)
        return narrowed

    def close(self) -> None:
        """Give the connections and threads back; what is on its way is let go."""
        self._workers.shutdown(wait=False, cancel_futures=True)
        self._pool.close()

    def names(self, text: str) -> tuple[str, ...]:
        """The layers that a comma-separated list names, each once; all that can be drawn for an empty one.

        Raises UnknownLayerError for a name that tiles cannot show.
        """
        if not text:
            return self.every
        names = tuple(dict.fromkeys(text.split(",")))
        for name in names:
            if name not in self.drawn:
                layer = self.store.layer(name)
                raise UnknownLayerError(f"{layer.title}（{layer.id}）は図形のタイルにならないレイヤです。")
        return names

    def described(self, names: tuple[str, ...]) -> list[TileLayer]:
        """What is to be said of the tiles of these layers."""
        return describe(self.store, names)

    def kept(self, names: tuple[str, ...], tile: Tile) -> DrawnTile | None:
        """The tile, where every part of it is in the cache."""
        parts = self.cache.get_all(tuple(Key(name, *tile) for name in names))
        return None if parts is None else DrawnTile(names, join(parts))

    async def tile(self, names: tuple[str, ...], tile: Tile, *, anew: bool = False) -> DrawnTile:
        """The tile with all of these layers; `anew` from the database, whatever is kept or on its way.

        Raises StoreUnavailableError when the database does not answer in time, or too many tiles are waited for already.
        """
        parts = await asyncio.gather(*(self._part(Key(name, *tile), anew) for name in names))
        pending = tuple(name for name, part in zip(names, parts, strict=True) if part is _PENDING)
        return DrawnTile(names, join(parts), pending)

    async def _part(self, key: Key, anew: bool) -> Fragment:
        if anew:
            alone = Flight(key, overtaken=True)
            self._launch(alone)
            return await asyncio.wrap_future(alone.future)
        kept = self.cache.get(key)
        if kept is not None:
            return kept
        flight, is_first = self.cache.join(key)
        if is_first:
            self._launch(flight)
        # whoever gives up waiting must not take the fragment from the others
        return await asyncio.shield(asyncio.wrap_future(flight.future))

    def _launch(self, flight: Flight) -> None:
        with self._waiting_lock:
            is_full = self._waiting >= MOST_WAITING
            self._waiting += not is_full
        if is_full:
            self.cache.crash(flight, StoreUnavailableError("混み合っています。少し待ってからもう一度お試しください。"))
            return
        self._workers.submit(self._bring, flight)

    def _bring(self, flight: Flight) -> None:
        try:
            fetched = self._fetch(self.store.layer(flight.key.layer), flight.key)
        except BaseException as error:  # noqa: BLE001 - handed to all who wait
            self.cache.crash(flight, error)
        else:
            self.cache.land(flight, fetched.fragment, keep=fetched.ready)
        finally:
            with self._waiting_lock:
                self._waiting -= 1

    def _fetch(self, layer: Layer, key: Key) -> _Fetched:
        statement = self._statement(layer, key.z)
        if statement is None:
            return _Fetched(EMPTY, ready=True)
        parameters = {"z": Int4(key.z), "x": Int4(key.x), "y": Int4(key.y)}
        with _translated():
            row = self._execute(statement, parameters)
        content, features, dropped, ready = row
        if not features:
            is_pending = not ready and key.z < layer.min_zoom
            return _Fetched(_PENDING if is_pending else fragment(b"", dropped), ready)
        return _Fetched(fragment(content, dropped), ready)

    def _execute(self, statement: str, parameters: dict[str, Int4]) -> tuple[bytes, int, int, bool]:
        """One round trip; a connection that has died since its last use is replaced once."""
        self._pool.open()
        try:
            return self._ask(statement, parameters)
        except psycopg.OperationalError as error:
            if isinstance(error, psycopg.errors.QueryCanceled | PoolTimeout):
                raise
            return self._ask(statement, parameters)

    def _ask(self, statement: str, parameters: dict[str, Int4]) -> tuple[bytes, int, int, bool]:
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            row = cursor.execute(statement, parameters, prepare=True).fetchone()
            assert row is not None  # noqa: S101 - an aggregate always answers one row
            return row[0] or b"", row[1], row[2], row[3]

    def _statement(self, layer: Layer, zoom: int) -> str | None:
        key = (layer.id, zoom)
        if key not in self._statements:
            composed = tile_statement(layer, zoom)
            self._statements[key] = None if composed is None else composed.as_string()
        return self._statements[key]


def _configure(connection: Connection) -> None:
    for name, value in _SETTINGS.items():
        connection.execute("SELECT set_config(%s, %s, false)", [name, value])


@contextmanager
def _translated() -> Iterator[None]:
    """The driver's errors as ours: what a tile runs into is never the fault of who asked for it."""
    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        raise StoreUnavailableError(
            f"タイルが{TILE_TIMEOUT_S:.0f}秒で用意できませんでした。少し拡大するか、後でもう一度お試しください。"
        ) from error
    except psycopg.OperationalError as error:
        raise StoreUnavailableError(
            "データベースに接続できません。`onomap doctor` で状態を確認してください。"
        ) from error
