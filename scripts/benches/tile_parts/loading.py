"""Load on one address after the other, by wrk from Debian, on loopback only and for a bounded time."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.benches.signed_in import HEADER

CONNECTIONS = 32
_LUA = """
local at = 0
local wanted = %s
request = function()
  at = at %% #wanted + 1
  return wrk.format("GET", wanted[at][1], wanted[at][2])
end
done = function(summary, latency, requests)
  io.write(string.format("\\nRESULT %%f %%f %%f %%f %%d %%d\\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50.0) / 1000, latency:percentile(95.0) / 1000, latency:percentile(99.0) / 1000,
    summary.errors.status, summary.bytes / math.max(summary.requests, 1)))
end
"""


@dataclass(frozen=True)
class Load:
    """What came of it: answers a second, percentiles of the wait in milliseconds, failed answers, bytes an answer."""

    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    failed: int
    bytes_each: int


@dataclass(frozen=True)
class Wanted:
    """One address to ask for, with the entity tag that the client has of it."""

    path: str
    tag: str | None = None
    is_packed: bool = True

    def as_lua(self) -> str:
        """A Lua table: path and headers."""
        encoding = "gzip" if self.is_packed else "identity"
        headers = f'["Accept-Encoding"]="{encoding}"' + "".join(
            f", [{json.dumps(n)}]={json.dumps(v)}" for n, v in HEADER.items()
        )
        if self.tag is not None:
            headers += f', ["If-None-Match"]={json.dumps(self.tag)}'
        return f"{{{json.dumps(self.path)}, {{{headers}}}}}"


def require(*tools: str) -> None:
    """Exits with one sentence that names the package of what is missing."""
    packages = {"wrk": "wrk", "nginx": "nginx-light", "taskset": "util-linux"}
    missing = [packages[tool] for tool in tools if shutil.which(tool, path="/usr/bin:/usr/sbin:/bin:/sbin") is None]
    if missing:
        sys.exit(f"測定に使う道具がありません。次を実行してください: sudo apt-get install {' '.join(missing)}")


def load(
    port: int, wanted: Sequence[Wanted], *, seconds: int = 4, core: int = 1, connections: int = CONNECTIONS
) -> Load:
    """Ask for the addresses in turn over so many connections from one thread pinned to `core`."""
    table = "{" + ",".join(one.as_lua() for one in wanted) + "}"
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "wanted.lua"
        script.write_text(_LUA % table)
        command = ["taskset", "-c", str(core), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script)]
        ran = subprocess.run([*command, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True)
    found = re.search(r"RESULT (\S+) (\S+) (\S+) (\S+) (\d+) (\d+)", ran.stdout)
    if found is None:
        raise RuntimeError(ran.stdout)
    rate, p50, p95, p99, failed, each = found.groups()
    return Load(float(rate), float(p50), float(p95), float(p99), int(failed), int(each))
