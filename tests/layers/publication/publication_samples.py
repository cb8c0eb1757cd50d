"""A public side of one's own, and layers brought there by a bundle as the real way does it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from layers.publication.bundle import Cover, Included, write_bundle
from layers.publication.content import digest_now, snapshot
from layers.publication.importing import PublicSide, import_bundle
from layers.publication.keys import public_half, signing_key
from layers.publication.parts import make_part
from layers.publication.public_database import create, prepare
from layers.publication.published_layer import as_published
from layers.store.cluster import Cluster
from layers.store.instance import Store
from layers.store.settings import Municipality


def quiet(*_: object) -> None:
    """Hears of progress and says nothing."""


def make_public_side(cluster: Cluster, home: Path, name: str, key_home: Path | None = None) -> PublicSide:
    """An empty public side in a database of that name, which trusts the key in `key_home`."""
    database = create(cluster, home / "public", name)
    prepare(database)
    key = public_half(signing_key((key_home or home) / "publication"))
    return PublicSide(database, home / "public", Municipality(), key, kept=3)


def included(store: Store, layer_id: str, max_zoom: int = 12) -> Included:
    """A layer of the store as it goes into a bundle now."""
    layer = as_published(store.layer(layer_id))
    folder = store.settings.home / "publication" / "parts" / layer_id
    with snapshot(store.database) as connection:
        expected = digest_now(connection, store, layer)
    part = make_part(store, layer, folder, expected=expected, max_zoom=max_zoom, tell=quiet)
    return Included(layer, part, folder, datetime(2026, 4, 1, tzinfo=UTC))


def bundle_of(store: Store, number: int, layers: Iterable[str], home: Path | None = None) -> Path:
    """A signed bundle with these layers."""
    folder = (home or store.settings.home) / "publication"
    path = store.settings.home / f"bundle-{number}.zip"
    cover = Cover(number, datetime(2026, 4, 1, tzinfo=UTC), store.town)
    write_bundle(path, cover, [included(store, layer) for layer in layers], signing_key(folder))
    return path


def publish(store: Store, side: PublicSide, number: int, layers: Iterable[str]) -> int:
    """Bring these layers to the public side as that edition."""
    return import_bundle(side, bundle_of(store, number, layers), quiet)
