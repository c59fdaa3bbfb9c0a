"""Reports are held against the claims as a whole, without a lock on a claim's row for each line"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("fk_usage_claim_id", "usage")
    op.drop_constraint("fk_earnings_claim_id", "earnings")
