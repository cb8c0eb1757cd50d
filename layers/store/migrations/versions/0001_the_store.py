"""The store's own tables: loads, their rejected rows, coverages, unplaced sheets, rasters and issued answers."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0001"
down_revision = None

SCHEMA = "onomap"


def _load_reference(*, nullable: bool = False) -> sa.Column[int]:
    return sa.Column("load_id", sa.BigInteger, sa.ForeignKey("onomap.loads.id"), nullable=nullable)


def _create_loads() -> None:
    op.create_table(
        "loads",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("layer", sa.Text, nullable=False, index=True),
        sa.Column("mode", sa.Text, sa.CheckConstraint("mode IN ('replace', 'add')"), nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("file_sha256", sa.Text, nullable=False),
        sa.Column("data_date", sa.Date),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("loaded_by", sa.Text, nullable=False),
        sa.Column("superseded_by", sa.BigInteger, sa.ForeignKey("onomap.loads.id")),
        sa.Column("superseded_at", sa.DateTime(timezone=True)),
        sa.Column("added_error_m", sa.Float, server_default="0", nullable=False),
        sa.Column("report", JSONB, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "load_rows",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        _load_reference(),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        schema=SCHEMA,
    )
    op.create_index("load_rows_load", "load_rows", ["load_id", "outcome"], schema=SCHEMA)


def _create_coverages() -> None:
    op.create_table(
        "coverages",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("layer", sa.Text, nullable=False, index=True),
        _load_reference(),
        sa.Column("geom", Geometry("MULTIPOLYGON", spatial_index=False), nullable=False),
        schema=SCHEMA,
    )


def _create_unplaced() -> None:
    op.create_table(
        "unplaced_sheets",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("layer", sa.Text, nullable=False),
        _load_reference(),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("stated_crs", sa.Text, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "unplaced_features",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "sheet_id", sa.BigInteger, sa.ForeignKey("onomap.unplaced_sheets.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("parcel_key", sa.Text, index=True),
        sa.Column("attributes", JSONB, nullable=False),
        sa.Column("geom", Geometry("GEOMETRY", srid=0, spatial_index=False)),
        schema=SCHEMA,
    )
    op.create_index("unplaced_features_sheet", "unplaced_features", ["sheet_id"], schema=SCHEMA)


def _create_rasters() -> None:
    op.create_table(
        "rasters",
        _load_reference(),
        sa.Column("layer", sa.Text, primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        schema=SCHEMA,
    )


def _create_answers() -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False, index=True),
        sa.Column("asker", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("parcels", ARRAY(sa.Text), nullable=False),
        sa.Column("answer", JSONB, nullable=False),
        sa.Column("seal", sa.Text, nullable=False),
        schema=SCHEMA,
    )
    op.create_index("answers_parcels", "answers", ["parcels"], schema=SCHEMA, postgresql_using="gin")
    op.execute(
        "CREATE FUNCTION onomap.refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'issued answers are never changed'; END $$"
    )
    op.execute(
        "CREATE TRIGGER answers_stay BEFORE UPDATE OR DELETE ON onomap.answers "
        "FOR EACH ROW EXECUTE FUNCTION onomap.refuse_change()"
    )


def upgrade() -> None:
    """Make the tables; the schemas `onomap`, `layers` and `history` are there before Alembic starts."""
    _create_loads()
    _create_coverages()
    _create_unplaced()
    _create_rasters()
    _create_answers()


def downgrade() -> None:
    """Remove the store's own tables; the layers' tables refer to loads and must be gone before."""
    for table in ("answers", "rasters", "unplaced_features", "unplaced_sheets", "coverages", "load_rows", "loads"):
        op.drop_table(table, schema=SCHEMA)
    op.execute("DROP FUNCTION onomap.refuse_change()")
