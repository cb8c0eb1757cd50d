"""Brings every layer that may be published to the public side, by the way that every layer goes: two people and a bundle."""

from layers.publication.importing import PublicSide
from layers.publication.opening import open_desk
from layers.publication.sample import publish_sample
from layers.store.instance import Store

MAX_ZOOM = 14
"""Fine enough for every kind of tile: merged, generalised, and rows as they are."""


def publish_all(store: Store) -> PublicSide:
    """The public side with a first edition of all that can be public."""
    desk = open_desk(store, MAX_ZOOM, make=True)
    publish_sample(desk, lambda *_: None)
    return desk.need_side()
