"""People of several posts with a key each, as whom the publication desk is asked."""

from datetime import timedelta

from starlette.types import ASGIApp, Receive, Scope, Send

from layers.accounts.keys import keep_key, new_key
from layers.accounts.persons import add_person
from layers.store.instance import Store
from layers.store.rights.caller import EVERY_VERB, Caller
from tests.layers.publication.people_samples import BOTH, CHIEF, CLERK, DISASTER, OUTSIDER, VIEWER, caller

CALLERS: dict[str, Caller] = {one.account: one for one in (CLERK, CHIEF, BOTH, OUTSIDER, VIEWER, DISASTER)}
CALLERS["abe"] = caller("abe", "地域整備課", "viewer", "editor")
KEYS = {account: new_key() for account in CALLERS}


def let_in(store: Store) -> None:
    """Give each of them an account and their key."""
    for account, one in CALLERS.items():
        add_person(store, account, one.name, one.post)
        keep_key(store, account, "試験", EVERY_VERB, timedelta(days=1), KEYS[account])


class WithKeys:
    """Sends each request with the key of whoever the header `account` names."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http":
            account = dict(scope["headers"]).get(b"account", b"").decode()
            if account in KEYS:
                shown = (b"authorization", f"Bearer {KEYS[account]}".encode())
                scope = {**scope, "headers": [*scope["headers"], shown]}
        await self.app(scope, receive, send)
