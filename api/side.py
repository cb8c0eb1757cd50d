"""The two sides on which one API is served, the town hall's and the public one, and what tells them apart.

The routes of features, tiles, styles and exports are the same code on both: what they may read, and what can be asked of
it, comes from the `Side` that the application was put together with.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, FastAPI, Request

from api.tiles.answers import CACHE_CONTROL
from api.tiles.protocols import Tiles
from layers.store.definitions import Layer
from layers.store.readable import Readable


@dataclass(frozen=True)
class Side:
    """One side: what it is called, what a request may read, and what of the API it does not have.

    `readable` and `tiles` are asked once for each request that needs them. `hidden` names query parameters that do not
    exist here, `conformance` what is kept here beside the reading of features and tiles. `most_rows` bounds a page,
    `most_file_rows` a file; `file_part` gives the layer with the columns that may go into a file of this caller's, or refuses.
    """

    map_title: str
    readable: Callable[[Request], Readable]
    tiles: Callable[[Request], Tiles]
    conformance: tuple[str, ...] = ()
    hidden: frozenset[str] = field(default_factory=frozenset)
    most_rows: int = 10_000
    most_file_rows: int | None = None
    tile_cache_control: str = CACHE_CONTROL
    file_part: Callable[[Request, Readable, Layer], Layer] = lambda _, __, layer: layer


def install_side(app: FastAPI, side: Side) -> None:
    """Put the application on that side."""
    app.state.side = side


def side_of(request: Request) -> Side:
    """The side on which a request is answered."""
    return cast(Side, request.app.state.side)


# coroutines, since they wait for nothing: FastAPI gives a plain function a thread, which costs more than it does
async def _readable(request: Request) -> Readable:
    return side_of(request).readable(request)


async def _tiles(request: Request) -> Tiles:
    return side_of(request).tiles(request)


OpenLayers = Annotated[Readable, Depends(_readable)]
"""The layers that this request may read."""
OpenTiles = Annotated[Tiles, Depends(_tiles)]
"""Their tiles."""
