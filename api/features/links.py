"""Addresses and links: every document says where it is, what else there is, and in which forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request
from starlette.datastructures import URL

from gis.formats.writing.formats import FORMATS

Link = dict[str, str]
"""One link as OGC 17-069r4 has it: `href`, `rel`, `type`, `title`, where it helps `hreflang`."""


def link(href: str, rel: str, media: str, title: str) -> Link:
    """One link."""
    return {"href": href, "rel": rel, "type": media, "title": title}


_OF_A_PAGE = ("limit", "cursor", "count")
"""Parameters that mean one page; a file holds all rows."""


def file_links(items: URL) -> list[Link]:
    """The features that an `items` address means, without its paging, as a file of each format."""
    whole = items.remove_query_params(_OF_A_PAGE)
    links = []
    for name, form in FORMATS.items():
        address = whole.remove_query_params("crs") if form.only_crs84 else whole
        links.append(link(str(address.include_query_params(f=name)), "enclosure", form.media_type, form.title))
    return links


@dataclass(frozen=True)
class Addresses:
    """Addresses of the resources as this caller reached them."""

    request: Request

    @property
    def server(self) -> str:
        """The server's address as the caller wrote it, without a slash at its end."""
        return str(self.request.base_url).rstrip("/")

    @property
    def base(self) -> str:
        """The address of the landing page."""
        return f"{self.server}/api"

    @property
    def conformance(self) -> str:
        """The declaration of conformance."""
        return f"{self.base}/conformance"

    @property
    def collections(self) -> str:
        """The list of collections."""
        return f"{self.base}/collections"

    @property
    def definition(self) -> str:
        """The OpenAPI document."""
        return f"{self.base}/openapi.json"

    @property
    def definition_3_0(self) -> str:
        """The OpenAPI document for programs that know no later than 3.0."""
        return f"{self.base}/openapi-3.0.json"

    def collection(self, name: str) -> str:
        """One collection."""
        return f"{self.collections}/{quote(name, safe='')}"

    def part(self, name: str, part: str) -> str:
        """`items`, `queryables` or `schema` of a collection."""
        return f"{self.collection(name)}/{part}"

    def item(self, name: str, identifier: object) -> str:
        """One feature."""
        return f"{self.part(name, 'items')}/{identifier}"

    def here(self, form: str | None) -> str:
        """This address in another form; with None as it was called."""
        url = self.request.url
        return str(url if form is None else url.include_query_params(f=form))

    def own_links(self, form: str, offered: Mapping[str, str], title: str) -> list[Link]:
        """`self` in the form that is given, `alternate` in every other."""
        links = [link(self.here(None), "self", offered[form], title)]
        others = [name for name in offered if name != form]
        return links + [link(self.here(name), "alternate", offered[name], f"{title}（{name}）") for name in others]
