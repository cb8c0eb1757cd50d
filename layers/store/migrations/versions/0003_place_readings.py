"""How the names of 大字, 字 and communities are read, from the tables that publish them."""

import sqlalchemy as sa
from alembic import op

revision = "0003_readings"
down_revision = "0002_edits"

SCHEMA = "onomap"


def upgrade() -> None:
    """Keep readings: one row for each name of a table, replaced when that table comes again."""
    op.create_table(
        "place_readings",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("oaza", sa.Text, nullable=False),
        sa.Column("koaza", sa.Text, nullable=False, server_default=""),
        sa.Column("kana", sa.Text, nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        schema=SCHEMA,
    )
    op.create_index("place_readings_source", "place_readings", ["source"], schema=SCHEMA)


def downgrade() -> None:
    """Forget the readings."""
    op.drop_table("place_readings", schema=SCHEMA)
