"""Keeps the bands filled while the server runs: looks now and then, and fills in a process of its own.

Simplifying 100,000 parcels takes 16 s of one core and 0.8 GB (measured), which a process that answers people must not hold.
Two servers over one store do not fill the same layer: the database lets one of them have it.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging import getLogger

from gis.errors import OnomapError
from layers.store.instance import Store
from layers.store.tiles.band_filling import layers_to_fill

FIRST_LOOK_S = 3.0
"""People ask as soon as a server stands; the fill waits until the first of them are served."""
EVERY_S = 10.0
AFTER_FAILURE_S = 300.0
_STOP_S = 10.0
_NICE = 10

log = getLogger(__name__)


class BandUpkeep:
    """A thread that starts `onomap bands` when a layer's bands are not what its rows are."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="bands", daemon=True)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking, and end a filling that runs: its transaction is undone, and the next server begins anew."""
        self._stop.set()
        process = self._process
        if process is not None:
            process.terminate()
        self._thread.join(_STOP_S)

    def _watch(self) -> None:
        pause = FIRST_LOOK_S
        while not self._stop.wait(pause):
            pause = EVERY_S if self._look() else AFTER_FAILURE_S

    def _look(self) -> bool:
        try:
            wanted = layers_to_fill(self._store.database, self._store.catalogue)
        except OnomapError:
            # the database is away; whoever asks for a tile is told so
            return True
        return self._fill() if wanted else True

    def _fill(self) -> bool:
        command = [sys.executable, "-P", "-m", "api.cli.run", "bands", "--home", str(self._store.settings.home)]
        environment = {**os.environ, "DATABASE_URL": self._store.database.url}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self._process = process
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
        if self._stop.is_set():
            process.terminate()
        _, complaint = process.communicate()
        self._process = None
        if process.returncode != 0 and not self._stop.is_set():
            log.warning("簡略図形を作れませんでした: %s", complaint.decode(errors="replace").strip()[-500:])
        return process.returncode == 0


@contextmanager
def bands_kept(store: Store) -> Iterator[None]:
    """Keeps the store's bands filled inside the block."""
    upkeep = BandUpkeep(store)
    upkeep.start()
    try:
        yield
    finally:
        upkeep.stop()
