"""An answer without an end, which ends all the same when its asker may not be here any more."""

import asyncio

from starlette.types import Message, Receive, Send

from api.staff.people.credentials import Credential
from api.staff.people.door import Door, Entrant


class Ended:
    """The two ends of a stream: before each piece it is looked whether its asker still holds the same post."""

    def __init__(self, door: Door, credential: Credential, entrant: Entrant, receive: Receive, send: Send) -> None:
        self._door, self._credential, self._entrant = door, credential, entrant
        self._receive, self._send = receive, send
        self._over = asyncio.Event()

    async def receive(self) -> Message:
        """What the client sends; that it has gone, once the stream is over."""
        if self._over.is_set():
            return {"type": "http.disconnect"}
        coming = asyncio.ensure_future(self._receive())
        over = asyncio.ensure_future(self._over.wait())
        done, waiting = await asyncio.wait({coming, over}, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        return coming.result() if coming in done else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Pass a piece on, or end the stream in its place."""
        if self._over.is_set():
            return
        if message["type"] == "http.response.body" and not await self._is_still_welcome():
            self._over.set()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        await self._send(message)

    async def _is_still_welcome(self) -> bool:
        found = await self._door.admit(self._credential, active=False)
        return found is not None and found.asker.caller == self._entrant.asker.caller
