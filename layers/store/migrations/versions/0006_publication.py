"""What leaves the town hall: each layer's way from draft to public, the editions made of them, and what was pulled in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "0006_publication"
down_revision = "0005_people"

SCHEMA = "onomap"
STATES = ("draft", "checked", "refused", "approved", "published", "replaced", "withdrawn", "cancelled")


def _moment(name: str, *, now: bool = False) -> sa.Column[object]:
    default = sa.func.now() if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=not now)


def _create_publications() -> None:
    states = ", ".join(f"'{state}'" for state in STATES)
    op.create_table(
        "publications",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("layer", sa.Text, nullable=False, index=True),
        sa.Column("state", sa.Text, sa.CheckConstraint(f"state IN ({states})"), nullable=False),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.Column("requested_name", sa.Text, nullable=False),
        _moment("requested_at", now=True),
        sa.Column("definition", JSONB, nullable=False),
        sa.Column("definition_sha256", sa.Text, nullable=False),
        sa.Column("content_sha256", sa.Text),
        sa.Column("rows", sa.BigInteger),
        sa.Column("findings", JSONB),
        sa.Column("difference", JSONB),
        sa.Column("difference_svg", sa.Text),
        _moment("checked_at"),
        sa.Column("approved_by", sa.Text),
        sa.Column("approved_name", sa.Text),
        _moment("approved_at"),
        sa.Column("part", JSONB),
        sa.Column("edition", sa.BigInteger),
        # who asked is never who approved, whatever a program does
        sa.CheckConstraint("lower(approved_by) <> lower(requested_by)", name="publications_two_people"),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'published', 'replaced', 'withdrawn') OR approved_by IS NOT NULL",
            name="publications_approved_first",
        ),
        schema=SCHEMA,
    )


def _create_editions() -> None:
    op.create_table(
        "public_editions",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("layers", JSONB, nullable=False),
        sa.Column("bundle_sha256", sa.Text, nullable=False),
        _moment("made_at", now=True),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_name", sa.Text, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "public_switches",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        _moment("switched_at", now=True),
        sa.Column("switched_by", sa.Text, nullable=False),
        sa.Column("switched_name", sa.Text, nullable=False),
        schema=SCHEMA,
    )


def _create_inbox() -> None:
    op.create_table(
        "inbox_lines",
        sa.Column("token", UUID(), primary_key=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        _moment("pulled_at", now=True),
        sa.Column("kind", sa.Text, nullable=False, index=True),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("refusal", sa.Text),
        schema=SCHEMA,
    )


def upgrade() -> None:
    """Make the registers of publications, of editions with every switch between them, and of pulled lines."""
    _create_publications()
    _create_editions()
    _create_inbox()


def downgrade() -> None:
    """Take them away; what is public stays public."""
    for table in ("inbox_lines", "public_switches", "public_editions", "publications"):
        op.drop_table(table, schema=SCHEMA)
