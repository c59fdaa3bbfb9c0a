"""What moved claims from one status to another, found by its time, and by the claim"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOVED = sa.text("from_status IS DISTINCT FROM to_status")


def upgrade() -> None:
    op.create_index(
        "ix_history_moves_at",
        "history",
        ["at"],
        postgresql_include=["claim_id", "id", "action", "from_status", "to_status", "person_id"],
        postgresql_where=MOVED,
    )
    op.create_index(
        "ix_history_moves_of", "history", ["claim_id", "id"], postgresql_include=["at"], postgresql_where=MOVED
    )
