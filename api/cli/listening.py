"""Bytes of a receiver from TCP or the standard input, with its pauses, and connected again when it is lost."""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from enum import Enum, auto

from gis.errors import OnomapError

PAUSE_S = 0.5
_CONNECT_S = 10.0
_PIECE = 1 << 16
_WAITS_S = (1.0, 2.0, 4.0, 8.0)
SILENT_S = 30.0
"""A receiver speaks every second; a connection that has been still for so long is dead though nobody closed it."""


class Quiet(Enum):
    """What a stream gives when it gives no bytes."""

    PAUSE = auto()
    LOST = auto()


Piece = bytes | Quiet
Tell = Callable[[str], None]


def pieces(source: str, tell: Tell) -> Iterator[Piece]:
    """The bytes of `HOST:PORT`, or of the standard input for `-`, as they come; without end for the former.

    Raises OnomapError for an address that is none, or that nobody answers the first time.
    """
    if source == "-":
        yield from _standard_input()
        return
    address = _address(source)
    stream = _connected(address)
    tell(f"{source} につながりました。終わるには Ctrl+C を押してください。")
    while True:
        with stream:
            yield from _received(stream)
        yield Quiet.LOST
        tell(f"{source} との接続が切れました。つなぎ直します。")
        stream = _again(address)
        tell(f"{source} につながりました。")


def _standard_input() -> Iterator[Piece]:
    while piece := os.read(sys.stdin.fileno(), _PIECE):
        yield piece
    yield Quiet.LOST


def _address(source: str) -> tuple[str, int]:
    host, _, port = source.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise OnomapError(f"「{source}」は接続先として読めません。192.168.1.20:9000 のように書いてください。")
    return host.strip("[]"), int(port)


def _connected(address: tuple[str, int]) -> socket.socket:
    try:
        return socket.create_connection(address, timeout=_CONNECT_S)
    except OSError as error:
        raise OnomapError(
            f"{address[0]}:{address[1]} につながりません。受信機の電源と、配信の設定を確かめてください。"
        ) from error


def _again(address: tuple[str, int]) -> socket.socket:
    """Tries until it is connected, a little less often each time."""
    attempt = 0
    while True:
        try:
            return socket.create_connection(address, timeout=_CONNECT_S)
        except OSError:
            time.sleep(_WAITS_S[min(attempt, len(_WAITS_S) - 1)])
            attempt += 1


def _received(stream: socket.socket) -> Iterator[Piece]:
    stream.settimeout(PAUSE_S)
    heard = time.monotonic()
    while time.monotonic() - heard < SILENT_S:
        try:
            piece = stream.recv(_PIECE)
        except TimeoutError:
            yield Quiet.PAUSE
            continue
        except OSError:
            return
        if not piece:
            return
        heard = time.monotonic()
        yield piece
