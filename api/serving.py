"""One application in a process of its own: `python -m api.serving staff|public --port N --home DIR`."""

import argparse
import asyncio
import gc
import signal
import sys
from pathlib import Path

import uvicorn

HOST = "127.0.0.1"


def _leave(_: int, __: object) -> None:
    sys.exit(0)


def run(application: object, port: int, protocol: type[asyncio.Protocol] | None = None) -> None:
    """Serve until told to stop; `protocol` is the HTTP that uvicorn speaks, when it is not its own choice."""
    # uvicorn hands the signal on when it has stopped; the default would end the process before what is open is closed
    signal.signal(signal.SIGTERM, _leave)
    # What start-up made stays; a long answer makes half a million objects, which are not worth looking through ten times.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    uvicorn.run(
        application,  # type: ignore[arg-type]
        host=HOST,
        port=port,
        http=protocol or "auto",
        log_level="warning",
        access_log=False,
        server_header=False,
    )


def serve_staff(home: Path, port: int) -> None:
    """Serve the internal application over the store in `home`, whose database is running already."""
    from api.staff.app import create_app, tile_http
    from api.tiles.upkeep import bands_kept
    from layers.store.instance import open_store

    with open_store(home) as store, bands_kept(store):
        application = create_app(store)
        try:
            run(application, port, tile_http(application))
        finally:
            application.state.tiles.close()


def serve_public(port: int) -> None:
    """Serve the public application; it is given no store."""
    from api.public.app import create_app

    run(create_app(), port)


def main() -> None:
    """Read the arguments and serve until told to stop."""
    parser = argparse.ArgumentParser(prog="api.serving")
    parser.add_argument("application", choices=("staff", "public"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--home", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.application == "staff":
        serve_staff(arguments.home, arguments.port)
    else:
        serve_public(arguments.port)


if __name__ == "__main__":
    main()
