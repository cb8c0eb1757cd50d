"""The front of the town hall's side: each asker has the tiles of their post."""

from collections.abc import Collection

from starlette.types import ASGIApp, Scope

from api.staff.people.door import Door
from api.tiles.front import TileFront
from api.tiles.protocols import Tiles
from layers.store.tiles.source import TileSource


class GuardedFront(TileFront):
    """Tiles of one `TileSource`, of which each asker has the part that the gate before it has set.

    `door` knows who was let in just now.
    """

    source: TileSource

    def __init__(self, app: ASGIApp, source: TileSource, hosts: Collection[str], door: Door) -> None:
        super().__init__(app, source, hosts, tiles_for=_seen)
        self.door = door


def _seen(scope: Scope) -> Tiles:
    """What the asker's post may read of the tiles."""
    tiles: TileSource = scope["state"]["view"].tiles
    return tiles
