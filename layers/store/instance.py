"""One town's store, opened: its settings, its layers and its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from gis.errors import OnomapError
from layers.store.audit.log import Entry, Who, record
from layers.store.catalogue import load_catalogue
from layers.store.cluster import database_in_use
from layers.store.database import Connection, Database
from layers.store.definitions import Layer
from layers.store.editions import editions, first_loads
from layers.store.errors import UnknownLayerError
from layers.store.ledger_definitions import LEDGERS
from layers.store.migrate import migrate
from layers.store.readable import Dates
from layers.store.rights.caller import Post
from layers.store.rights.policy import Policy, load_policy
from layers.store.rights.roles import apply_policy
from layers.store.rights.staff_login import StaffLogin
from layers.store.settings import Municipality, Settings, load_settings


@dataclass(frozen=True)
class Store:
    """What every room above needs to reach the layers."""

    settings: Settings
    catalogue: dict[str, Layer]
    database: Database
    policy: Policy = field(default_factory=load_policy)
    staff: StaffLogin | None = None
    """The staff side's own login, where the store was opened with it; `database` is then the owner's."""
    _seen: dict[Post, "Store"] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def town(self) -> Municipality:
        """The municipality that this store is for."""
        return self.settings.municipality

    def seen_by(self, post: Post) -> "Store":
        """The store as that post may read it: a layer or column that it may not see is one that does not exist.

        With the staff side's login its database is the post's own: what the post may not do, PostgreSQL refuses. Raises
        RightsChangedError when another policy is in force by now.
        """
        if post not in self._seen:
            seen = ((name, self.policy.seen(layer, post)) for name, layer in self.catalogue.items())
            catalogue = {name: layer for name, layer in seen if layer is not None}
            database = self.database if self.staff is None else self.staff.database_of(post)
            self._seen[post] = replace(self, catalogue=catalogue, database=database, staff=None)
        return self._seen[post]

    def close(self) -> None:
        """Give every connection back."""
        if self.staff is not None:
            self.staff.close()
        self.database.close()

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


def connect(settings: Settings, url: str, *, staff_login: bool = False) -> Store:
    """Open the store at `url`, migrating it first and bringing its GRANTs to what the policy says.

    With `staff_login` posts work under a login and roles of their own (`Store.seen_by`). Raises what `migrate`,
    `load_catalogue`, `load_policy` and `apply_policy` raise.
    """
    catalogue = load_catalogue(None, *extra_layers(settings.home))
    policy = load_policy(settings.home)
    migrate(url, catalogue, settings.municipality.srid)
    database = Database.open(url)
    try:
        with database.transaction() as connection:
            changed = apply_policy(connection, policy, catalogue, LEDGERS)
            if changed:
                record(connection, Who.program(), Entry("rights.change", "policy", note=changed.told()))
        staff = StaffLogin.open(database, policy, catalogue) if staff_login else None
    except OnomapError:
        database.close()
        raise
    return Store(settings, catalogue, database, policy, staff)


@contextmanager
def open_store(home: Path, *, staff_login: bool = False) -> Iterator[Store]:
    """The store of the instance in `home`; a private cluster runs for as long as somebody uses it."""
    settings = load_settings(home)
    with database_in_use(settings.home) as address:
        store = connect(settings, address.url, staff_login=staff_login)
        try:
            yield store
        finally:
            store.close()
