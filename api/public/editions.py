"""The edition that is served, as this process has it open, and how it notices that another one took its place.

Every request reads one edition from its first byte to its last: it takes the edition once, and each transaction asks at
its end whether that edition was the served one all along. When it was not, the request begins anew with the new one.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from logging import getLogger
from pathlib import Path

from api.public.settings import PublicSettings
from gis.errors import OnomapError
from layers.publication.serving import PublicEdition, current_number, edition_of
from layers.store.database import Connection, Database
from layers.store.definitions import Layer
from layers.store.errors import StoreUnavailableError, UnknownLayerError
from layers.store.place_search import Place, named_places
from layers.store.published_parcels import ParcelNames, parcel_names
from layers.store.readable import Dates
from layers.store.settings import Municipality, SettingsError
from layers.store.tiles.archive import TileArchive

LOOK_EVERY_S = 0.25
_STOP_S = 5.0
log = getLogger(__name__)


class EditionChangedError(StoreUnavailableError):
    """Another edition was switched to while the request was read."""


@dataclass(frozen=True)
class OpenEdition:
    """One edition, open: the layers as `Readable`, and their files of tiles."""

    number: int
    town: Municipality
    catalogue: Mapping[str, Layer]
    database: Database
    archives: Mapping[str, TileArchive]
    made_at: datetime | None = None
    data_dates: Mapping[str, Dates] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)

    def layer(self, name: str) -> Layer:
        """The layer of that name. Raises UnknownLayerError."""
        if name not in self.catalogue:
            raise UnknownLayerError(f"レイヤ「{name[:60]}」はありません。/api/collections に一覧があります。")
        return self.catalogue[name]

    def dates(self, _: Connection, __: datetime | None = None) -> Mapping[str, Dates]:
        """What the manifest says of each layer."""
        return self.data_dates

    @cached_property
    def places(self) -> list[Place]:
        """Everything that has a name, read once: it cannot change."""
        return named_places(self)

    @cached_property
    def parcel_names(self) -> ParcelNames:
        """The 大字 and 字 of the published parcels, read once."""
        return parcel_names(self)


class Editions:
    """Keeps the served edition open; a thread looks every quarter of a second whether it still is."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._heard: list[Callable[[OpenEdition], None]] = []
        self._open = self._opened()
        self._thread = threading.Thread(target=self._watch, name="editions", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Stop looking and give the connections back."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_S)
        self._database.close()

    def when_opened(self, hear: Callable[[OpenEdition], None]) -> None:
        """Call `hear` with each edition that takes the place of another; it must not take long."""
        self._heard.append(hear)

    @property
    def database(self) -> Database:
        """The public database, whichever edition is served."""
        return self._database

    @property
    def current(self) -> OpenEdition:
        """The edition that is open."""
        return self._open

    def refresh(self) -> None:
        """Open the served edition, where it is not the one that is open. Raises StoreUnavailableError."""
        with self._lock:
            if current_number(self._database) != self._open.number:
                self._open = self._opened()
                for hear in self._heard:
                    hear(self._open)

    def _opened(self) -> OpenEdition:
        return opened(edition_of(self._database, self._folder))

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            try:
                self.refresh()
            except OnomapError as error:
                # what is open goes on answering as far as it can
                log.warning("公開の版を確かめられません: %s", error)
                self._stop.wait(1.0)


def opened(found: PublicEdition) -> OpenEdition:
    """The edition with its files open, and a database that notices when it is no longer this one."""
    archives = {name: TileArchive(path) for name, path in found.tiles.items()}
    return OpenEdition(
        number=found.number,
        town=found.manifest.town if found.manifest else Municipality(),  # type: ignore[call-arg]
        catalogue={name: _as_drawn(layer, archives[name]) for name, layer in found.catalogue.items()},
        database=replace(found.database, confirm=lambda connection: _confirm(connection, found.number)),
        archives=archives,
        made_at=found.made_at,
        data_dates={name: Dates(_day(one.data_date), one.approved_at) for name, one in found.layers.items()},
        rows={name: one.rows for name, one in found.layers.items()},
    )


def _as_drawn(layer: Layer, archive: TileArchive) -> Layer:
    """The layer with the zooms that its file has: what the document and the style say is what there is."""
    return replace(layer, max_zoom=archive.max_zoom, min_zoom=min(layer.min_zoom, archive.max_zoom))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _confirm(connection: Connection, number: int) -> None:
    row = connection.execute("SELECT number FROM onomap.current_edition").fetchone()
    if (row[0] if row is not None else 0) != number:
        raise EditionChangedError("公開している版が切り替わりました。もう一度お試しください。")


def open_editions(settings: PublicSettings) -> Editions:
    """The editions in the public database. Raises SettingsError where it is not said which; nothing is guessed."""
    url, folder = settings.web_database_url, settings.folder
    if url is None or folder is None:
        raise SettingsError(
            "公開側の設定が足りません。ONOMAP_PUBLIC_WEB_DATABASE_URL（閲覧だけのログイン）と "
            "ONOMAP_PUBLIC_FOLDER を設定してください。"
        )
    return Editions(Database.open(url, size=settings.connections, longest_s=settings.statement_s), folder)
