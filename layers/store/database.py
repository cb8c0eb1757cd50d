"""The pool of connections to the layer store."""

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import BoundedSemaphore
from typing import Any, TypeAlias

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg_pool import ConnectionPool, PoolTimeout

from layers.store.errors import RightsChangedError, StoreUnavailableError, translated

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
Cursor: TypeAlias = psycopg.Cursor[tuple[Any, ...]]

LONG_WAIT_S = 1.0
"""How long a long read waits for others to end; a thread that waits is one that cannot serve somebody else."""
POOL_TIMEOUT_S = 10.0
"""How long a request waits for a free connection before it is told that the store does not answer."""


class FloatArrayDumper(Dumper):
    """Sends a one-dimensional array of floats as float8[] in PostgreSQL's binary form.

    Of 5,000 numbers as a Python list psycopg makes text in 10 ms, each number looked at for quotes; this takes 0.1 ms.
    """

    format = Format.BINARY
    oid = psycopg.postgres.types["float8"].array_oid
    _header = np.array([1, 0, psycopg.postgres.types["float8"].oid], dtype=">i4").tobytes()
    _element = np.dtype([("size", ">i4"), ("value", ">f8")])

    def dump(self, obj: NDArray[np.float64]) -> bytes:
        """The dimensions (one, from 1 on), then each number behind its size of 8 bytes."""
        elements = np.empty(len(obj), dtype=self._element)
        elements["size"], elements["value"] = 8, obj
        return self._header + np.array([len(obj), 1], dtype=">i4").tobytes() + elements.tobytes()


def _prepare(connection: Connection) -> None:
    connection.adapters.register_dumper(np.ndarray, FloatArrayDumper)
    connection.execute("SET application_name = 'onomap'")
    connection.execute("SET TIME ZONE 'Asia/Tokyo'")
    connection.commit()


def check_alive(connection: Connection) -> None:
    """Raise OperationalError for a connection whose server has gone: by asking, where its socket has something to say.

    A server that ends a session says so or closes the socket, and what is idle has nothing else to read. That is seen
    without the round trip of a question, which each transaction would pay for. A peer that vanished without a word is found
    by TCP's own keepalive (libpq has it on).
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN | select.POLLPRI)
    if waiting.poll(0):
        ConnectionPool.check_connection(connection)


@dataclass(frozen=True)
class Database:
    """A pool over one PostgreSQL URL; every use is one transaction."""

    url: str
    pool: ConnectionPool[Connection]
    long_reads: BoundedSemaphore
    """Room for reads that may take long: fewer than the pool has connections, so that short work always finds one."""
    role: str | None = None
    """The role of a post as which every transaction works, until its end and no longer; None for the login's own rights."""
    longest_s: float | None = None
    """How long a statement may take at most, whatever is asked for."""
    confirm: Callable[[Connection], None] | None = None
    """Asked at the end of each transaction: raises when what was read is not what it was taken for."""

    @classmethod
    def open(cls, url: str, *, size: int = 10, longest_s: float | None = None) -> "Database":
        """Open a pool of at most `size` connections; the first is made at once so that a bad address is told now."""
        pool: ConnectionPool[Connection] = ConnectionPool(
            url,
            min_size=0,
            max_size=size,
            open=False,
            configure=_prepare,
            check=check_alive,
            timeout=POOL_TIMEOUT_S,
        )
        pool.open()
        return cls(url, pool, BoundedSemaphore(max(1, size // 2 - 1)), longest_s=longest_s)

    @contextmanager
    def transaction(self, *, timeout_s: float | None = None, is_snapshot: bool = False) -> Iterator[Connection]:
        """A connection inside one transaction: committed on leaving, rolled back on an error.

        `timeout_s` bounds each statement; with `is_snapshot` all of them see one moment, and none can write.
        Raises StoreUnavailableError when the database does not answer.
        """
        with translated():
            try:
                with self.pool.connection() as connection:
                    self._begin(connection, timeout_s, is_snapshot=is_snapshot)
                    yield connection
                    if self.confirm is not None and not is_snapshot:
                        self.confirm(connection)
            except psycopg.ProgrammingError:
                # a table that is not there may be one of another edition
                self.confirmed()
                raise
            except PoolTimeout as error:
                raise StoreUnavailableError(
                    "データベースに接続できません。`onomap doctor` で状態を確認してください。"
                ) from error

    def as_role(self, role: str) -> "Database":
        """The same pool, worked with as that role."""
        return replace(self, role=role)

    def _begin(self, connection: Connection, timeout_s: float | None, *, is_snapshot: bool) -> None:
        """What the transaction may see, its role and its time limit, in one message: together they cost what one costs."""
        settings: list[sql.Composable] = []
        if is_snapshot:
            settings.append(sql.SQL("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        if self.role is not None:
            settings.append(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(self.role)))
        bounds_s = [bound for bound in (timeout_s, self.longest_s) if bound is not None]
        if bounds_s:
            settings.append(sql.SQL("SET LOCAL statement_timeout = {}").format(sql.Literal(int(min(bounds_s) * 1000))))
        if not settings:
            return
        try:
            # several statements can be sent as one text, but not prepared as one
            connection.execute(sql.SQL("; ").join(settings), prepare=False)
        except (psycopg.errors.InvalidParameterValue, psycopg.errors.UndefinedObject) as error:
            raise RightsChangedError() from error

    def confirmed(self) -> None:
        """Ask `confirm` from outside of a snapshot, which itself cannot see what has changed since."""
        if self.confirm is not None:
            with self.transaction():
                pass

    @contextmanager
    def long_read(self, *, timeout_s: float) -> Iterator[Connection]:
        """A transaction for a read whose length its asker decides. Raises StoreUnavailableError when too many run already."""
        if not self.long_reads.acquire(timeout=LONG_WAIT_S):
            raise StoreUnavailableError("時間のかかる検索が込み合っています。少し待ってから、もう一度お試しください。")
        try:
            with self.transaction(timeout_s=timeout_s) as connection:
                yield connection
        finally:
            self.long_reads.release()

    def close(self) -> None:
        """Give all connections back."""
        self.pool.close()
