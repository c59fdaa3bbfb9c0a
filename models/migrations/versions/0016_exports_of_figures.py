"""Exports of figures: usage, earnings, statistics"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("exports", sa.Column("subject", sa.String(), nullable=False, server_default="claims"))
    op.create_check_constraint(
        op.f("ck_exports_subject"), "exports", "subject IN ('claims', 'usage', 'earnings', 'stats')"
    )
