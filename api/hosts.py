"""Under which names this server may be asked; another one would let a foreign page point a name of its own at it."""

from collections.abc import Collection, Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from api.headers import SafeHeaders
from api.problems import problem


def names_in_bytes(hosts: Iterable[str]) -> frozenset[bytes]:
    """The names as headers have them."""
    return frozenset(name.lower().encode() for name in hosts)


def is_for_one_of(names: Collection[bytes], headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request is for one of the names, whatever the port."""
    hosts = [value for name, value in headers if name == b"host"]
    return len(hosts) == 1 and _without_port(hosts[0]) in names


def _without_port(host: bytes) -> bytes:
    name, colon, port = host.rpartition(b":")
    return (name if colon and port.isdigit() else host).lower()


class OwnNames:
    """ASGI middleware that answers a request for another name with one sentence."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self.app = app
        self.names = names_in_bytes(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is for us."""
        if scope["type"] != "http" or is_for_one_of(self.names, scope["headers"]):
            await self.app(scope, receive, send)
            return
        sentence = (
            "この名前（Host）の呼び出しには答えません。この計算機のブラウザで 127.0.0.1 か localhost を開いてください。"
        )
        await SafeHeaders(problem(400, sentence))(scope, receive, send)
