"""The read side of the public database: which edition is served, what is in it, and where its tiles are.

This is what the public application stands on. It knows one address (the login that only reads) and one folder, and no store.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from psycopg import sql

from layers.publication.bundle import BundledLayer, Manifest, manifest_of
from layers.publication.errors import PublicSideError
from layers.publication.importing import EDITIONS
from layers.publication.parts import STYLE, TILES
from layers.publication.switching import CHANNEL, served
from layers.store.database import Database
from layers.store.definitions import Layer
from layers.store.instance import Store
from layers.store.settings import Municipality, Settings

SWITCHED = CHANNEL
"""LISTEN on this channel of the public database to hear of each switch at once."""
_TIMEOUT_S = 3.0
_TRIES = 5
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class PublicEdition:
    """One edition as it is served; number 0, without layers, before the first import."""

    number: int
    database: Database
    folder: Path
    manifest: Manifest | None
    catalogue: Mapping[str, Layer] = field(default_factory=dict)

    @property
    def layers(self) -> dict[str, BundledLayer]:
        """What the manifest says of each layer: rows, licence, source, the day of the data."""
        return {one.id: one for one in self.manifest.layers} if self.manifest else {}

    @property
    def made_at(self) -> datetime | None:
        """When the bundle was made."""
        return self.manifest.made_at if self.manifest else None

    @property
    def tiles(self) -> dict[str, Path]:
        """The PMTiles of each layer, all of this edition."""
        return {name: self.folder / one.files[TILES].path for name, one in self.layers.items()}

    @property
    def styles(self) -> dict[str, Path]:
        """The MapLibre style layers of each layer, as JSON files."""
        return {name: self.folder / one.files[STYLE].path for name, one in self.layers.items()}

    def as_store(self, town: Municipality | None = None) -> Store:
        """The edition as the features code reads a store; `town` stands in before the first import."""
        place = self.manifest.town if self.manifest else (town or Municipality())  # type: ignore[call-arg]
        settings = Settings.model_construct(home=self.folder, municipality=place)
        return Store(settings, dict(self.catalogue), self.database)

    def is_current(self) -> bool:
        """Whether this edition is still the one that is served: one short question to the database."""
        return current_number(self.database) == self.number


def current_number(database: Database) -> int:
    """The number of the served edition, 0 before the first."""
    with database.transaction(timeout_s=_TIMEOUT_S) as connection:
        row = connection.execute(sql.SQL("SELECT number FROM onomap.current_edition")).fetchone()
    return int(row[0]) if row is not None else 0


def open_public(url: str, folder: Path, *, size: int = 10) -> PublicEdition:
    """Open the public database with the login that only reads; `folder` is HOME/public. Close `.database` when done."""
    return edition_of(Database.open(url, size=size), folder)


def edition_of(database: Database, folder: Path) -> PublicEdition:
    """The edition that is served now, over a pool that is open already; to be asked again after a switch."""
    with database.transaction(timeout_s=_TIMEOUT_S) as connection:
        found = served(connection)
    if found is None:
        return PublicEdition(0, database, folder / EDITIONS / "0", None)
    number, document = found
    manifest = manifest_of(document)
    return PublicEdition(number, database, folder / EDITIONS / str(number), manifest, manifest.catalogue())


def read_steadily(edition: PublicEdition, read: Callable[[PublicEdition], Answer]) -> tuple[PublicEdition, Answer]:
    """What `read` answers from one edition alone, with that edition: asked again when the served one changed meanwhile.

    A switch may fall between two statements, or between the planning and the running of one. Raises PublicSideError when
    it does so every time.
    """
    for _ in range(_TRIES):
        if not edition.is_current():
            edition = edition_of(edition.database, edition.folder.parent.parent)
        answer = read(edition)
        if edition.is_current():
            return edition, answer
    raise PublicSideError("公開する版を切り替えているところです。少し待ってからもう一度お試しください。")
