"""What stands before the application in tests that ask as somebody."""

from starlette.types import ASGIApp, Receive, Scope, Send

from layers.store.rights.caller import Caller


class Gate:
    """Stands for the gate: puts the caller into the request's state."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.caller: Caller | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope.setdefault("state", {})["caller"] = self.caller
        await self.app(scope, receive, send)
