"""Which pages may change something: those of this application, and programs that are no browser."""

from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers

from gis.errors import OnomapError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES = frozenset({"same-origin", "none"})


class ForeignOriginError(OnomapError):
    """A page of another site tried to change something with the reader's own connection."""


def refuse_foreign_writes(request: Request) -> None:
    """Raise ForeignOriginError for a change that a browser sends from another page than ours (OWASP ASVS 3.5)."""
    if request.method not in SAFE_METHODS and not is_own_page(request.headers):
        raise ForeignOriginError("ほかのサイトの画面からは変更できません。この地図の画面から操作してください。")


def is_own_page(headers: Headers, *, must_say: bool = False) -> bool:
    """Whether a request comes from one of our pages, or from no page; `must_say`: from none is not enough.

    Browsers say where a request comes from in `Sec-Fetch-Site` and `Origin`; programs send neither. The scheme is left
    out of the comparison, because a proxy in front may end TLS.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if must_say and site is None and origin is None:
        return False
    is_foreign_site = site is not None and site not in OWN_SITES
    return not is_foreign_site and (origin is None or urlsplit(origin).netloc == headers.get("host"))
