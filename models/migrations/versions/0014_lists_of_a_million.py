"""Lists of a million: indexes alone tell how many claims there are, and in which order"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_SHOWN = "discarded_at IS NULL"
_QUEUE = f"status IN ('Submitted', 'Under review', 'Dispute') AND {_SHOWN}"
_AWAITED = f"status IN ('Submitted', 'Under review', 'Partner action required', 'Dispute') AND {_SHOWN}"


def upgrade() -> None:
    for table in ("people", "partners"):
        made = sa.Computed("sort_text(name)", persisted=True)
        op.add_column(table, sa.Column("sort_name", sa.String(), made, nullable=False))
    for name, columns, where, more in (
        ("status", ["status", "id"], _SHOWN, ()),
        ("partner", ["partner_id", "id"], _SHOWN, ()),
        ("location", ["mpn", "id"], _SHOWN, ()),
        ("reviewer", ["reviewer_id", "id"], _SHOWN, ()),
        ("due", ["due_at", "id"], f"due_at IS NOT NULL AND {_SHOWN}", ()),
        ("late", ["due_at", "id"], _AWAITED, ()),
        ("queue", ["due_at", "id"], _QUEUE, ("status",)),
    ):
        op.drop_index(f"ix_claims_{name}", "claims")
        _create(name, columns, where, more)
    _create("work", ["reviewer_id", "due_at", "id"], _QUEUE, ("status",))


def _create(name: str, columns: list[str], where: str, more: tuple[str, ...]) -> None:
    op.create_index(
        f"ix_claims_{name}",
        "claims",
        columns,
        postgresql_include=[*more, "submitted_at"],
        postgresql_where=sa.text(where),
    )
