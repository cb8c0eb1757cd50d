"""Brings every layer that may be published to the public side, by the way that every layer goes."""

from datetime import UTC, datetime

from layers.publication.bundle import Cover, Included, write_bundle
from layers.publication.content import digest_now, snapshot
from layers.publication.errors import NotPublishableError
from layers.publication.importing import PublicSide, import_bundle
from layers.publication.keys import public_half, signing_key
from layers.publication.parts import make_part
from layers.publication.public_database import PublicDatabase
from layers.publication.published_layer import as_published
from layers.store.definitions import Layer
from layers.store.instance import Store


def publish_all(store: Store, database: PublicDatabase) -> PublicSide:
    """The public side with a first edition of all that can be public."""
    folder = store.settings.home / "publication"
    key = signing_key(folder)
    side = PublicSide(database, store.settings.home / "public", store.town, public_half(key))
    path = folder / "bundle-1.zip"
    layers = [layer for one in store.catalogue.values() if (layer := _published(one)) is not None]
    cover = Cover(1, datetime.now(UTC), store.town)
    write_bundle(path, cover, [_included(store, layer) for layer in layers], key)
    import_bundle(side, path, lambda *_: None)
    return side


def _published(layer: Layer) -> Layer | None:
    try:
        return as_published(layer)
    except NotPublishableError:
        return None


def _included(store: Store, layer: Layer) -> Included:
    folder = store.settings.home / "publication" / "parts" / layer.id
    with snapshot(store.database) as connection:
        expected = digest_now(connection, store, layer)
    part = make_part(store, layer, folder, expected=expected, max_zoom=14, tell=lambda *_: None)
    return Included(layer, part, folder, datetime.now(UTC))
