"""Claims whose limit has passed and with which something happens by itself then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text, tuple_
from sqlalchemy.orm import Session

from models.tables import Claim, claim_number
from models.tables.claims import ON_THE_CLOCK
from rules.lifecycle import Status


@dataclass(frozen=True, slots=True)
class Passed:
    """A claim whose limit was over at `due`, as it stood when it was found."""

    id: int
    status: Status
    due: datetime

    @property
    def number(self) -> str:
        """The claim's number."""
        return claim_number(self.id)


def passed(session: Session, now: datetime, most: int, after: Passed | None = None) -> list[Passed]:
    """Up to `most` of them, the longest overdue first; those that somebody is changing at this moment are left out.

    Args:
        after: go on behind this one.
    """
    query = (
        select(Claim.id, Claim.status, Claim.due_at)
        .where(text(f"claims.{ON_THE_CLOCK}"), Claim.due_at <= now, Claim.discarded_at.is_(None))
        .order_by(Claim.due_at, Claim.id)
        .limit(most)
        .with_for_update(of=Claim, key_share=True, skip_locked=True)
    )
    if after is not None:
        query = query.where(tuple_(Claim.due_at, Claim.id) > (after.due, after.id))
    found = session.execute(query).all()
    return [Passed(row.id, row.status, row.due_at) for row in found if row.due_at is not None]
