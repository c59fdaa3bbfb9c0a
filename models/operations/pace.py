"""Slack's limits for a whole workspace, kept for all replicas together: gates that let so many through a minute."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from models.database import Database
from models.tables.messages import Lane

# Gates are kept beside the lanes; no lane's name begins like this.
_GATE = "gate:"


def pass_gate(database: Database, gate: str, *, now: datetime, every: timedelta, burst: timedelta) -> timedelta:
    """Ask to pass. Zero: go on, you are counted. Otherwise: how long to wait before asking again.

    Who is sent away is told a moment of its own, one behind the other, so that a crowd does not come back together.

    Args:
        every: one passes each so often, in the long run.
        burst: how much may pass at once after a rest, as a multiple of ``every``.
    """
    with database.transaction() as session:
        row = insert(Lane).values(lane=f"{_GATE}{gate}", free_at=now + every)
        passed = session.execute(
            row.on_conflict_do_update(
                index_elements=[Lane.lane],
                set_={"free_at": func.greatest(Lane.free_at, now) + every},
                where=Lane.free_at <= now + burst,
            ).returning(Lane.free_at)
        ).scalar_one_or_none()
        if passed is not None:
            return timedelta(0)
        queue = insert(Lane).values(lane=f"{_GATE}{gate}:queue", free_at=now + every)
        turn: datetime = session.execute(
            queue.on_conflict_do_update(
                index_elements=[Lane.lane], set_={"free_at": func.greatest(Lane.free_at, now) + every}
            ).returning(Lane.free_at)
        ).scalar_one()
    return turn - now


def close_gate(database: Database, gate: str, *, until: datetime, burst: timedelta) -> None:
    """Let nobody pass before ``until``, because Slack said so."""
    row = insert(Lane).values(lane=f"{_GATE}{gate}", free_at=until + burst)
    with database.transaction() as session:
        session.execute(
            row.on_conflict_do_update(
                index_elements=[Lane.lane], set_={"free_at": func.greatest(Lane.free_at, row.excluded.free_at)}
            )
        )
