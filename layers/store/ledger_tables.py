"""The tables of the ledgers, made from their declaration in a schema of their own, to which no post has a right."""

from collections.abc import Mapping

import sqlalchemy as sa

from layers.store.definitions import Layer
from layers.store.tables import field_type

SCHEMA = "ledgers"


def define_ledgers(connection: sa.Connection, ledgers: Mapping[str, Layer]) -> None:
    """Make or widen the table of each ledger; a column that is no longer declared stays, and nobody can read it."""
    for ledger in ledgers.values():
        table = f"{SCHEMA}.{ledger.id}"
        connection.execute(
            sa.text(f"CREATE TABLE IF NOT EXISTS {table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)")
        )
        for field in ledger.fields:
            connection.execute(
                sa.text(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {field.name} {field_type(field)}")
            )
        connection.execute(sa.text(f"CREATE INDEX IF NOT EXISTS {ledger.id}_parcel_key ON {table} (parcel_key)"))
