"""The internal application with a caller for each request, as the gate with logins puts one there."""

from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from layers.store.rights.caller import Caller
from tests.layers.publication.people_samples import BOTH, CHIEF, CLERK, OUTSIDER, VIEWER, caller

CALLERS: dict[str, Caller] = {one.account: one for one in (CLERK, CHIEF, BOTH, OUTSIDER, VIEWER)}
CALLERS["abe"] = caller("abe", "地域整備課", "viewer", "editor")


class AsCaller:
    """Takes the caller's account from the header or the cookie `account`; without either there is none."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its caller."""
        if scope["type"] == "http":
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            cookies = dict(part.strip().split("=", 1) for part in headers.get("cookie", "").split(";") if "=" in part)
            account = headers.get("account") or cookies.get("account", "")
            if account in CALLERS:
                scope.setdefault("state", {})["caller"] = CALLERS[account]
        await self.app(scope, receive, send)


def serve(home: str, port: str) -> None:
    """Serve a home with its public side, for a browser."""
    from api.serving import run
    from api.staff.app import create_app
    from layers.store.instance import open_store

    with open_store(Path(home)) as store:
        run(AsCaller(create_app(store)), int(port))


if __name__ == "__main__":
    import sys

    serve(*sys.argv[1:])
