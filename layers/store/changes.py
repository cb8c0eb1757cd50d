"""Word of every committed change of a layer, heard on a connection of its own and passed on to who keeps something of it.

What is missed while the connection is lost cannot be known, so everybody is told to forget all they keep: at once when it
is lost, with every attempt to get it back, and once more when it listens again. A pooler that hands a connection to
another transaction (PgBouncer in transaction mode) cannot carry it: the address must lead to PostgreSQL itself.
"""

import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Protocol, TypeAlias

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from layers.store.change_triggers import CHANNEL
from layers.store.database import Connection

FIRST_PAUSE_S = 0.1
REMEMBERED = 4_096
"""Notices that a store's server knows to have heard; a page names the last one it was told."""
LONGEST_PAUSE_S = 5.0
SLICE_S = 0.5
"""How long the listener waits before it looks whether it is to stop."""
PULSE_S = 5.0
"""How long a silent connection is trusted before it is asked for a sign of life."""
# a cable that was pulled is noticed within 25 s even when nothing is sent
_KEEPALIVE = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}

Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in metres of EPSG:3857."""
_log = logging.getLogger(__name__)


class Subscriber(Protocol):
    """Who keeps something made from the layers. Both are called on the listener's thread and must not wait."""

    def changed(self, layer: str, boxes: Sequence[Box] | None) -> None:
        """Rows in these boxes changed; None means that any part of the layer may have."""

    def flush(self) -> None:
        """Anything may have changed."""


class Changes:
    """Listens to one store for as long as it is started; `notice` is the name of the last change that came in."""

    def __init__(self, url: str) -> None:
        self._address = make_conninfo(url, application_name="onomap changes", **_KEEPALIVE)
        self._subscribers: tuple[Subscriber, ...] = ()
        self._last: tuple[Subscriber, ...] = ()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._listening = threading.Event()
        self._heard: OrderedDict[str, None] = OrderedDict()
        self.notice = ""

    def has_heard(self, notice: str) -> bool:
        """Whether a notice has come in here, and been taken by all who keep something."""
        return notice in self._heard

    @property
    def listening(self) -> bool:
        """Whether changes are being heard; while they are not, what is kept may be old."""
        return self._listening.is_set()

    def subscribe(self, subscriber: Subscriber, *, last: bool = False) -> None:
        """Tell this one too, from now on; `last` for one who makes others ask, after those who keep what they would get."""
        if last:
            self._last = (*self._last, subscriber)
        else:
            self._subscribers = (*self._subscribers, subscriber)

    def start(self) -> None:
        """Begin to listen, on a thread that does not keep the process alive."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="onomap-changes", daemon=True)
        self._thread.start()

    def wait_until_listening(self, timeout_s: float) -> bool:
        """Whether changes are heard by then."""
        return self._listening.wait(timeout_s)

    def stop(self) -> None:
        """Stop listening; returns when the connection is closed."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        pause = FIRST_PAUSE_S
        while not self._stopping.is_set():
            try:
                with psycopg.connect(self._address, autocommit=True) as connection:
                    connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    self._listening.set()
                    self._flush()
                    pause = FIRST_PAUSE_S
                    self._hear(connection)
            except psycopg.Error as error:
                _log.warning("changes of the layers are not heard: %s", error)
            if self._stopping.is_set():
                break
            self._listening.clear()
            self._flush()
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
        self._listening.clear()

    def _hear(self, connection: Connection) -> None:
        alive = time.monotonic()
        while not self._stopping.is_set():
            for notice in connection.notifies(timeout=SLICE_S):
                self._tell(notice.payload)
                if self._stopping.is_set():
                    return
            if time.monotonic() - alive > PULSE_S:
                connection.execute("SELECT 1")
                alive = time.monotonic()

    def _tell(self, payload: str) -> None:
        try:
            told = json.loads(payload)
            layer = str(told["layer"])
            boxes = None if told["boxes"] is None else [_box(box) for box in told["boxes"]]
        except (ValueError, KeyError, TypeError):
            _log.warning("a notice that cannot be read: %.200s", payload)
            self._flush()
            return
        self._pass_on(self._subscribers, layer, boxes)
        # the same text reaches every server that listens, so each of them gives it the same name
        self.notice = blake2b(payload.encode(), digest_size=8).hexdigest()
        self._heard[self.notice] = None
        if len(self._heard) > REMEMBERED:
            self._heard.popitem(last=False)
        self._pass_on(self._last, layer, boxes)

    def _pass_on(self, subscribers: Iterable[Subscriber], layer: str, boxes: Sequence[Box] | None) -> None:
        for subscriber in subscribers:
            try:
                subscriber.changed(layer, boxes)
            except Exception:  # noqa: BLE001 - one subscriber's fault must not keep the others from hearing
                _log.exception("a change of %s was not taken", layer)

    def _flush(self) -> None:
        for subscriber in (*self._subscribers, *self._last):
            try:
                subscriber.flush()
            except Exception:  # noqa: BLE001 - as above
                _log.exception("a subscriber could not flush")


def _box(numbers: Sequence[float]) -> Box:
    west, south, east, north = (float(number) for number in numbers)
    return west, south, east, north
