"""The gate of the internal application: nobody comes further without a session or a key (plain ASGI, before the tiles)."""

from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.headers import SafeHeaders
from api.origins import SAFE_METHODS, is_own_page
from api.problems import problem, status_of
from api.staff.people import confined
from api.staff.people.credentials import Credential, credential_of
from api.staff.people.door import Door, Entrant
from api.staff.people.streams import Ended
from gis.errors import OnomapError

OPEN = frozenset({"/healthz", "/login"})
OPEN_FOLDER = "/login/"
"""Below this lies what somebody needs who is not in yet; nothing of the store."""
STREAM = "/events"
CHALLENGE = {"WWW-Authenticate": 'Basic realm="onomap", charset="UTF-8"'}
UNKNOWN = (
    "ログインが必要です。画面では /login でログインし、QGIS やスクリプトでは鍵（onomap token で発行）を"
    "パスワードとして送ってください。"
)
FOREIGN = "ほかのサイトの画面からは変更できません。この地図の画面から操作してください。"
_VARY = "Authorization, Cookie"


class Gate:
    """Lets in who shows a session or a key, and sets `caller`, `asker` and `view` in the scope's state."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer 401 (programs), 303 to the login (pages), 403 (a foreign page's change, or what is not a
        farmer's to open)."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        path: str = scope["path"]
        if path in OPEN or path.startswith(OPEN_FOLDER):
            await self.app(scope, receive, _private(send))
            return
        credential = credential_of(scope["headers"])
        try:
            entrant = None if credential is None else await self.door.admit(credential, active=path != STREAM)
        except OnomapError as error:
            await SafeHeaders(problem(status_of(error), str(error)))(scope, receive, _private(send))
            return
        if credential is None or entrant is None:
            await SafeHeaders(_refusal(scope))(scope, receive, _private(send))
        elif not _is_own_write(scope, credential):
            await SafeHeaders(problem(403, FOREIGN))(scope, receive, _private(send))
        elif entrant.view.is_confined and not confined.is_open(path):
            await SafeHeaders(confined.refusal(scope))(scope, receive, _private(send))
        else:
            await self._let_in(entrant, credential, scope, receive, send)

    async def _let_in(
        self, entrant: Entrant, credential: Credential, scope: Scope, receive: Receive, send: Send
    ) -> None:
        state = scope.setdefault("state", {})
        state["caller"], state["asker"], state["view"] = entrant.asker.caller, entrant.asker, entrant.view
        if scope["path"] == STREAM:
            ended = Ended(self.door, credential, entrant, receive, _private(send))
            await self.app(scope, ended.receive, ended.send)
        else:
            await self.app(scope, receive, _private(send))


def _is_own_write(scope: Scope, credential: Credential) -> bool:
    """Whether a request that changes something comes from our own page: a browser sends the cookie for any page, and
    says which one it is. A key is sent by nobody but its owner."""
    if credential.is_key or scope["method"] in SAFE_METHODS:
        return True
    return is_own_page(Headers(scope=scope), must_say=True)


def _refusal(scope: Scope) -> ASGIApp:
    headers = Headers(scope=scope)
    wants_page = scope["method"] in {"GET", "HEAD"} and "text/html" in headers.get("accept", "")
    if wants_page and headers.get("sec-fetch-mode", "navigate") == "navigate" and "authorization" not in headers:
        query = scope["query_string"].decode("latin-1")
        here = scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse(f"{scope.get('root_path', '')}/login?next={quote(here, safe='')}", status_code=303)
    # a browser would ask for a name and a password in a window of its own
    is_browser = "sec-fetch-site" in headers
    return problem(401, UNKNOWN, headers=None if is_browser else CHALLENGE)


def _private(send: Send) -> Send:
    """No answer is kept by anybody but the asker's own browser, and there only where it asks each time."""

    async def complete(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            said = headers.get("cache-control", "")
            if "private" not in said and "no-store" not in said and "immutable" not in said:
                headers["Cache-Control"] = "private, no-cache" if "etag" in headers else "private, no-store"
            if "cookie" not in headers.get("vary", "").lower():
                headers.add_vary_header(_VARY)
        await send(message)

    return complete
