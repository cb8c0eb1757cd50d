"""The desk of one home, with the public side that belongs to it where there is one on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from layers.publication.desk import Desk
from layers.publication.importing import TRUSTED, PublicSide
from layers.publication.keys import public_half, signing_key, trusted_key
from layers.publication.public_database import ensure_public_database, found_public_database, public_folder
from layers.publication.tile_archive import PUBLIC_MAX_ZOOM
from layers.store.cluster import database_in_use
from layers.store.instance import Store
from layers.store.settings import Settings, load_settings


def has_public_side(settings: Settings) -> bool:
    """Whether this home has a public side: its own in the private cluster, or the one that its settings name."""
    return settings.database_url is None or settings.public_database_url is not None


def open_public_side(settings: Settings, *, make: bool = False) -> PublicSide:
    """The public side of this home; with `make`, its database is made or brought up to date first.

    On a machine that has no store the key must have been put there; it is never made up here. Raises PublicSideError,
    KeyFileError.
    """
    database = ensure_public_database(settings) if make else found_public_database(settings)
    folder = public_folder(settings.home)
    folder.mkdir(parents=True, exist_ok=True)
    return PublicSide(database, folder, settings.municipality, trusted_key(folder / TRUSTED))


@contextmanager
def public_side_in_use(home: Path) -> Iterator[PublicSide]:
    """The public side of a home, whether or not there is a store; a private cluster runs for as long as it is needed."""
    settings = load_settings(home)
    if settings.public_database_url is not None:
        yield open_public_side(settings, make=True)
        return
    with database_in_use(settings.home):
        yield open_public_side(settings, make=True)


def open_desk(store: Store, max_zoom: int = PUBLIC_MAX_ZOOM, *, make: bool = False) -> Desk:
    """The desk of an open store; the public side on the same machine is given the public half of the key at once.

    `make` is for those who start or look after the instance; a server only finds what they made.
    """
    settings = store.settings
    if not has_public_side(settings):
        return Desk(store, None, max_zoom)
    trusted = public_folder(settings.home) / TRUSTED
    if not trusted.exists():
        trusted.parent.mkdir(parents=True, exist_ok=True)
        trusted.write_text(public_half(signing_key(settings.home / "publication")).pem(), encoding="utf-8")
    return Desk(store, open_public_side(settings, make=make), max_zoom)
