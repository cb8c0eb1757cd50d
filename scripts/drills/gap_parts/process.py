"""A server as a process of its own, and a file that is there whole or not at all."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx


@contextmanager
def running_server(application: str, port: int, environment: Mapping[str, str], *more: str) -> Iterator[None]:
    """A server that answers, until the block ends; an empty environment is the caller's own."""
    command = [sys.executable, "-P", "-m", "api.serving", application, "--port", str(port), *more]
    process = subprocess.Popen(command, env=dict(environment) or os.environ.copy())
    try:
        for _ in range(600):
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz").raise_for_status()
                break
            except httpx.TransportError:
                if process.poll() is not None:
                    raise RuntimeError(f"the {application} server ended") from None
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def whole_file(path: Path, text: str) -> None:
    """Write a file that others wait for."""
    unfinished = path.with_suffix(".new")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
