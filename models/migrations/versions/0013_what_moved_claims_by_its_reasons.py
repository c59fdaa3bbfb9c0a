"""What moved claims, with its reasons, and without what only brought them here"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOVED = sa.text("from_status <> to_status")


def upgrade() -> None:
    op.create_index(
        "ix_history_moved_at",
        "history",
        ["at"],
        postgresql_include=["claim_id", "id", "action", "from_status", "to_status", "person_id", "reasons"],
        postgresql_where=MOVED,
    )
    op.create_index(
        "ix_history_moved_of", "history", ["claim_id", "id"], postgresql_include=["at"], postgresql_where=MOVED
    )
    op.drop_index("ix_history_moves_at", "history")
    op.drop_index("ix_history_moves_of", "history")
