"""Random secrets, and the hashes under which the store knows them."""

import re
import secrets
from hashlib import sha256

BYTES = 32
"""256 bits: nobody finds one by trying, so a plain SHA-256 keeps it as well as a slow hash would."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """A secret of 256 bits in 43 letters that fit into addresses and cookies."""
    return secrets.token_urlsafe(BYTES)


def is_token(text: str) -> bool:
    """Whether a text has the form of one."""
    return _TOKEN.fullmatch(text) is not None


def digest(token: str) -> bytes:
    """What the store keeps of it."""
    return sha256(token.encode()).digest()
