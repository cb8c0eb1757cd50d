"""A tile cache that hears of every change, and keeps nothing while it does not."""

from collections.abc import Sequence
from dataclasses import dataclass

from layers.store.changes import Box, Changes
from layers.store.tiles.cache import FragmentCache


@dataclass(frozen=True)
class HearingCache:
    """Subscribes a cache to the changes of its store."""

    cache: FragmentCache
    changes: Changes

    def changed(self, layer: str, boxes: Sequence[Box] | None) -> None:
        """Drop the tiles that show any of it."""
        self.cache.changed(layer, boxes)

    def flush(self) -> None:
        """Begin anew: what was kept may be old, and is kept again only while changes are heard."""
        self.cache.keep(self.changes.listening)
