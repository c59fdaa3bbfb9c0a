"""Where cards are that were left where their claim no longer belongs, with the lines in their threads."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("old_messages", sa.Column("thread", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "INSERT INTO old_messages (claim_id, team, channel, ts, thread) "
        "SELECT claim_id, team, payload ->> 'channel', payload ->> 'ts', true FROM outbox "
        "WHERE kind = 'card_left' AND claim_id IN (SELECT id FROM claims WHERE erased_at IS NULL)"
    )
