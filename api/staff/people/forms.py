"""Forms of the people's pages: read by their own rules, and taken only from a page that this server made for this browser.

Two things have to agree (OWASP CSRF Prevention): the browser says that the page is ours, and the form holds a token that
follows from the secret in the cookie, which no other site can read.
"""

import secrets
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends, Request, Response

from api.bodies import body_of
from api.origins import ForeignOriginError, is_own_page
from api.staff.people.credentials import PLAIN_COOKIE, SECURE_COOKIE, session_token
from layers.accounts.tokens import is_token, new_token

FORM_COOKIE = "onomap_form"
SECURE_FORM_COOKIE = "__Host-onomap_form"
LARGEST_FORM = 16_384
MOST_FIELDS = 100
URLENCODED = "application/x-www-form-urlencoded"
STALE = "画面が古くなっています。前の画面に戻り、再読み込みしてからもう一度お試しください。"


class Form:
    """What was filled in; a field that was not sent is empty."""

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """The value of a field."""
        return self._values.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """Every value of a field, such as of check boxes."""
        return self._values.get(name, [])

    def number(self, name: str) -> int:
        """The value as a whole number, -1 for what is none."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else -1


def is_secure(request: Request) -> bool:
    """Whether the browser speaks https, also where a proxy in front ends it."""
    return request.url.scheme == "https"


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """A cookie for this host alone, out of reach of scripts; over https under the name that browsers guard."""
    secure = is_secure(request)
    response.set_cookie(
        f"__Host-{name}" if secure else name, value, secure=secure, httponly=True, samesite="lax", path="/"
    )


def drop_cookies(response: Response, names: Iterable[str]) -> None:
    """Make the browser forget them, under either name."""
    for name in names:
        response.delete_cookie(name, path="/", httponly=True, samesite="lax")
        response.delete_cookie(f"__Host-{name}", path="/", secure=True, httponly=True, samesite="lax")


def token_for(secret: str) -> str:
    """The token of forms made for the holder of a cookie's secret."""
    return sha256(b"onomap form " + secret.encode()).hexdigest()


def session_secret(request: Request) -> str | None:
    """The secret of the session cookie."""
    return session_token(value for name, value in request.scope["headers"] if name == b"cookie")


def form_secret(request: Request) -> str | None:
    """The secret from which the token of this browser's forms follows: of its session, or of the login page's cookie."""
    if not str(request.scope["path"]).startswith("/login"):
        return session_secret(request)
    return login_secret(request)


def login_secret(request: Request) -> str | None:
    """The secret in the login page's cookie."""
    name = SECURE_FORM_COOKIE if is_secure(request) else FORM_COOKIE
    value = request.cookies.get(name, "")
    return value if is_token(value) else None


def fresh_login_secret(request: Request) -> str:
    """That secret, or a new one, which the answer then has to set."""
    return login_secret(request) or new_token()


async def _form(request: Request) -> Form:
    body = await body_of(request, [URLENCODED], LARGEST_FORM)
    try:
        values = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise ForeignOriginError(STALE) from error
    form, secret = Form(values), form_secret(request)
    is_ours = secret is not None and secrets.compare_digest(form.text("token").encode(), token_for(secret).encode())
    if not is_ours or not is_own_page(request.headers, must_say=True):
        raise ForeignOriginError(STALE)
    return form


Sent = Annotated[Form, Depends(_form)]
__all__ = ["FORM_COOKIE", "PLAIN_COOKIE", "SECURE_COOKIE", "Form", "Sent"]
