"""One application in a process of its own: `python -m api.serving staff|public --port N --home DIR`."""

import argparse
import asyncio
import gc
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

import uvicorn

from gis.errors import OnomapError

HOST = "127.0.0.1"


PATIENCE_S = 5
"""How long answers under way may take to end when the server is told to stop."""


class _Server(uvicorn.Server):
    """A server that first ends the streams that would never end by themselves."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_streams = end_streams

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at a signal."""
        super().handle_exit(sig, frame)
        self._end_streams()


def _leave(_: int, __: object) -> None:
    sys.exit(0)


def run(
    application: object,
    port: int,
    *,
    protocol: type[asyncio.Protocol] | None = None,
    end_streams: Callable[[], None] = lambda: None,
    proxy_headers: bool = False,
) -> None:
    """Serve until told to stop; `protocol` is the HTTP that uvicorn speaks, when it is not its own choice.

    With `proxy_headers` a proxy on this machine is believed who a request is from and whether it came by https.
    """
    # uvicorn hands the signal on when it has stopped; the default would end the process before what is open is closed
    signal.signal(signal.SIGTERM, _leave)
    # What start-up made stays; a long answer makes half a million objects, which are not worth looking through ten times.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    config = uvicorn.Config(
        application,  # type: ignore[arg-type]
        host=HOST,
        port=port,
        http=protocol or "auto",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=proxy_headers,
        timeout_graceful_shutdown=PATIENCE_S,
    )
    server = _Server(config, end_streams)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(1)


def serve_staff(home: Path, port: int) -> None:
    """Serve the internal application over the store in `home`, whose database is running already."""
    from api.staff.app import create_app, tile_http
    from api.tiles.upkeep import bands_kept
    from layers.store.instance import open_store

    with open_store(home, staff_login=True) as store, bands_kept(store):
        application = create_app(store)
        try:
            run(
                application,
                port,
                protocol=tile_http(application),
                end_streams=application.state.events.close_soon,
                proxy_headers=True,
            )
        finally:
            application.state.tiles.close()


def serve_public(port: int) -> None:
    """Serve the public application over the public database; it is given neither the store nor its settings."""
    from api.public.app import create_app
    from api.public.editions import open_editions
    from api.public.settings import load_public_settings

    settings = load_public_settings()
    # it looks by itself whether a proxy is one that it trusts
    run(create_app(open_editions(settings), settings), port)


def main() -> None:
    """Read the arguments and serve until told to stop."""
    parser = argparse.ArgumentParser(prog="api.serving")
    parser.add_argument("application", choices=("staff", "public"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--home", type=Path, help="of the internal side; the public one has no use for it")
    arguments = parser.parse_args()
    try:
        if arguments.application == "public":
            serve_public(arguments.port)
        elif arguments.home is None:
            parser.error("--home is needed")
        else:
            serve_staff(arguments.home, arguments.port)
    except OnomapError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the one plain sentence
        sys.exit(2)


if __name__ == "__main__":
    main()
