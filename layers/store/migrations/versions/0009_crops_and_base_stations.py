"""Crop plans with every version of them, and the checks of base stations against known points."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009_crops_and_base_stations"
down_revision = "0008_surveys"

SCHEMA = "onomap"


def upgrade() -> None:
    """Make both registers; neither is a post's to write: their desks write them after they have asked the policy."""
    op.create_table(
        "crop_plans",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("layer", sa.Text, sa.CheckConstraint("layer IN ('rtk_fields', 'farmland')"), nullable=False),
        sa.Column("field_id", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, sa.CheckConstraint("year BETWEEN 1990 AND 2100"), nullable=False),
        sa.Column("version", sa.Integer, sa.CheckConstraint("version > 0"), nullable=False),
        sa.Column("parts", JSONB, nullable=False, comment="作物、面積（㎡）か割合、品種、計画か実績か、備考"),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_name", sa.Text, nullable=False),
        sa.UniqueConstraint("layer", "field_id", "year", "version"),
        schema=SCHEMA,
    )
    op.create_index("crop_plans_of_a_year", "crop_plans", ["year", "layer", "field_id"], schema=SCHEMA)
    op.create_table(
        "base_checks",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("station_id", sa.Text, nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_point", sa.Text, nullable=False),
        sa.Column("epoch", sa.Text, sa.CheckConstraint("epoch IN ('reference', 'current')"), nullable=False),
        sa.Column("known_x", sa.Float, nullable=False, comment="既知点の東（m、平面直角座標）"),
        sa.Column("known_y", sa.Float, nullable=False, comment="既知点の北（m）"),
        sa.Column("known_h", sa.Float, comment="既知点の標高（m）"),
        sa.Column("known_sigma_m", sa.Float, nullable=False),
        sa.Column("dx", sa.Float, nullable=False, comment="測った値－既知の値、東（m）"),
        sa.Column("dy", sa.Float, nullable=False, comment="同じく北（m）"),
        sa.Column("dh", sa.Float, comment="同じく高さ（m）"),
        sa.Column("fixes", sa.Integer, sa.CheckConstraint("fixes > 0"), nullable=False),
        sa.Column("sigma_m", sa.Float, sa.CheckConstraint("sigma_m > 0"), nullable=False),
        sa.Column("limit_m", sa.Float, sa.CheckConstraint("limit_m > 0"), nullable=False, comment="3σ"),
        sa.Column("receiver", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_name", sa.Text, nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.Text),
        schema=SCHEMA,
    )
    op.create_index("base_checks_of_a_station", "base_checks", ["station_id", "measured_at"], schema=SCHEMA)


def downgrade() -> None:
    """Take them away with what they hold."""
    op.drop_table("base_checks", schema=SCHEMA)
    op.drop_table("crop_plans", schema=SCHEMA)
