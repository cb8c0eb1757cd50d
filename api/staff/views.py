"""What each post sees of the store: made once a post, and looked up at every request."""

from dataclasses import dataclass

from layers.store.instance import Store
from layers.store.rights.caller import Post
from layers.store.tiles.source import TileSource

MOST_POSTS = 1_000
"""Posts of which the view is remembered; a town has dozens."""


@dataclass(frozen=True)
class View:
    """The store and its tiles as one post may read them; `is_confined` is a post that is no member of the town hall."""

    store: Store
    tiles: TileSource
    is_confined: bool = False


class Views:
    """The views of one application. Several threads may ask: at worst one view is made twice."""

    def __init__(self, store: Store, tiles: TileSource) -> None:
        self._store = store
        self._tiles = tiles
        self._of: dict[Post, View] = {}

    def of(self, post: Post) -> View:
        """What that post sees."""
        found = self._of.get(post)
        if found is None:
            seen = self._store.seen_by(post)
            if len(self._of) >= MOST_POSTS:
                self._of.clear()
            found = self._of[post] = View(seen, self._tiles.seen(seen), self._store.policy.is_confined(post))
        return found
