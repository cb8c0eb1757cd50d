"""Brings a database up to the present form: schemas, the store's own tables, and one table for each layer."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from layers.store.audit.registry import register
from layers.store.definitions import Layer
from layers.store.errors import StoreError, StoreUnavailableError
from layers.store.ledger_definitions import LEDGERS
from layers.store.ledger_tables import define_ledgers
from layers.store.tables import define
from layers.store.tiles.band_tables import define_bands

MIGRATION_LOCK = 7_522_001
"""Key of the advisory lock that lets one process migrate at a time."""


def engine_for(url: str) -> sa.Engine:
    """A SQLAlchemy engine over psycopg 3 for a plain postgresql:// URL, without a pool of its own."""
    sqlalchemy_url = sa.make_url(url).set(drivername="postgresql+psycopg")
    return sa.create_engine(sqlalchemy_url, poolclass=sa.NullPool)


def _alembic(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def migrate(url: str, layers: dict[str, Layer], srid: int) -> None:
    """Migrate in one transaction, under a lock, so that two starts at once do not trip over each other.

    Raises StoreUnavailableError when the database does not answer, StoreError when it has no PostGIS, and
    LayerDefinitionError when a layer's declaration contradicts its table.
    """
    try:
        with engine_for(url).begin() as connection:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            _require_postgis(connection)
            for schema in ("onomap", "layers", "history", "ledgers", "audit"):
                connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
            command.upgrade(_alembic(connection), "head")
            define(connection, layers, srid)
            define_bands(connection, layers)
            define_ledgers(connection, LEDGERS)
            register(connection)
    except sa.exc.OperationalError as error:
        raise StoreUnavailableError(
            "データベースに接続できません。`onomap doctor` で状態を確認してください。"
        ) from error


def _require_postgis(connection: sa.Connection) -> None:
    if connection.scalar(sa.text("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")) is None:
        raise StoreError(
            "このデータベースには PostGIS がありません。管理者が `CREATE EXTENSION postgis` を実行してください。"
        )
