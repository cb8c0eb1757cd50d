"""Who holds a credential: asked of the database at most once a second, so that what is withdrawn ends within that second."""

import asyncio
from dataclasses import dataclass
from time import monotonic

from api.staff.people.credentials import Credential
from api.staff.views import View, Views
from layers.accounts.askers import Asker, asker_of_key, asker_of_session
from layers.store.instance import Store

REMEMBERED_S = 1.0
MOST_REMEMBERED = 10_000
ASKED_AT_ONCE = 4
"""Questions to the database at once: those who show what opens nothing must not take every connection."""


@dataclass(frozen=True)
class Entrant:
    """Somebody who is let in, and what is there for them."""

    asker: Asker
    view: View
    until: float


class Door:
    """Knows who was let in within the last second; used on one event loop, but `forget` may be called from any thread."""

    def __init__(self, store: Store, views: Views) -> None:
        self._store = store
        self._views = views
        self._known: dict[Credential, Entrant] = {}
        self._asking: dict[Credential, asyncio.Task[Entrant | None]] = {}
        self._turns = asyncio.Semaphore(ASKED_AT_ONCE)

    def remembered(self, credential: Credential | None) -> Entrant | None:
        """Who this is, where that was asked within the last second; None says nothing."""
        known = self._known.get(credential) if credential is not None else None
        return known if known is not None and known.until > monotonic() else None

    async def admit(self, credential: Credential, *, active: bool = True) -> Entrant | None:
        """Who this is; None for nobody. Those who ask meanwhile wait for the same answer."""
        known = self.remembered(credential)
        if known is not None:
            return known
        asking = self._asking
        task = asking.get(credential)
        if task is None:
            task = asking[credential] = asyncio.create_task(self._ask(credential, active))
            task.add_done_callback(lambda _: asking.pop(credential, None))
        return await asyncio.shield(task)

    def forget(self) -> None:
        """Ask anew about everybody: something about people has just been changed here."""
        self._known, self._asking = {}, {}

    async def _ask(self, credential: Credential, active: bool) -> Entrant | None:
        async with self._turns:
            # what is changed while the question is under way must not be overwritten by its answer
            known, asked_at = self._known, monotonic()
            found = await asyncio.to_thread(self._look, credential, active, asked_at + REMEMBERED_S)
        if found is None:
            known.pop(credential, None)
            return None
        if len(known) >= MOST_REMEMBERED:
            known.clear()
        known[credential] = found
        return found

    def _look(self, credential: Credential, active: bool, until: float) -> Entrant | None:
        if credential.is_key:
            asker = asker_of_key(self._store, credential.hash)
        else:
            asker = asker_of_session(self._store, credential.hash, active=active)
        return None if asker is None else Entrant(asker, self._views.of(asker.caller.post), until)
