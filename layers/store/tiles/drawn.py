"""A tile as it was drawn, with what it does not show."""

from dataclasses import dataclass

from gis.mvt import JoinedTile


@dataclass(frozen=True)
class DrawnTile:
    """A tile with the ids of its layers, in the order asked for.

    `pending` names layers that cannot be shown at this zoom yet, because their merged shapes are still being made.
    `edition` goes into the entity tag: where the same bytes may come again in another edition, they are another tile.
    """

    layers: tuple[str, ...]
    joined: JoinedTile
    pending: tuple[str, ...] = ()
    edition: str = ""

    @property
    def etag(self) -> str:
        """Names the content, and the edition where there is one; strong once the representation is added."""
        return f"{self.edition}-{self.joined.etag}" if self.edition else self.joined.etag

    @property
    def dropped(self) -> dict[str, int]:
        """How many features of each layer lie in the tile but are too small to be drawn in it."""
        pairs = zip(self.layers, self.joined.fragments, strict=True)
        return {name: part.dropped for name, part in pairs if part.dropped}
