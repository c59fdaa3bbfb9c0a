"""Lists in every order"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    running = sa.text("due_at IS NOT NULL AND discarded_at IS NULL")
    awaited = sa.text(
        "status IN ('Submitted', 'Under review', 'Partner action required', 'Dispute') AND discarded_at IS NULL"
    )
    op.drop_index("ix_claims_due", "claims")
    op.create_index("ix_claims_due", "claims", ["due_at", "id"], postgresql_where=running)
    op.create_index("ix_claims_late", "claims", ["due_at"], postgresql_where=awaited)
    op.create_index("ix_claims_partner", "claims", ["partner_id", sa.text("id DESC")])
    op.create_index("ix_claims_location", "claims", ["mpn", sa.text("id DESC")])
    op.create_index("ix_claims_reviewer", "claims", ["reviewer_id", sa.text("id DESC")])
    op.create_index("ix_claims_updated", "claims", ["updated_at", "id"])
    op.create_index("ix_claims_by_name", "claims", [sa.text("sort_text(claim_name)"), "id"])
    op.create_index("ix_claims_by_customer", "claims", [sa.text("sort_text(customer_name)"), "id"])
