"""Requests as bytes, for what no HTTP client would send."""

import re
import socket
import time

IDLE_S = 0.3
_DATE = re.compile(rb"(?im)^date: [^\r]*\r\n")


def talk(port: int, data: bytes, *, in_two_pieces: bool = False) -> bytes:
    """What the server answers, without the date, until it has been silent for a moment.

    In two pieces a request never takes the short way of kept tiles, which needs it whole.
    """
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(IDLE_S)
        if in_two_pieces:
            connection.sendall(data[:1])
            time.sleep(0.01)
        connection.sendall(data[1:] if in_two_pieces else data)
        return _DATE.sub(b"", received(connection))


def received(connection: socket.socket) -> bytes:
    """All that comes until the other side is silent for the connection's timeout; an end is told by `<end>`."""
    answer = b""
    try:
        while part := connection.recv(1 << 16):
            answer += part
    except OSError:
        return answer
    return answer + b"<end>"
