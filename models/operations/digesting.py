"""The daily digest: one a channel and day, whichever replica comes first."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.memory import Memory
from models.operations.outbox import enqueue
from models.queries.digests import Audience, audiences, digest_of
from models.tables import Digest as Settled
from rules import reminders


def digest_due(memory: Memory) -> int:
    """Queue the digests whose hour has come. How many messages that makes.

    A digest that was missed comes later on the same day, while people work; not on another day.
    """
    now = memory.clock()
    cadence = memory.programme.cadence
    with memory.database.transaction() as session:
        settled = {(row.team, row.channel): row.day for row in session.scalars(select(Settled))}
        due = []
        for one in audiences(session, memory):
            today = one.calendar.local_day(now)
            is_time = one.calendar.at(today, cadence.digest.hour) <= now
            works = reminders.working(now, cadence, one.calendar) == now
            if is_time and works and settled.get((one.team, one.channel), date.min) < today:
                due.append(one)
    return sum(_digest(memory, one) for one in due)


def _digest(memory: Memory, audience: Audience) -> bool:
    now = memory.clock()
    with memory.database.transaction() as session:
        today = audience.calendar.local_day(now)
        # Where there is nothing to say, the day is settled all the same: what comes later is tomorrow's.
        if not _settle(session, audience, today) or not digest_of(session, memory, audience, now):
            return False
        enqueue(
            session,
            kind="digest",
            team=audience.team,
            lane=f"{audience.team}/{audience.channel}",
            payload={"side": str(audience.side), "channel": audience.channel, "day": today.isoformat()},
            unique_key=f"digest:{audience.team}:{audience.channel}:{today}",
            now=now,
        )
        return True


def _settle(session: Session, audience: Audience, today: date) -> bool:
    """Whether this transaction is the one that settles the day for them."""
    row = insert(Settled).values(team=audience.team, channel=audience.channel, day=today)
    first = row.on_conflict_do_update(
        index_elements=[Settled.team, Settled.channel],
        set_={"day": row.excluded.day},
        where=Settled.day < row.excluded.day,
    ).returning(Settled.day)
    return session.scalar(first) is not None
