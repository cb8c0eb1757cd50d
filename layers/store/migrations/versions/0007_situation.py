"""The disaster switch: every situation there was, and which of them went to the public side."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007_situation"
down_revision = "0006_publication"

SCHEMA = "onomap"


def upgrade() -> None:
    """Make both registers; neither is a post's to write: the desk writes them after it has asked the policy."""
    op.create_table(
        "situations",
        sa.Column("number", sa.BigInteger, sa.CheckConstraint("number > 0"), primary_key=True, autoincrement=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("touched", JSONB, nullable=False),
        sa.Column("same_as", sa.BigInteger, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_name", sa.Text, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "situation_sendings",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        schema=SCHEMA,
    )


def downgrade() -> None:
    """Take them away; what the public side shows stays."""
    op.drop_table("situation_sendings", schema=SCHEMA)
    op.drop_table("situations", schema=SCHEMA)
