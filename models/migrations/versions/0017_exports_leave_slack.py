"""Exports leave Slack again: when they were shared, whose claims may be in them, and that they are gone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("exports", sa.Column("partners", postgresql.ARRAY(sa.BigInteger()), nullable=True))
    for name in ("shared_at", "revoked_at", "removed_at"):
        op.add_column("exports", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_exports_in_slack",
        "exports",
        ["id"],
        postgresql_where=sa.text("state = 'sent' AND slack_file IS NOT NULL AND removed_at IS NULL"),
    )
