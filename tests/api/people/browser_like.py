"""A client that does what a browser does with our pages: keeps cookies, says where a request comes from, fills in forms."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

import httpx

from layers.accounts.links import choose_password, issue_link
from layers.accounts.persons import add_person
from layers.store.instance import Store
from layers.store.rights.caller import Post

PASSWORD = "つき きつね 階段 みかん"
PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}


class _Fields(HTMLParser):
    """The value of the first hidden field called `token`."""

    token = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "input" and found.get("name") == "token" and not self.token:
            self.token = found.get("value") or ""


def token_of(page: httpx.Response) -> str:
    """The token of a page's forms."""
    fields = _Fields()
    fields.feed(page.text)
    return fields.token


@dataclass
class Browser:
    """One browser on one server."""

    http: httpx.Client

    def page(self, path: str) -> httpx.Response:
        """Go to a page."""
        return self.http.get(path, headers=PAGE)

    def send(self, page: str, action: str, **fields: str | list[str]) -> httpx.Response:
        """Fill in the form of a page and send it; redirections are not followed."""
        token = token_of(self.page(page))
        return self.http.post(action, data={"token": token, **fields}, headers={**PAGE, "Origin": self.origin})

    @property
    def origin(self) -> str:
        """What the browser calls the server's pages."""
        return str(self.http.base_url).rstrip("/")

    def sign_in(self, login: str, password: str = PASSWORD, **more: str) -> httpx.Response:
        """Sign in by the login page."""
        return self.send("/login", "/login", username=login, password=password, **more)


def new_browser(url: str) -> Browser:
    """A browser without a cookie."""
    return Browser(httpx.Client(base_url=url, timeout=60))


def new_person(store: Store, login: str, department: str = "税務課", *duties: str) -> None:
    """A person with the password `PASSWORD` in that post."""
    add_person(store, login, f"{login} さん", Post(department, frozenset(duties)))
    choose_password(store, issue_link(store, login), PASSWORD)


def signed_in(url: str, login: str) -> Browser:
    """A browser whose person has signed in."""
    browser = new_browser(url)
    assert browser.sign_in(login).status_code == 303
    return browser


def secret_in(text: str) -> str:
    """A key in a page."""
    found = re.search(r"onomap_[A-Za-z0-9_-]{43}", text)
    assert found is not None
    return found.group()
