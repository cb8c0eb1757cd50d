"""The guide of the served edition, kept in memory: made in a thread of its own as soon as an edition is opened."""

import threading
from logging import getLogger

from anyio import to_thread

from api.public.editions import Editions, OpenEdition
from gis.errors import OnomapError
from layers.guidance.guide import Guide

log = getLogger(__name__)


class Guides:
    """One guide at a time: that of the edition that was asked for last."""

    def __init__(self, editions: Editions) -> None:
        self._editions = editions
        self._lock = threading.Lock()
        self._kept: tuple[int, Guide] | None = None
        editions.when_opened(self._begin)

    def start(self) -> None:
        """Begin with the edition that is open; whoever asks meanwhile waits for it."""
        self._begin(self._editions.current)

    def at_hand(self, edition: OpenEdition) -> Guide | None:
        """The edition's guide, where it is made already."""
        kept = self._kept
        return kept[1] if kept is not None and kept[0] == edition.number else None

    def of(self, edition: OpenEdition) -> Guide:
        """The edition's guide, made now where it is not there. Raises StoreUnavailableError, EditionChangedError."""
        found = self.at_hand(edition)
        if found is not None:
            return found
        with self._lock:
            found = self.at_hand(edition)
            if found is None:
                found = Guide.of(edition)
                self._kept = (edition.number, found)
            return found

    async def soon(self, edition: OpenEdition) -> Guide:
        """The same for a coroutine, which may not wait."""
        found = self.at_hand(edition)
        return found if found is not None else await to_thread.run_sync(self.of, edition)

    def _begin(self, edition: OpenEdition) -> None:
        threading.Thread(target=self._make, args=(edition,), name="guide", daemon=True).start()

    def _make(self, edition: OpenEdition) -> None:
        try:
            self.of(edition)
        except OnomapError as error:
            # whoever asks next tries again and is told
            log.warning("案内を準備できません: %s", error)
