"""One town's store, opened: its settings, its layers and its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from layers.store.catalogue import load_catalogue
from layers.store.cluster import database_in_use
from layers.store.database import Connection, Database
from layers.store.definitions import Layer
from layers.store.editions import editions, first_loads
from layers.store.errors import UnknownLayerError
from layers.store.migrate import migrate
from layers.store.readable import Dates
from layers.store.rights.caller import Post
from layers.store.rights.policy import Policy, load_policy
from layers.store.settings import Municipality, Settings, load_settings


@dataclass(frozen=True)
class Store:
    """What every room above needs to reach the layers."""

    settings: Settings
    catalogue: dict[str, Layer]
    database: Database
    policy: Policy = field(default_factory=load_policy)

    @property
    def town(self) -> Municipality:
        """The municipality that this store is for."""
        return self.settings.municipality

    def seen_by(self, post: Post) -> "Store":
        """The store as that post may read it: a layer or column that it may not see is one that does not exist."""
        seen = ((name, self.policy.seen(layer, post)) for name, layer in self.catalogue.items())
        return replace(self, catalogue={name: layer for name, layer in seen if layer is not None})

    def dates(self, connection: Connection, as_of: datetime | None = None) -> dict[str, Dates]:
        """The dates of every loaded layer, now or at a moment."""
        held = editions(connection, as_of)
        since = first_loads(connection)
        return {name: Dates(edition.data_date, since.get(name)) for name, edition in held.items()}

    def layer(self, name: str) -> Layer:
        """The layer of that name. Raises UnknownLayerError with the names that exist."""
        if name not in self.catalogue:
            raise UnknownLayerError(f"レイヤ「{name}」はありません。あるのは {'、'.join(self.catalogue)} です。")
        return self.catalogue[name]


def extra_layers(home: Path) -> list[Path]:
    """The folder in which a town keeps layers of its own, when it has one: HOME/layers/<id>/layer.toml."""
    folder = home / "layers"
    return [folder] if folder.is_dir() else []


def connect(settings: Settings, url: str) -> Store:
    """Open the store at `url`, migrating it first. Raises what `migrate` and `load_catalogue` raise."""
    catalogue = load_catalogue(None, *extra_layers(settings.home))
    migrate(url, catalogue, settings.municipality.srid)
    return Store(settings, catalogue, Database.open(url), load_policy(settings.home))


@contextmanager
def open_store(home: Path) -> Iterator[Store]:
    """The store of the instance in `home`; a private cluster runs for as long as somebody uses it."""
    settings = load_settings(home)
    with database_in_use(settings.home) as address:
        store = connect(settings, address.url)
        try:
            yield store
        finally:
            store.database.close()
