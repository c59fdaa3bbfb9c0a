"""Where messages about claims are that the outbox does not remember any more."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "old_messages",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_old_messages_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_old_messages")),
    )
    op.create_index(op.f("ix_old_messages_claim_id"), "old_messages", ["claim_id"])
