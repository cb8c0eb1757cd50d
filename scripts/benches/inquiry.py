"""One inquiry and a list of 1,000, over HTTP at 100,000 parcels, against a geopandas script over the same tables."""

import json
import random
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from api.serve import free_port
from layers.store.instance import Store
from scripts.benches.ground import HOME, REPOSITORY, ground, median_seconds, tell
from scripts.benches.peers.overlay_with_geopandas import overlay

MEMORY_LIMIT_MB = 300


def _keys(store: Store, count: int) -> list[str]:
    with store.database.transaction() as connection:
        rows = connection.execute("SELECT parcel_key FROM layers.cadastral ORDER BY fid").fetchall()
    return [row[0] for row in random.Random(75221).sample(rows, count)]


def _ask(port: int, keys: list[str]) -> bytes:
    body = json.dumps({"parcels": keys}).encode()
    address = f"http://127.0.0.1:{port}/inquiries"
    request = urllib.request.Request(address, data=body, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as response:
        return bytes(response.read())


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")


def main() -> None:
    """Start the staff server on the benches' ground, ask, and compare."""
    with ground() as stage:
        keys = _keys(stage.store, 1_000)
        port = free_port()
        command = [sys.executable, "-P", "-m", "api.serving", "staff", "--port", str(port), "--home", str(HOME)]
        server = subprocess.Popen(command, cwd=REPOSITORY)
        try:
            _wait(port)
            one = median_seconds(lambda: _ask(port, keys[:1]), 9)
            many = median_seconds(lambda: _ask(port, keys), 3)
            peer_one = median_seconds(lambda: overlay(stage.url, keys[:1]), 1)
            peer_many = median_seconds(lambda: overlay(stage.url, keys), 3)
            tell("inquiry.one", one, peer_one, 1, wanted_ratio=50)
            tell("inquiry.thousand", many, peer_many, 1_000, wanted_ratio=1.5)
            for key in keys:
                _ask(port, [key])
            resident = _resident_mb(server.pid)
            tell("inquiry.memory_mb_after_1000", resident, MEMORY_LIMIT_MB, 1_000, wanted_ratio=1.0)
        finally:
            server.terminate()
            server.wait(20)


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the staff server did not start")


if __name__ == "__main__":
    main()
