"""What leaves as a file, and what came from one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base

UNFINISHED = "state IN ('waiting', 'building', 'built')"
# Its file was shared and is, as far as we know, still there.
IN_SLACK = "state = 'sent' AND slack_file IS NOT NULL AND removed_at IS NULL"


class Export(Base):
    """An export that somebody asked for in Slack; its file is built by a job.

    ``state``: *waiting*; *building*, under a lease; *built*, its content is at Slack as ``slack_file`` and shared
    with nobody yet; *sent*; *failed*, with ``problem``, a code. ``words`` are the filters as they were typed.
    ``channel`` and ``ts`` name the message that tells how far it is.

    ``partners``: whose claims may be in it; None for every partner's. ``shared_at``: since when the person has the
    file (None also for one of an older version); ``revoked_at``: since when it has to go, since something that may be
    in it was erased; ``removed_at``: when it was taken out of Slack.
    """

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'building', 'built', 'sent', 'failed')", name="state"),
        CheckConstraint("format IN ('csv', 'xlsx')", name="format"),
        CheckConstraint("subject IN ('claims', 'usage', 'earnings', 'stats')", name="subject"),
        Index("ix_exports_unfinished", "id", postgresql_where=text(UNFINISHED)),
        Index("ix_exports_in_slack", "id", postgresql_where=text(IN_SLACK)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team: Mapped[str]
    user: Mapped[str]
    subject: Mapped[str] = mapped_column(default="claims", server_default="claims")
    format: Mapped[str]
    words: Mapped[str]
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    leased_by: Mapped[str | None]
    total: Mapped[int | None]
    done: Mapped[int] = mapped_column(default=0)
    file_name: Mapped[str | None]
    slack_file: Mapped[str | None]
    channel: Mapped[str | None]
    ts: Mapped[str | None]
    problem: Mapped[str | None]
    partners: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    shared_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class ImportedClaim(Base):
    """Where a claim came from that was imported: its number in the old portal, which is imported once.

    ``prints`` are digests of its cells by column, to tell whether a later file says otherwise; not the cells, which may
    have to be erased with the claim.
    """

    __tablename__ = "imported_claims"

    reference: Mapped[str] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"), unique=True)
    file_name: Mapped[str]
    line: Mapped[int]
    imported_at: Mapped[datetime]
    prints: Mapped[dict[str, Any]]
