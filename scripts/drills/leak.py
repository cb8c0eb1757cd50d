"""Plants canaries in all that is not public, publishes, asks the public side everything, and looks for them in every answer."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from api.serve import free_port, public_environment
from api.staff.app import create_app
from layers.publication.importing import PublicSide
from layers.sample_town.install import install
from layers.store.cluster import Cluster, database_in_use
from layers.store.instance import Store, connect
from layers.store.settings import load_settings
from scripts.drills.leak_parts.canaries import MARK, Planted
from scripts.drills.leak_parts.crawling import Findings, crawl
from scripts.drills.leak_parts.opening import canaries_of
from scripts.drills.leak_parts.planting import plant, plant_behind
from scripts.drills.leak_parts.publishing import publish_all
from scripts.drills.leak_parts.questions import questions

PARCELS = 1_400
FREE = {f"ONOMAP_PUBLIC_{name}_RATE": "10000000/minute" for name in ("TILE", "READ", "FILE")}


def main() -> None:
    """The drill; exit 1 when anything was found."""
    began = time.perf_counter()
    # a file of the home whose path is told is a leak as well
    with tempfile.TemporaryDirectory(prefix=f"{MARK}home") as folder:
        home = Path(folder) / "home"
        with database_in_use(home) as address:
            result = _drill(home, address.url)
        Cluster(home).remove()
    print(json.dumps(result | {"whole_s": round(time.perf_counter() - began, 1)}, ensure_ascii=False))
    sys.exit(1 if result["found"] else 0)


def _drill(home: Path, url: str) -> dict[str, object]:
    store = connect(load_settings(home), url)
    try:
        say("見本の町を作ります")
        install(store, lambda *_: None, parcels=PARCELS)
        planted = plant(store)
        say(f"{planted.places} か所に {planted.values:,} 個を仕掛けました。公開します")
        side = publish_all(store)
        plant_behind(store, planted)
        findings = Findings()
        _look_into_files(side, findings)
        with _served(side) as base:
            _ask(base, store, findings)
    finally:
        store.database.close()
    return _result(planted, findings)


def _ask(base: str, store: Store, findings: Findings) -> None:
    paths = list(create_app(store).openapi()["paths"])
    with httpx.Client(base_url=base, timeout=60) as http:
        asked = list(questions(http, store.catalogue, paths))
    say(f"{len(asked):,} 回尋ねます")
    crawl(base, asked, findings, lambda done: say(f"{done:,} 回"))


def _look_into_files(side: PublicSide, findings: Findings) -> None:
    """The bundle, and every file that the public side has of it."""
    editions = side.folder / "editions"
    files = [*editions.rglob("*"), *side.folder.parent.joinpath("publication").rglob("*.zip")]
    for path in files:
        if path.is_file():
            findings.note(0, canaries_of(path.read_bytes()), f"file {path.name}")


@contextmanager
def _served(side: PublicSide) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-P", "-m", "api.serving", "public", "--port", str(port)]
    environment = public_environment(side.database.web_url, side.folder) | FREE
    process = subprocess.Popen(command, env=environment)
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_for(base, process)
        yield base
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(base: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        try:
            if httpx.get(f"{base}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            if process.poll() is not None:
                break
        time.sleep(0.1)
    raise RuntimeError("the public server did not start")


def _result(planted: Planted, findings: Findings) -> dict[str, object]:
    files = findings.statuses.pop(0, 0)
    for canary, where in list(findings.found.items())[:20]:
        say(f"見つかりました: {canary} … {where}")
    return {
        "drill": "leak",
        "requests": findings.requests,
        "planted": planted.places,
        "found": len(findings.found),
        "values": planted.values,
        "files": files,
        "statuses": {str(status): count for status, count in sorted(findings.statuses.items())},
    }


def say(sentence: str) -> None:
    """Progress, beside the result."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    os.environ.setdefault("ONOMAP_DRILL", f"{MARK}environment")
    main()
