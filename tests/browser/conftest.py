"""A real browser on the staff map of a running server, and what every test of a page must not see."""

import json
import os
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from api.staff.people.credentials import PLAIN_COOKIE
from layers.accounts.persons import person
from layers.accounts.sessions import Visit as Visit_
from layers.accounts.sessions import begin
from layers.store.instance import Store
from tests.signing import LOGIN

CHROMIUM = Path(os.environ.get("ONOMAP_CHROMIUM", "/usr/bin/chromium"))
QUIET = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SOFTWARE_GL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
DESKTOP = {"width": 1280, "height": 800}
NARROW = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 60_000
_REPORT_VIOLATIONS = """
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => {
        window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
"""


@pytest.fixture(scope="session")
def site(staff_url: str) -> str:
    """Address of a running staff server that holds the sample town, ending in a slash."""
    return staff_url.rstrip("/") + "/"


@dataclass(frozen=True)
class Server:
    """The server as a program asks it, to know what the page should show."""

    site: str

    def get(self, path: str, **parameters: str) -> Any:
        """The JSON at an address."""
        with urllib.request.urlopen(f"{self.site}{path}?{urllib.parse.urlencode(parameters)}") as response:  # noqa: S310
            return json.load(response)

    def post(self, path: str, body: object) -> Any:
        """The JSON answer to a JSON body."""
        data = json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310
            f"{self.site}{path}", data=data, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return json.load(response)

    def neighbours(self, least: int) -> list[dict[str, Any]]:
        """At least so many placed parcels that lie side by side; each has a number of its own in the whole town."""
        for oaza in self.get("search", q="小野新町")["oaza"] or [{"center": self._middle()}]:
            lon, lat = oaza["center"]
            for reach in (0.0005, 0.001, 0.002, 0.004, 0.008):
                ring = [[lon - reach, lat - reach], [lon + reach, lat - reach], [lon + reach, lat + reach]]
                ring += [[lon - reach, lat + reach], ring[0]]
                found = self.post("parcels/in", {"type": "Polygon", "coordinates": [ring]})["matches"]
                plain = [parcel for parcel in found if self._is_plain(parcel)]
                if len(plain) >= least:
                    return plain
        pytest.fail("the sample town has no parcels in its middle")

    def _is_plain(self, parcel: dict[str, Any]) -> bool:
        return bool(
            parcel["placed"]
            and not parcel["undetermined"]
            and any(part.isdigit() for part in parcel["key"].rpartition("/")[2].split("-"))
        )

    def _middle(self) -> list[float]:
        west, south, east, north = self.get("layers")["municipality"]["bbox"]
        return [(west + east) / 2, (south + north) / 2]


@pytest.fixture(scope="session")
def server(site: str) -> Server:
    """The server behind the page."""
    return Server(site)


@pytest.fixture(scope="session")
def parcels(server: Server) -> list[dict[str, Any]]:
    """Parcels that lie side by side, as the server gives them."""
    return server.neighbours(4)


@pytest.fixture(scope="module")
def launch() -> Iterator[Callable[..., Browser]]:
    """Starts a browser; `gl=False` takes WebGL away from it.

    Playwright keeps an event loop running in this thread, in which other files' tests could start none of their own: it
    ends with the file.
    """
    if not CHROMIUM.is_file():
        pytest.skip(f"no browser at {CHROMIUM} (set ONOMAP_CHROMIUM)")
    with sync_playwright() as playwright:
        started: list[Browser] = []

        def start(*, gl: bool = True) -> Browser:
            flags = [*QUIET, *SOFTWARE_GL] if gl else [*QUIET, "--disable-3d-apis"]
            left_out = [] if gl else ["--enable-unsafe-swiftshader"]
            started.append(
                playwright.chromium.launch(executable_path=CHROMIUM, args=flags, ignore_default_args=left_out)
            )
            return started[-1]

        yield start
        for browser in started:
            browser.close()


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Browser]) -> Browser:
    """A browser with WebGL2 in software."""
    return launch()


@dataclass
class Watch:
    """What a page did that it must not do, and what it asked for."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    forgiven: tuple[str, ...] = ()

    def hear(self, message: ConsoleMessage) -> None:
        """Keep errors, and the warning of a tile that was not clipped."""
        if message.type == "error" or "Geometry exceeds" in message.text or "could not be loaded" in message.text:
            self.complaints.append(message.text)

    def outside(self, site: str) -> list[str]:
        """Requests that left the server."""
        return [url for url in self.requests if not url.startswith((site, "data:", "blob:"))]

    def unforgiven(self) -> list[str]:
        """Complaints that the test did not bring about itself."""
        return [text for text in self.complaints if not any(part in text for part in self.forgiven)]


@dataclass
class Visit:
    """One page in a browser, watched."""

    site: str
    page: Page
    watch: Watch

    def open(self, address: str = "") -> Page:
        """Go to the page and wait until it has drawn everything."""
        self.page.goto(self.site + address)
        return self.settle()

    def settle(self) -> Page:
        """Wait for the page's own word that it is ready."""
        self.page.wait_for_selector("html[data-ready='1']", state="attached", timeout=PATIENCE_MS)
        return self.page

    def search(self, text: str) -> None:
        """Type and press Enter."""
        self.page.fill("#search-text", text)
        self.page.press("#search-text", "Enter")

    def choose(self, parcel: dict[str, Any]) -> None:
        """Find one parcel by its number and wait for its findings."""
        self.search(parcel["number"])
        self.page.wait_for_selector("#answer .finding")

    def check(self) -> None:
        """Nothing asked of the outside, no rule broken, nothing complained of."""
        assert self.watch.outside(self.site) == []
        assert self.page.evaluate("window.violations") == []
        assert self.watch.unforgiven() == []


Cookies = Callable[[], list[Any]]


def cookie_for(store: Store, url: str, login: str = LOGIN) -> Any:
    """The cookie of a new session of an account, as signing in sets it."""
    token = begin(store, person(store, login).id, Visit_("127.0.0.1", "a browser under test"))
    return {"name": PLAIN_COOKIE, "value": token, "url": url, "httpOnly": True, "sameSite": "Lax"}


@pytest.fixture(scope="session")
def session_cookies(sample_store: Store, site: str) -> Cookies:
    """Makes the cookies with which a page is opened at the server of the sample town."""
    return lambda: [cookie_for(sample_store, site)]


@pytest.fixture
def visit(site: str, browser: Browser, session_cookies: Cookies) -> Iterator[Callable[..., Visit]]:
    """Makes watched pages; options are those of a browser context, `on` another browser. All are checked at the end."""
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    def make(*, on: Browser | None = None, **options: Any) -> Visit:
        settings = {"viewport": DESKTOP, "locale": "ja-JP", "timezone_id": "Asia/Tokyo", **options}
        contexts.append((on or browser).new_context(**settings))
        contexts[-1].add_cookies(session_cookies())
        contexts[-1].add_init_script(_REPORT_VIOLATIONS)
        page, watch = contexts[-1].new_page(), Watch()
        page.set_default_timeout(PATIENCE_MS / 2)
        page.on("request", lambda request: watch.requests.append(request.url))
        page.on("console", watch.hear)
        page.on("pageerror", lambda error: watch.complaints.append(str(error)))
        visits.append(Visit(site, page, watch))
        return visits[-1]

    yield make
    try:
        for one in visits:
            one.check()
    finally:
        for context in contexts:
            context.close()


@pytest.fixture
def desk(visit: Callable[..., Visit]) -> Visit:
    """The staff map on a desk, open and ready."""
    one = visit()
    one.open()
    return one
