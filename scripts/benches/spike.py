"""A disaster's readers: 1,000 requests a second through nginx for a minute, and what an inquiry inside feels of it meanwhile.

`scripts/bench spike --home HOME [--seconds 60] [--rate 1000]` over an instance whose map is published (`scripts/start` makes one).
Loopback only; everything that it starts ends with it. Half of the requests are for tiles and files of the page; a tenth are
for the page, four tenths for /here at places that nobody asked before.
"""

import argparse
import json
import math
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from api.serve import free_port, public_environment
from layers.publication.public_database import found_public_database, public_folder
from layers.store.cluster import database_in_use
from layers.store.instance import connect
from layers.store.settings import load_settings
from scripts.benches.ground import tell
from scripts.benches.inquiry import _ask, _keys
from scripts.benches.signed_in import signed_in
from scripts.benches.spike_front import nginx
from scripts.drills.gap_parts.process import running_server

MOST_P95_MS = 500.0
MOST_SLOWDOWN = 1.2
CONNECTIONS = 256
_RESULT = re.compile(r"RESULT (\S+) (\d+) (\d+) (\S+) (\S+)")
_LUA = """
local wanted = %s
local pause = %d
request = function()
  return wrk.format("GET", wanted[math.random(#wanted)], {["Accept-Encoding"]="gzip"})
end
delay = function() return math.random(0, 2 * pause) end
function setup(thread) thread:set("seed", math.random(2^30)) end
function init() math.randomseed(seed) end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %%f %%d %%d %%f %%f\\n", summary.requests / summary.duration * 1e6, summary.requests,
    e.connect + e.read + e.write + e.timeout + e.status, latency:percentile(95) / 1000, latency:percentile(99) / 1000))
end
"""


def _addresses(site: str) -> list[str]:
    """What readers ask for, in the shares in which they do."""
    chance = random.Random(75221)
    layers = json.load(urllib.request.urlopen(f"{site}/layers"))
    west, south, east, north = layers["municipality"]["bbox"]
    kept = json.load(urllib.request.urlopen(f"{site}/offline.json"))["files"]
    files = [f"/{file['url'].removeprefix('./')}" for file in kept if file["kind"] in {"page", "words", "vendor"}]
    names = [layer["id"] for layer in layers["layers"]]

    def place() -> tuple[float, float]:
        return chance.uniform(west, east), chance.uniform(south, north)

    def tile() -> str:
        lon, lat = place()
        zoom = chance.choice((12, 13, 14, 15))
        side = 1 << zoom
        return f"/tiles/{chance.choice(names)}/{zoom}/{int((lon + 180) / 360 * side)}/{int(_row(lat) * side)}"

    here = ["/here?f=json&lon={:.6f}&lat={:.6f}".format(*place()) for _ in range(8_000)]
    return [*here, *(tile() for _ in range(5_000)), *(chance.choice(files) for _ in range(5_000)), *["/"] * 2_000]


def _row(lat: float) -> float:
    """How far down the world a latitude lies in Web Mercator, 0 to 1."""
    return 0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)


def _load(site: str, addresses: list[str], seconds: int, rate: int, folder: Path) -> dict[str, float]:
    """wrk keeps the rate by pausing: each connection asks, waits for the answer, and pauses."""
    script = folder / "spike.lua"
    wanted = "{" + ",".join(json.dumps(one) for one in addresses) + "}"
    script.write_text(_LUA % (wanted, round(CONNECTIONS / rate * 1000)), encoding="utf-8")
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s", str(script), site]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60)
    found = _RESULT.search(ran.stdout)
    if found is None:
        raise RuntimeError(ran.stdout + ran.stderr)
    per_second, requests, errors, p95, p99 = map(float, found.groups())
    return {"per_second": per_second, "requests": requests, "errors": errors, "p95_ms": p95, "p99_ms": p99}


class _Inquiries:
    """Asks one inquiry after the other, a tenth of a second apart, as clerks do who go on working."""

    def __init__(self, port: int, keys: list[str]) -> None:
        self._port, self._keys = port, keys

    def median_s(self, seconds: float, done: threading.Event) -> float:
        """The median of what was asked until `done`, or for so many seconds."""
        spent: list[float] = []
        until = time.monotonic() + seconds
        while time.monotonic() < until and not done.is_set():
            began = time.perf_counter()
            _ask(self._port, [self._keys[len(spent) % len(self._keys)]])
            spent.append(time.perf_counter() - began)
            time.sleep(0.1)
        return statistics.median(spent)


def main() -> None:
    """One run; exits with 1 where a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=1_000)
    parser.add_argument("--processes", type=int, default=1, help="public processes behind nginx")
    arguments = parser.parse_args()
    for tool in ("wrk", "nginx"):
        if shutil.which(tool, path="/usr/bin:/usr/sbin") is None:
            sys.exit(f"{tool} がありません。apt-get install wrk nginx-light を実行してください。")
    told = _measure(arguments)
    sys.exit(0 if told else 1)


def _measure(asked: argparse.Namespace) -> bool:
    with ExitStack() as stack:
        settings = load_settings(asked.home)
        address = stack.enter_context(database_in_use(settings.home))
        store = connect(settings, address.url)
        stack.callback(store.database.close)
        stack.enter_context(signed_in(store))
        inside, front = free_port(), free_port()
        stack.enter_context(running_server("staff", inside, {}, "--home", str(asked.home)))
        environment = public_environment(found_public_database(settings).web_url, public_folder(settings.home))
        environment |= {"ONOMAP_PUBLIC_TRUSTED_PROXIES": '["127.0.0.1/32"]'}
        environment |= {f"ONOMAP_PUBLIC_{name}_RATE": "10000000/minute" for name in ("TILE", "READ", "DRAWN", "FILE")}
        ports = [free_port() for _ in range(asked.processes)]
        for port in ports:
            stack.enter_context(running_server("public", port, environment))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onomap-spike-")))
        stack.enter_context(nginx(folder, front, ports))
        return _compare(asked, f"http://127.0.0.1:{front}", _Inquiries(inside, _keys(store, 200)), folder)


def _compare(asked: argparse.Namespace, site: str, inquiries: _Inquiries, folder: Path) -> bool:
    addresses = _addresses(site)
    done = threading.Event()
    calm = inquiries.median_s(min(asked.seconds, 10), done)
    result: dict[str, float] = {}

    def load() -> None:
        try:
            result.update(_load(site, addresses, asked.seconds, asked.rate, folder))
        finally:
            done.set()

    worker = threading.Thread(target=load)
    worker.start()
    under_load = inquiries.median_s(asked.seconds + 60, done)
    worker.join()
    slowdown = under_load / calm
    kept = bool(result) and result["errors"] == 0 and result["p95_ms"] <= MOST_P95_MS and slowdown <= MOST_SLOWDOWN
    p95 = result.get("p95_ms", float("inf"))
    told = {name: round(value, 1) for name, value in result.items()}
    tell(
        "spike",
        p95 / 1000,
        MOST_P95_MS / 1000,
        int(result.get("requests", 0)),
        **told,
        inquiry_slowdown=round(slowdown, 2),
    )
    return kept and result["per_second"] >= 0.95 * asked.rate


if __name__ == "__main__":
    main()
