"""Puts the two sides into two networks that only a cable joins, carries a bundle over as on a stick, and looks from the public
network for anything of the store.

The cable is real: a listener that is planted in the staff network on purpose is found through it, or the drill says so.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from layers.store.cluster import Cluster

STAFF, PUBLIC = f"onomap-s{os.getpid()}", f"onomap-p{os.getpid()}"
STAFF_ADDRESS, PUBLIC_ADDRESS = "10.213.77.1", "10.213.77.2"
PATIENCE_S = 300.0
PART = "scripts.drills.gap_parts"


class NotHereError(Exception):
    """Network namespaces cannot be made on this machine."""


def main() -> None:
    """The drill; exit 1 when anything but the planted listener answers, 2 where it cannot be done."""
    try:
        with tempfile.TemporaryDirectory(prefix="onomap-gap-") as folder, _two_networks():
            result = _drill(Path(folder))
    except NotHereError as error:
        print(
            f"この機械では二つの網を作れません（{error}）。root で、ip netns の使える所で実行してください。",
            file=sys.stderr,
        )
        sys.exit(2)
    print(json.dumps(result, ensure_ascii=False))
    sys.exit(1 if result["found"] else 0)


@contextmanager
def _two_networks() -> Iterator[None]:
    if shutil.which("ip") is None:
        raise NotHereError("ip コマンドがありません")
    try:
        for name in (STAFF, PUBLIC):
            _run("ip", "netns", "add", name)
        _run("ip", "link", "add", "gap-s", "netns", STAFF, "type", "veth", "peer", "name", "gap-p", "netns", PUBLIC)
        for name, end, address in ((STAFF, "gap-s", STAFF_ADDRESS), (PUBLIC, "gap-p", PUBLIC_ADDRESS)):
            _run("ip", "-n", name, "address", "add", f"{address}/30", "dev", end)
            _run("ip", "-n", name, "link", "set", end, "up")
            _run("ip", "-n", name, "link", "set", "lo", "up")
        yield
    finally:
        for name in (STAFF, PUBLIC):
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise NotHereError(done.stderr.strip() or " ".join(command))


def _drill(folder: Path) -> dict[str, object]:
    stick = folder / "stick"
    stick.mkdir()
    with _inside(STAFF, "staff", folder / "staff", stick) as staff:
        told = _told(stick / "staff.json", staff)
        with _inside(PUBLIC, "public", folder / "public", stick) as public:
            served = _told(stick / "public.json", public)
            found = _probe(told)
    for side in ("staff", "public"):
        Cluster(folder / side).remove()
    planted = f"{STAFF_ADDRESS}:{told['planted']}"
    if planted not in found["open"]:
        raise RuntimeError("the cable carries nothing: the planted listener was not found")
    others = [place for place in found["open"] if place != planted]
    return {
        "drill": "gap",
        "tried": found["tried"],
        "planted": 1,
        "found": len(others) + len(found["store"]),
        "open": others,
        "store": found["store"],
        "edition": served["edition"],
        "layers": served["layers"],
    }


@contextmanager
def _inside(network: str, part: str, home: Path, stick: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A part of the drill in a network of its own, until the block ends."""
    command = ["ip", "netns", "exec", network, sys.executable, "-m", f"{PART}.{part}", str(home), str(stick)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        yield process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        process.wait(60)


def _told(file: Path, process: "subprocess.Popen[bytes]") -> dict[str, object]:
    """What a part says when it stands."""
    deadline = time.monotonic() + PATIENCE_S
    while not file.is_file():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{file.stem} did not come up")
        time.sleep(0.1)
    said: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
    return said


def _probe(told: dict[str, object]) -> dict[str, list[str]]:
    """What answers in the public network, of all ports of the staff machine and of the store's own on any address."""
    command = ["ip", "netns", "exec", PUBLIC, sys.executable, "-m", f"{PART}.probe", STAFF_ADDRESS, json.dumps(told)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
