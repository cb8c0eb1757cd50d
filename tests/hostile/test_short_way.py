"""The short way of kept tiles answers nothing that the usual way would answer otherwise."""

import math
from urllib.parse import urlsplit

import pytest

from tests.api.conftest import Town
from tests.hostile.raw_http import talk
from tests.signing import SIGNED_LINE

ZOOM = 15
COLUMN = int((140.62 + 180) / 360 * 2**ZOOM)
ROW = int((1 - math.asinh(math.tan(math.radians(37.27))) / math.pi) / 2 * 2**ZOOM)
TILE = f"/tiles/shelters/{ZOOM}/{COLUMN}/{ROW}".encode()
PLAIN = b"Host: localhost\r\nAccept-Encoding: gzip\r\n" + SIGNED_LINE


def request(path: bytes = TILE, version: bytes = b"HTTP/1.1", headers: bytes = PLAIN, method: bytes = b"GET") -> bytes:
    return method + b" " + path + b" " + version + b"\r\n" + headers + b"\r\n"


def host(line: bytes) -> bytes:
    return request(headers=line + b"\r\nAccept-Encoding: gzip\r\n" + SIGNED_LINE)


def more(line: bytes) -> bytes:
    return request(headers=PLAIN + line + b"\r\n")


EVIL = request(headers=b"Host: evil.example\r\nAccept-Encoding: gzip\r\n" + SIGNED_LINE)
HOSTS = [
    b"Host: evil.example", b"Host:", b"Host", b"Host : localhost", b" Host: localhost", b"Host: localhost, evil",
    b"Host: localhost:80:80", b"Host: localhost:", b"Host: LOCALHOST", b"Host: localhost.", b"Host: user@localhost",
    b"Host: localhost/evil", b"Host: localhost\x00", b"Host: localhost\x7f", b"Host: localhost\t", b"Host:\tlocalhost",
    b"Host: localhost\x0b", b"Host: localhost\r", b"Host: localhost\n", b"Host: localhost:\xef\xbc\x98",
    b"Host: localhost\r\nHost: evil", b"Host: evil\r\nHost: localhost", b"Host: localhost\r\nHost: localhost", b"X: y",
]  # fmt: skip
LINES = [
    b"Content-Length: 5", b"Content-Length: 0", b"Content-Length : 5", b"Transfer-Encoding: chunked",
    b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"Transfer-Encoding : chunked", b"Transfer-Encoding: identity",
    b"Connection: close", b"Connection: keep-alive, close", b"Connection: upgrade\r\nUpgrade: websocket", b"Upgrade: h2c",
    b"Proxy-Connection: close", b"Expect: 100-continue", b"X-A: b\r\n c", b"X-A:", b":x", b"X A: b", b"X-A\x00: b",
    b"X-A: a\x00b", b"X-A: \x7f", b"X-A: a\x7f", b"X-A: \x01", b"X-A: \xff", b"X-A: a\rb", b"X-A: a\nb", b"X-\xc3\xa9: b",
    b"If-None-Match: *", b'If-None-Match: "', b"Range: bytes=0-1", b"Accept: application/json", b"TE: trailers",
    b"Accept-Encoding: gzip;q=0", b"X-Onomap-After: nothing", b"X-Long: " + b"a" * 60_000,
]  # fmt: skip
PATHS = [
    b"http://localhost" + TILE, b"http://evil.example" + TILE, TILE + b"?x=1", TILE + b"#x", TILE.replace(b"/", b"%2F"),
    TILE.replace(b"shelters", b"%73helters"), TILE + b"%00", TILE + b"\x00", TILE + b".mvt", TILE + b".mvt.mvt", TILE + b"/",
    b"/" + TILE, b"/tiles/../tiles/" + TILE[7:], TILE + b" x", TILE + b"\t", TILE.replace(b"shelters", b"shelters,shelters"),
    TILE.replace(b"15/", b"015/"), b"/tiles/shelters/99/0/0", b"/tiles/nosuch/1/0/0", b"/tiles/" + b"a" * 30_000 + b"/1/0/0",
]  # fmt: skip
VERSIONS = [b"HTTP/1.0", b"HTTP/0.9", b"HTTP/1.2", b"HTTP/2.0", b"http/1.1", b"HTTP/1.1 ", b"", b"RTSP/1.0"]
METHODS = [b"HEAD", b"get", b"POST", b"OPTIONS", b"TRACE", b"CONNECT", b"PRI", b"\r\nGET", b"GE\x00T"]
WHOLES = {
    "lines that end in LF": request().replace(b"\r\n", b"\n"),
    "no end": request()[:-2],
    "rubbish behind": request() + b"hello",
    "two": request() * 2,
    "a second for another host": request() + EVIL,
    "a body that is a request": request(headers=PLAIN + b"Content-Length: %d\r\n" % len(EVIL)) + EVIL,
    "both lengths": request(headers=PLAIN + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n") + b"0\r\n\r\nG",
    "a chunk that is a request": request(headers=PLAIN + b"Transfer-Encoding: chunked\r\n")
    + b"%x\r\n%b\r\n0\r\n\r\n" % (len(EVIL), EVIL),
}
CASES = {
    **{f"{line!r:.60}": host(line) for line in HOSTS},
    **{f"{line!r:.60}": more(line) for line in LINES},
    **{f"{path!r:.60}": request(path=path) for path in PATHS},
    **{f"{version!r}": request(version=version) for version in VERSIONS},
    **{f"{method!r}": request(method=method) for method in METHODS},
    **WHOLES,
}


@pytest.fixture(scope="module")
def port(town: Town) -> int:
    assert town.add_shelter("避難所", 140.62, 37.27).status_code == 201
    for _ in range(3):
        assert town.http.get(TILE.decode()).status_code == 200
    found = urlsplit(town.url).port
    assert found is not None
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_request_is_answered_alike_whole_and_in_two_pieces(port: int, name: str) -> None:
    assert parts(talk(port, CASES[name])) == parts(talk(port, CASES[name], in_two_pieces=True))


@pytest.mark.parametrize(
    "line", [b"Host: evil.example", b"Host: localhost\r\nHost: evil", b"X: y", b"Host: localhost\t:1"]
)
def test_a_kept_tile_is_refused_to_another_host(port: int, line: bytes) -> None:
    assert talk(port, host(line)).startswith(b"HTTP/1.1 400 ")


def parts(answer: bytes) -> tuple[bytes, list[bytes], bytes]:
    """The status line, the headers in any order, the rest."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    status, *headers = head.lower().split(b"\r\n")
    return status, sorted(headers), rest
