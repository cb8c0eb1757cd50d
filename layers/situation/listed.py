"""The shelters and evacuation sites of an edition, by name and by hazard, for a page that shows them without the database."""

from dataclasses import dataclass

from psycopg import sql

from layers.store.definitions import Layer
from layers.store.editions import table_of
from layers.store.readable import Readable

SHELTERS, SITES = "shelters", "evacuation_sites"
HAZARDS = ("flood", "landslide", "inland_flood", "earthquake", "large_fire", "storm_surge", "tsunami", "volcano")
"""Columns of the evacuation sites, those that inland towns meet most first."""
_MOST = 1_000


@dataclass(frozen=True)
class Listed:
    """One site as it is listed; `hazards` are those it is designated for."""

    layer: str
    id: int
    name: str
    address: str
    hazards: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SiteList:
    """All sites of an edition."""

    number: int
    sites: tuple[Listed, ...]

    def of(self, layer: str) -> list[Listed]:
        """Those of a layer, by name."""
        return [one for one in self.sites if one.layer == layer]

    def against(self, hazard: str) -> list[Listed]:
        """The evacuation sites for that hazard."""
        return [one for one in self.sites if hazard in one.hazards]


def site_list(edition: Readable, number: int) -> SiteList:
    """Read both layers of the edition, as far as it has them. Raises StoreUnavailableError."""
    found = (_listed(edition, edition.layer(name)) for name in (SHELTERS, SITES) if name in edition.catalogue)
    return SiteList(number, tuple(one for part in found for one in part))


def _listed(edition: Readable, layer: Layer) -> list[Listed]:
    own = {field.name for field in layer.fields}
    hazards = [name for name in HAZARDS if name in own] if layer.id == SITES else []
    columns = ["name", *(["address"] if "address" in own else []), *hazards]
    statement = sql.SQL("SELECT fid, {} FROM {} WHERE name IS NOT NULL ORDER BY name, fid LIMIT {}").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), table_of(layer), sql.Literal(_MOST)
    )
    with edition.database.transaction() as connection:
        rows = connection.execute(statement).fetchall()
    read = [(row[0], dict(zip(columns, row[1:], strict=True))) for row in rows]
    return [
        Listed(
            layer.id,
            fid,
            values["name"],
            values.get("address") or "",
            frozenset(name for name in hazards if values[name]),
        )
        for fid, values in read
    ]
