"""What every request to the public side passes first, and what every answer of it carries.

It reads only: other methods than GET, HEAD and OPTIONS, bodies, and addresses longer than any question of ours end here. A
Range header is left out: a part of an answer helps nobody here, and ten thousand of them in one header cost much
(CVE-2025-62727). Pages of other sites may read everything, since it is public, and never with a visitor's credentials.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.headers import ALWAYS, SafeHeaders
from api.problems import problem

MOST_ADDRESS_BYTES = 8_000
"""Of path and query together: some 700 vertices or a filter of two printed pages."""
METHODS = ("GET", "HEAD", "OPTIONS")
_ALLOWED = ", ".join(METHODS)
_LEFT_OUT = frozenset({b"range", b"if-range", b"cookie", b"authorization"})
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Crs, ETag, Link, Retry-After, Content-Disposition",
}
PREFLIGHT = {
    "Allow": _ALLOWED,
    "Access-Control-Allow-Methods": _ALLOWED,
    "Access-Control-Allow-Headers": "Accept, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'; sandbox"
PUBLIC_HEADERS = {
    **ALWAYS,
    **CORS,
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=(), geolocation=(self)",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class Doorway:
    """ASGI middleware, the outermost but for the counting of requests."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on without what nobody here reads."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _refusal(scope)
        headers = [(name, value) for name, value in scope["headers"] if name not in _LEFT_OUT]
        await (answer or self.app)({**scope, "headers": headers}, receive, _completing(send))


def _refusal(scope: Scope) -> ASGIApp | None:
    if scope["method"] == "OPTIONS":
        return SafeHeaders(_preflight)
    if scope["method"] not in METHODS:
        return problem(405, "この地図は読むだけです。GET で呼び出してください。", headers={"Allow": _ALLOWED})
    length = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
    if length > MOST_ADDRESS_BYTES:
        return problem(414, f"アドレスは {MOST_ADDRESS_BYTES:,} バイトまでです。条件や範囲を短くしてください。")
    return None


async def _preflight(_: Scope, __: Receive, send: Send) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in PREFLIGHT.items()]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _may_be_framed(policy: str) -> bool:
    return "frame-ancestors" in policy and "frame-ancestors 'none'" not in policy


def _completing(send: Send) -> Send:
    async def complete(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = list(message["headers"])
            headers = MutableHeaders(scope=message)
            for name, value in PUBLIC_HEADERS.items():
                headers[name] = value
            if _may_be_framed(headers.get("content-security-policy", "")):
                # it knows only "nobody" and "oneself"; browsers of today obey the policy, older ones must not be stopped
                del headers["X-Frame-Options"]
            if "json" in headers.get("content-type", ""):
                headers.setdefault("Content-Security-Policy", NOTHING_RUNS)
        await send(message)

    return complete
