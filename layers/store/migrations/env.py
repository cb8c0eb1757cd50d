"""Alembic's entry: migrates the database whose connection `layers.store.migrate` hands over."""

from alembic import context


def run() -> None:
    """Run the pending revisions in one transaction on the connection given in the configuration."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, version_table="alembic_version", version_table_schema="onomap")
    with context.begin_transaction():
        context.run_migrations()


run()
