"""The public side's ear: calls back whenever a document was imported, on a thread and a connection of its own."""

import threading
from collections.abc import Callable
from logging import getLogger

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from layers.publication.signed_document import CHANNEL

SLICE_S = 0.5
"""How long the thread waits before it looks whether it is to stop."""
LOOK_EVERY_S = 10.0
"""A word may be lost with its connection: this often it is looked without one."""
PAUSE_S = 1.0
_KEEPALIVE = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
log = getLogger(__name__)


class Ear:
    """Calls `look` on its thread: at the start, with every word, after every loss of the connection, and now and then."""

    def __init__(self, url: str, look: Callable[[], None]) -> None:
        self._address = make_conninfo(url, application_name="onomap situation", **_KEEPALIVE)
        self._look = look
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="documents", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self) -> None:
        """Stop; returns when the connection is closed."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._address, autocommit=True) as connection:
                    connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    self._look()
                    self._hear(connection)
            except psycopg.Error as error:
                log.warning("災害時の状態の知らせを受けられません: %s", error)
                self._stop.wait(PAUSE_S)

    def _hear(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        waited = 0.0
        while not self._stop.is_set():
            words = list(connection.notifies(timeout=SLICE_S, stop_after=1))
            waited = 0.0 if words else waited + SLICE_S
            if words:
                self._look()
            elif waited >= LOOK_EVERY_S:
                waited = 0.0
                # says whether the connection still lives, too
                connection.execute("SELECT 1")
                self._look()
