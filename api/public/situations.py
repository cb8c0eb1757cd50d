"""The situation as this process has it in memory: heard of by NOTIFY, and kept when the database is away."""

from collections.abc import Callable, Hashable
from logging import getLogger
from typing import TypeVar, cast

from api.public.editions import Editions
from gis.errors import OnomapError
from layers.publication.hearing import Ear
from layers.publication.signed_document import held_document
from layers.situation.listed import SiteList, site_list
from layers.situation.published import KIND, Situation, content_of

MOST_KEPT = 500
"""Answers that are kept ready: one for each address, language and name of the server that is asked for."""
Made = TypeVar("Made")
log = getLogger(__name__)


class Situations:
    """Keeps the newest situation, and the names of the sites of the served edition, at hand.

    Whatever fails is told to the log, and what was at hand before stays: an old answer with its time is better than none.
    """

    def __init__(self, editions: Editions) -> None:
        self._editions = editions
        self._current = Situation()
        self._sites: SiteList | None = None
        self._kept: dict[Hashable, object] = {}
        self._ear = Ear(editions.database.url, self.look)

    def start(self) -> None:
        """Read it once, then listen."""
        self.look()
        self._ear.start()

    def close(self) -> None:
        """Stop listening."""
        self._ear.close()

    @property
    def current(self) -> Situation:
        """The situation that arrived last."""
        return self._current

    def sites(self) -> SiteList | None:
        """The sites of the served edition; of the one before while it cannot be read; None when none ever could."""
        if self._sites is None or self._sites.number != self._editions.current.number:
            self._read_sites()
        return self._sites

    def kept(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gives, made once for as long as the situation and the sites stay what they are.

        `key` must name all else that it depends on, the notices that have not expired among it.
        """
        sites = self._sites.number if self._sites is not None else None
        whole = (key, self._current.number, sites)
        found = self._kept.get(whole)
        if found is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept = {}
            found = self._kept[whole] = make()
        return cast(Made, found)

    def look(self) -> None:
        """Read what the public database holds now."""
        try:
            held = held_document(self._editions.database, KIND)
            self._current = (
                Situation() if held is None else Situation(held.number, content_of(held.content), held.made_at)
            )
        except OnomapError as error:
            log.warning("災害時の状態を読めません。前の状態のまま続けます: %s", error)
            return
        self._kept = {}
        self.sites()

    def _read_sites(self) -> None:
        edition = self._editions.current
        try:
            self._sites = site_list(edition, edition.number)
        except OnomapError as error:
            log.warning("避難所の一覧を読めません。前の一覧のまま続けます: %s", error)
