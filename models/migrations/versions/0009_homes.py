"""Each person's App Home: what they chose to see there, and which drawing of it is on their screen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
# What the version before can do without (docs/upgrading.md).
PREPARED = {"preferences.home": "never written, and no version that reads it was released"}


def upgrade() -> None:
    op.create_table(
        "homes",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("choice", postgresql.JSONB(), nullable=False),
        sa.Column("drawn", sa.BigInteger(), nullable=False),
        sa.Column("shown", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("hash", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_homes_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_homes")),
    )
    op.create_index(op.f("ix_homes_opened_at"), "homes", ["opened_at"])
    op.create_index(
        "ix_claims_queue",
        "claims",
        ["due_at", "id"],
        postgresql_where=sa.text("status IN ('Submitted', 'Under review', 'Dispute') AND discarded_at IS NULL"),
    )
    op.drop_column("preferences", "home")  # never written
