"""Retention: what was kept as long as the programme's limits say is erased, a claim a transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from sqlalchemy import ColumnElement, func, select

from models.memory import Memory
from models.operations.erasing import Cause, erase_claim
from models.queries.erasable import kept_too_long
from models.tables import Claim
from rules.limits import Limit
from rules.retention import kept_from

Progress = Callable[[str, int, int], None]


def configured(memory: Memory) -> tuple[Limit, ...]:
    """The limits of the programme that say for how long something is kept; none of them, and nothing is erased."""
    limits = memory.programme.limits
    return tuple(one for one in (limits.drafts_kept_months, limits.closed_claims_kept_months) if one is not None)


def run_retention(
    memory: Memory,
    *,
    dry_run: bool = False,
    batch: int = 100,
    on_progress: Progress = lambda what, done, total: None,
) -> Counter[str]:
    """Erase what was kept too long. How many claims that were (or would be), by their status.

    It can be broken off and begun again, and several processes may do it at once. Of the claims it holds ``batch`` ids
    at a time, and nothing else.
    """
    done: Counter[str] = Counter()
    if not configured(memory):
        return done
    too_long = _too_long(memory)
    with memory.database.reading() as session:
        total = session.scalar(select(func.count()).select_from(Claim).where(too_long)) or 0
    last = seen = 0
    while True:
        query = select(Claim.id, Claim.status).where(too_long, Claim.id > last).order_by(Claim.id).limit(batch)
        with memory.database.reading() as session:
            rows = session.execute(query).all()
        for last, status in rows:
            # Only a draft is ended for it; and whatever people did meanwhile counts.
            if dry_run or erase_claim(memory, last, Cause.RETENTION, force=True, only=too_long):
                done[str(status)] += 1
            seen += 1
            on_progress("Looking" if dry_run else "Erasing", seen, total)
        if len(rows) < batch:
            return done


def _too_long(memory: Memory) -> ColumnElement[bool]:
    limits, now = memory.programme.limits, memory.clock()
    drafts, closed = limits.drafts_kept_months, limits.closed_claims_kept_months
    return kept_too_long(
        None if drafts is None else kept_from(now, drafts), None if closed is None else kept_from(now, closed), now
    )
