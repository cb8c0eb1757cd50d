"""What somebody may open who only measures own fields: a short list, so that a new address is shut until it is written here."""

import re

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Scope

from api.problems import problem

HOME = "/field"
_EXACT = frozenset(
    {
        *(HOME, "/fields", "/staff/page.css", "/surveys", "/me", "/logout", "/logout/everywhere"),
        *("/account", "/account/password", "/account/sessions/end"),
        *("/account/totp/offer", "/account/totp/confirm", "/account/totp/remove"),
    }
)
_FOLDERS = ("/field/", "/fields/", "/surveys/", "/shared/", "/vendor/")
_STEP_UP = re.compile(r"(^|/)\.\.?(/|$)|//|\\")
REFUSED = "このアカウントで使えるのは、圃場の測位（/field）、圃場と作付（/fields）、ご自分の設定（/account）だけです。"


def is_open(path: str) -> bool:
    """Whether the path is on the list; one that is written in a roundabout way is not."""
    if _STEP_UP.search(path):
        return False
    return path in _EXACT or path.startswith(_FOLDERS)


def refusal(scope: Scope) -> ASGIApp:
    """The answer for any other address, be there something or not; who opens the map's address is led to the own page."""
    headers = Headers(scope=scope)
    wants_page = scope["method"] in {"GET", "HEAD"} and "text/html" in headers.get("accept", "")
    if scope["path"] == "/" and wants_page:
        return RedirectResponse(f"{scope.get('root_path', '')}{HOME}", status_code=303)
    return problem(403, REFUSED)
