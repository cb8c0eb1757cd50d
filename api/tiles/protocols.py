"""What the addresses of tiles need of whoever makes them: drawn from the store, or read from a published file."""

from typing import Protocol

from layers.store.readable import Readable
from layers.store.tiles.address import Tile
from layers.store.tiles.description import TileLayer
from layers.store.tiles.drawn import DrawnTile


class Tiles(Protocol):
    """The tiles of some layers at one moment."""

    @property
    def store(self) -> Readable:
        """The layers that the tiles show."""

    @property
    def every(self) -> tuple[str, ...]:
        """The ids of all layers that have tiles, in legend order."""

    def names(self, text: str) -> tuple[str, ...]:
        """The layers that a comma-separated list names, each once; all for an empty one. Raises UnknownLayerError."""

    def kept(self, names: tuple[str, ...], tile: Tile) -> DrawnTile | None:
        """The tile, where it is at hand."""

    async def tile(self, names: tuple[str, ...], tile: Tile, *, anew: bool = False) -> DrawnTile:
        """The tile with all of these layers; `anew` whatever is at hand. Raises StoreUnavailableError."""

    def described(self, names: tuple[str, ...]) -> list[TileLayer]:
        """What is to be said of the tiles of these layers."""

    def has_heard(self, notice: str) -> bool:
        """Whether what is at hand is no older than that change."""
