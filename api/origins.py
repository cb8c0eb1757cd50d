"""Which pages may change something: those of this application, and programs that are no browser."""

from urllib.parse import urlsplit

from fastapi import Request

from gis.errors import OnomapError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES = frozenset({"same-origin", "none"})


class ForeignOriginError(OnomapError):
    """A page of another site tried to change something with the reader's own connection."""


def refuse_foreign_writes(request: Request) -> None:
    """Raise ForeignOriginError for a change that a browser sends from another page than ours (OWASP ASVS 3.5).

    Browsers say where a request comes from in `Sec-Fetch-Site` and `Origin`; programs send neither. The scheme is left
    out of the comparison, because a proxy in front may end TLS.
    """
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    foreign_site = site is not None and site not in OWN_SITES
    if foreign_site or (origin is not None and urlsplit(origin).netloc != request.headers.get("host")):
        raise ForeignOriginError("ほかのサイトの画面からは変更できません。この地図の画面から操作してください。")
