"""What reading layers needs, be it of the town's own store or of an edition that was published from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from layers.store.database import Connection, Database
from layers.store.definitions import Layer
from layers.store.settings import Municipality


@dataclass(frozen=True)
class Dates:
    """How old a layer's data are, and since when it has been held; None where nobody has said."""

    data_date: date | None
    since: datetime | None


class Readable(Protocol):
    """Layers that can be read: whatever stands above them needs no more than this, and so cannot do more."""

    @property
    def town(self) -> Municipality:
        """The municipality whose layers they are."""

    @property
    def catalogue(self) -> Mapping[str, Layer]:
        """The layers by id, in legend order, each with the columns that may be read and no other."""

    @property
    def database(self) -> Database:
        """Where their rows are."""

    def layer(self, name: str) -> Layer:
        """The layer of that name. Raises UnknownLayerError."""

    def dates(self, connection: Connection, as_of: datetime | None = None) -> Mapping[str, Dates]:
        """The dates of every layer that holds something, now or at a moment."""
