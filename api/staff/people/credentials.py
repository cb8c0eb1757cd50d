"""What a request shows of who asks: a session's cookie, or a key by Bearer or Basic (RFC 6750, RFC 7617)."""

import base64
import binascii
from collections.abc import Iterable
from typing import NamedTuple

from layers.accounts.keys import PREFIX
from layers.accounts.tokens import digest, is_token

PLAIN_COOKIE = "onomap_session"
SECURE_COOKIE = "__Host-onomap_session"
"""The name that browsers take over https only, for this host and every path (RFC 6265bis, 4.1.3.2)."""
_NAMES = (SECURE_COOKIE.encode(), PLAIN_COOKIE.encode())


class Credential(NamedTuple):
    """The hash of what was shown; never the secret itself."""

    hash: bytes
    is_key: bool


def credential_of(headers: Iterable[tuple[bytes, bytes]]) -> Credential | None:
    """The credential of a request. One with an Authorization header is judged by that alone; a second of either is none."""
    shown = [(name, value) for name, value in headers if name in {b"authorization", b"cookie"}]
    authorizations = [value for name, value in shown if name == b"authorization"]
    if authorizations:
        return _of_key(authorizations[0]) if len(authorizations) == 1 else None
    token = session_token(value for _, value in shown)
    return None if token is None else Credential(digest(token), is_key=False)


def session_token(cookies: Iterable[bytes]) -> str | None:
    """The secret of the session in Cookie headers; None without one, or with two that differ."""
    pairs = [pair.strip().partition(b"=") for header in cookies for pair in header.split(b";")]
    found = {name: {value for key, _, value in pairs if key == name} for name in _NAMES}
    values = found[_NAMES[0]] or found[_NAMES[1]]
    if len(values) != 1:
        return None
    text = values.pop().decode("latin-1")
    return text if is_token(text) else None


def _of_key(header: bytes) -> Credential | None:
    scheme, _, rest = header.decode("latin-1").strip().partition(" ")
    secret = rest.strip()
    if scheme.lower() == "basic":
        try:
            decoded = base64.b64decode(secret, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
        secret = decoded.partition(":")[2]
    elif scheme.lower() != "bearer":
        return None
    is_key = secret.startswith(PREFIX) and is_token(secret.removeprefix(PREFIX))
    return Credential(digest(secret), is_key=True) if is_key else None
