"""How soon the answer for a linked place can be read on a slow phone line: 1.6 Mbit/s, a round trip of 150 ms, nothing kept.

`scripts/bench readable [SITE]` over the public application at SITE, else over one on the benches' ground. Chromium slows
each request down but not the making of a connection: two round trips, for TCP and TLS 1.3, are added to what it measures.
`ours` is the median of `READINGS`, `other` what is allowed.
"""

import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.benches.ground import ground, tell
from scripts.benches.here import _publish, _server

CHROMIUM = os.environ.get("ONOMAP_CHROMIUM", "/usr/bin/chromium")
PLACE = "?here=37.2869,140.6263"
READINGS = 10
ROUND_TRIP_MS, BITS_A_SECOND = 150, 1_600_000
HANDSHAKES = 2
ALLOWED_S = 1.5
SCREEN = {"width": 360, "height": 740}
_WATCH = """
    const watch = () => {
        const answer = document.querySelector("#found .headline");
        if (answer && answer.getClientRects().length) {
            requestAnimationFrame(() => setTimeout(() => { window.readable = performance.now(); }));
        } else {
            requestAnimationFrame(watch);
        }
    };
    requestAnimationFrame(watch);
"""
_SEEN = """() => {
    const [painted] = performance.getEntriesByName("first-contentful-paint");
    return window.readable && painted ? { painted: painted.startTime, readable: window.readable } : null;
}"""


@dataclass(frozen=True)
class Reading:
    """Milliseconds from the request to the first paint, and to the answer being laid out in a painted frame."""

    painted: float
    readable: float


def _slowed(page: Page) -> None:
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    throughput = BITS_A_SECOND / 8
    given = {
        "offline": False,
        "latency": ROUND_TRIP_MS,
        "downloadThroughput": throughput,
        "uploadThroughput": throughput,
    }
    line.send("Network.emulateNetworkConditions", given)


def _read(browser: Browser, address: str) -> Reading:
    """One visit by somebody who was never here."""
    context = browser.new_context(viewport=SCREEN, locale="ja-JP")
    try:
        page = context.new_page()
        _slowed(page)
        page.add_init_script(_WATCH)
        page.goto(address, wait_until="commit")
        for _ in range(600):
            seen = page.evaluate(_SEEN)
            if seen is not None:
                return Reading(**seen)
            page.wait_for_timeout(50)
        raise RuntimeError(f"{address} に答えが出ません。")
    finally:
        context.close()


@contextmanager
def _site() -> Iterator[str]:
    if len(sys.argv) > 1:
        yield sys.argv[1].rstrip("/") + "/"
        return
    with ground() as given, _server(_publish(given)) as port:
        yield f"http://127.0.0.1:{port}/"


def main() -> None:
    """One run; exits with 1 where the limit is not kept."""
    with _site() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        _read(browser, site + PLACE)
        readings = [_read(browser, site + PLACE) for _ in range(READINGS)]
        browser.close()
    readable = sorted(one.readable for one in readings)
    added = HANDSHAKES * ROUND_TRIP_MS
    ours = (statistics.median(readable) + added) / 1000
    tell(
        "readable",
        ours,
        ALLOWED_S,
        READINGS,
        readable_ms=[round(one) for one in readable],
        painted_ms=sorted(round(one.painted) for one in readings),
        handshakes_ms=added,
        load=round(os.getloadavg()[0], 1),
    )
    sys.exit(0 if ours <= ALLOWED_S else 1)


if __name__ == "__main__":
    main()
