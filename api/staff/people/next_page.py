"""Where to go after signing in: a place on this server, whatever the address says."""

import re
from urllib.parse import urlsplit

HOME = "/"
LONGEST = 4_000
_PLAIN = re.compile(r"/[\x21-\x5b\x5d-\x7e]*")


def safe_next(text: str) -> str:
    """The address when it is a path of this server, else the map: what browsers read as another host leads nowhere.

    `//host`, `/\\host`, a scheme, blanks and control letters (which browsers drop) are refused, and so are the login's own pages.
    """
    if len(text) > LONGEST or not _PLAIN.fullmatch(text) or text.startswith("//"):
        return HOME
    parts = urlsplit(text)
    if parts.scheme or parts.netloc or parts.path.startswith(("/login", "/logout")):
        return HOME
    return text
