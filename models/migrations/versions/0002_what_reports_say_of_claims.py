"""Lines of usage and earnings belong to a claim, and repeat nothing of it

Both tables were made for what was still to come: nothing could be imported into them before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
# What the version before can do without (docs/upgrading.md).
PREPARED = {"usage": "nothing read or wrote it", "earnings": "nothing read or wrote it"}


def upgrade() -> None:
    op.drop_table("usage")
    op.drop_table("earnings")
    op.create_table(
        "usage",
        sa.Column("claim_id", sa.BigInteger(), nullable=False),
        sa.Column("workload", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("monthly_active_users", sa.BigInteger(), nullable=False),
        sa.Column("paid_available_units", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_usage_claim_id")),
        sa.PrimaryKeyConstraint("claim_id", "workload", "month", name=op.f("pk_usage")),
    )
    op.create_index("ix_usage_month", "usage", ["month"])
    op.create_table(
        "earnings",
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=False),
        sa.Column("engagement", sa.String(), nullable=False),
        sa.Column("earned_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=4), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("payment", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_earnings_claim_id")),
        sa.PrimaryKeyConstraint("external_id", name=op.f("pk_earnings")),
    )
    op.create_index(op.f("ix_earnings_claim_id"), "earnings", ["claim_id"])
    op.create_index("ix_earnings_earned_on", "earnings", ["earned_on"])
