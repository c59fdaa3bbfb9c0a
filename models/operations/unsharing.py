"""Exports leave Slack again: after as long as the programme's limit says, or when something in them was erased.

What has to go is said by the rows themselves, so that a removal that was lost is queued again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, text
from sqlalchemy.orm import Session

from models.memory import Memory
from models.operations.exports import CHANNEL, tell
from models.operations.outbox import enqueue
from models.tables import Export, Outgoing
from models.tables.exchange import IN_SLACK
from rules.calendar import BusinessCalendar

KIND = "export_removed"


def in_slack_until(memory: Memory, session: Session, export: Export) -> datetime | None:
    """When the file of an export will be removed (UTC); None where it stays, or is not shared."""
    days = memory.programme.limits.exports_in_slack_calendar_days
    if days is None or export.state != "sent" or export.slack_file is None:
        return None
    # Those of an older version say only when they were asked for.
    return memory.calendar(session).due_calendar_days(export.shared_at or export.asked_at, days)


def unshare(memory: Memory, batch: int = 100) -> int:
    """Have every file removed from Slack whose time is over, or in which something was erased. How many those are.

    One whose removal waits, is under way or was given up (an operator sees to that) is left out. Any number of
    processes may do it at once.
    """
    queued = 0
    while True:
        with memory.database.transaction() as session:
            found = list(session.scalars(_leaving(memory, session).limit(batch)))
            for export in found:
                remove(session, export, memory.clock())
        queued += len(found)
        if len(found) < batch:
            return queued


def revoke(session: Session, partner: int, since: datetime, now: datetime) -> None:
    """Something in a partner's claim, which is there ``since`` then, was erased just now: each export in which it may
    stand is removed from Slack, and each that is under way is made anew.
    """
    theirs = or_(Export.partners.is_(None), Export.partners.contains([partner]))
    # One of an older version, which does not say when it was shared, may hold anything.
    after = or_(Export.shared_at.is_(None), Export.shared_at >= since)
    held = select(Export).where(text(IN_SLACK), theirs, after, Export.revoked_at.is_(None)).order_by(Export.id)
    for export in session.scalars(held.with_for_update()):
        export.revoked_at = now
        remove(session, export, now)
    under_way = select(Export).where(Export.state.in_(("building", "built"))).order_by(Export.id)
    for export in session.scalars(under_way.with_for_update()):
        if export.slack_file is not None:  # somebody may be sharing it just now
            remove(session, export, now)
        export.state, export.slack_file, export.attempts, export.next_attempt_at = "waiting", None, 0, now
        export.leased_by = export.leased_until = None
    session.execute(select(func.pg_notify(CHANNEL, "")))


def remove(session: Session, export: Export, now: datetime, *, lane: str | None = None) -> None:
    """Have an export's file removed from Slack, after whatever else is on its way to that person.

    Args:
        lane: another one; for a person of whom not even the id may be left.
    """
    enqueue(
        session,
        kind=KIND,
        team=export.team,
        lane=lane or f"{export.team}/{export.user}",
        payload={"export": export.id, "file": export.slack_file},
        unique_key=f"{KIND}:{export.slack_file}",
        now=now,
    )


def removed(session: Session, identity: int, file: str, now: datetime) -> None:
    """The file is not in Slack any more: the person is told where they were told of it. Safe to call again."""
    export = session.get(Export, identity, with_for_update=True)
    if export is not None and export.slack_file == file and export.state == "sent" and export.removed_at is None:
        export.removed_at = now
        tell(session, export, now)


def _leaving(memory: Memory, session: Session) -> Select[Export]:
    days = memory.programme.limits.exports_in_slack_calendar_days
    over: ColumnElement[bool] = false()
    if days is not None:
        calendar = memory.calendar(session)
        over = func.coalesce(Export.shared_at, Export.asked_at) < _begin(calendar, memory.clock(), days)
    known = select(Outgoing.payload["export"].as_integer()).where(
        Outgoing.kind == KIND, Outgoing.state.in_(("pending", "sending", "dead"))
    )
    due = and_(or_(Export.revoked_at.is_not(None), over), Export.id.not_in(known))
    return select(Export).where(text(IN_SLACK), due).order_by(Export.id).with_for_update(skip_locked=True)


def _begin(calendar: BusinessCalendar, now: datetime, days: int) -> datetime:
    """The first moment since which everything shared is still within its calendar days."""
    return calendar.end_of(calendar.local_day(now) - timedelta(days=days + 1))
