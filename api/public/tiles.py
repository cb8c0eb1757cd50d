"""Tiles of the published layers, out of the files of one edition at a time."""

from collections.abc import Callable

from api.public.editions import OpenEdition
from gis.mvt import EMPTY, Fragment, join
from layers.store.errors import UnknownLayerError
from layers.store.tiles.address import Tile
from layers.store.tiles.description import TileLayer, described
from layers.store.tiles.drawn import DrawnTile


class PublishedTiles:
    """The tiles of whichever edition is current: each answer is made of one edition, and its entity tag names it."""

    def __init__(self, current: Callable[[], OpenEdition]) -> None:
        self._current = current

    @property
    def store(self) -> OpenEdition:
        """The edition whose layers the tiles show."""
        return self._current()

    @property
    def every(self) -> tuple[str, ...]:
        """The ids of all layers that have tiles, in legend order."""
        edition = self._current()
        return tuple(name for name in edition.catalogue if name in edition.archives)

    def names(self, text: str) -> tuple[str, ...]:
        """The layers that a comma-separated list names, each once; all for an empty one. Raises UnknownLayerError."""
        edition = self._current()
        names = tuple(dict.fromkeys(text.split(","))) if text else self.every
        return tuple(edition.layer(name).id for name in names)

    def described(self, names: tuple[str, ...]) -> list[TileLayer]:
        """What is to be said of the tiles of these layers: the extent is that of the file."""
        edition = self._current()
        return [described(edition.layer(name), edition.archives[name].bounds) for name in names]

    def kept(self, names: tuple[str, ...], tile: Tile) -> DrawnTile | None:
        """The tile; None when the edition has changed since the names were read and does not have them all."""
        edition = self._current()
        if any(name not in edition.archives for name in names):
            return None
        parts = [_part(edition, name, tile) for name in names]
        return DrawnTile(names, join(parts), edition=str(edition.number))

    async def tile(self, names: tuple[str, ...], tile: Tile, *, anew: bool = False) -> DrawnTile:
        """The tile with all of these layers. Raises UnknownLayerError."""
        found = self.kept(names, tile)
        if found is None:
            raise UnknownLayerError("公開している版が切り替わり、このレイヤはなくなりました。")
        return found

    def has_heard(self, _: str) -> bool:
        """Nothing is at hand that a later change could reach: an edition never changes."""
        return True


def _part(edition: OpenEdition, name: str, tile: Tile) -> Fragment:
    archive = edition.archives[name]
    return archive.fragment(tile) if archive.min_zoom <= tile.z <= archive.max_zoom else EMPTY
