"""Reminders that are due become outbox rows: each claim is looked at again, and a channel gets one message.

Rows are taken under locks and skipped where somebody else has them, so any number of replicas may do it at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import BigInteger, and_, cast, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, joinedload, load_only

from models.memory import Memory
from models.observing import observed
from models.operations.acting import belongs
from models.operations.outbox import enqueue
from models.operations.reminding import insert_planned, matters_of
from models.tables import Claim, Location, Outgoing, Partner, Reminder, Snooze
from models.tables.messages import WAITING
from rules import reminders
from rules.lifecycle import Party
from rules.reminders import Matter, Planned

_SHOWN = (
    load_only(
        *(Claim.id, Claim.status, Claim.status_since, Claim.due_at, Claim.discarded_at, Claim.updated_at, Claim.mpn),
        *(Claim.acknowledgement_date, Claim.rejection_reason, Claim.rules_version, Claim.partner_id),
    ),
    joinedload(Claim.partner).load_only(
        Partner.country, Partner.subdivision, Partner.timezone, Partner.team, Partner.channel
    ),
    joinedload(Claim.location).load_only(Location.channel, Location.partner_id),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the reminders that were due: how many were taken, and how many messages they make."""

    rows: int
    messages: int


@dataclass
class _Message:
    side: Party
    rows: list[Reminder] = field(default_factory=list)


def take_due(memory: Memory, now: datetime, batch: int = 1000) -> Taken:
    """Take up to `batch` reminders that are due, in one transaction; those of one channel become one message.

    What came due while nobody looked is said once: of the reminders of one matter only the newest counts. Nothing is
    said of a matter that is done, nor to a side that does not want to hear of it; what comes due outside of the working
    hours of those addressed waits until they begin.
    """
    with memory.database.transaction() as session:
        rows = _due(session, now, batch)
        if not rows:
            return Taken(0, 0)
        messages = _sort(session, memory, rows, now)
        _post(session, messages, now)
        lates = [now - row.remind_at for message in messages.values() for row in message.rows]
        observed(session, lambda observer: observer.reminded(lates))
        return Taken(len(rows), len(messages))


def _due(session: Session, now: datetime, batch: int) -> Sequence[Reminder]:
    # The state written out, not bound: PostgreSQL must see at planning time that its partial index fits.
    query = select(Reminder).where(text("reminders.state = 'planned'"), Reminder.remind_at <= now)
    query = query.order_by(Reminder.remind_at, Reminder.id).limit(batch)
    return session.scalars(query.with_for_update(skip_locked=True)).all()


def _newest(session: Session, rows: Sequence[Reminder], now: datetime) -> set[int]:
    """The last reminder of each matter that is due or was said already: others of it were missed."""
    # By claim, and not as a join: of these few claims, whatever the planner believes, there are only a few rows each.
    counts = or_(Reminder.state == "done", and_(Reminder.state == "planned", Reminder.remind_at <= now))
    query = select(Reminder.id, Reminder.claim_id, Reminder.kind, Reminder.due_at).where(
        Reminder.claim_id.in_({row.claim_id for row in rows}), counts
    )
    every = session.execute(query.order_by(Reminder.remind_at, Reminder.id)).all()
    return set({(row.claim_id, row.kind, row.due_at): row.id for row in every}.values())


def _sort(
    session: Session, memory: Memory, rows: Sequence[Reminder], now: datetime
) -> Mapping[tuple[str, str], _Message]:
    """What is still to be said, by (team, channel); the rest is dropped or put off."""
    ids = {row.claim_id for row in rows}
    claims = {one.id: one for one in session.scalars(select(Claim).where(Claim.id.in_(ids)).options(*_SHOWN))}
    asleep = {(one.claim_id, one.side): one for one in session.scalars(select(Snooze).where(Snooze.claim_id.in_(ids)))}
    cadence, programme = memory.programme.cadence, memory.calendar(session)
    messages: dict[tuple[str, str], _Message] = {}
    newest = _newest(session, rows, now)
    dropped = [row.id for row in rows if row.id not in newest]
    for row in (one for one in rows if one.id in newest):
        claim = claims[row.claim_id]
        side = side_of(memory, claim, Matter(row.kind))
        if side is None or (Matter(row.kind), row.due_at) not in matters_of(session, memory, claim, side, programme):
            dropped.append(row.id)
            continue
        snooze = asleep.get((claim.id, str(side)))
        if snooze is not None and (snooze.until is None or snooze.until > now):
            dropped.append(row.id)
            continue
        theirs = memory.calendar_of(session, side, claim.partner) if side is Party.PARTNER else programme
        at = reminders.working(now, cadence, theirs)
        if at > now:
            dropped.append(row.id)
            insert_planned(session, claim.id, {Planned(at, Matter(row.kind), row.due_at)})
            continue
        messages.setdefault(belongs(session, memory, claim, side), _Message(side)).rows.append(row)
    if dropped:
        _change(session, dropped, state="dropped")
    return messages


def side_of(memory: Memory, claim: Claim, matter: Matter) -> Party | None:
    """Who is reminded of this matter as the claim now stands; None: nobody any more."""
    if matter is not Matter.LIMIT:
        return Party.PARTNER
    rule = memory.programme.cadence.of(claim.status)
    return rule.party if rule is not None else None


def _post(session: Session, messages: Mapping[tuple[str, str], _Message], now: datetime) -> None:
    by_key: dict[str, list[int]] = {}
    for (team, channel), message in sorted(messages.items()):
        claims = {row.claim_id for row in message.rows}
        ids = sorted(row.id for row in message.rows)
        by_key[f"reminder:{ids[0]}"] = ids
        enqueue(
            session,
            kind="reminder" if len(claims) == 1 else "reminder_digest",
            team=team,
            lane=f"{team}/{channel}",
            payload={"side": str(message.side), "channel": channel},
            unique_key=f"reminder:{ids[0]}",
            now=now,
            claim=next(iter(claims)) if len(claims) == 1 else None,
        )
    if not by_key:
        return
    waiting = and_(Outgoing.unique_key.in_(by_key), text(WAITING))
    found = session.execute(select(Outgoing.id, Outgoing.unique_key).where(waiting)).all()
    pairs = [(one, row.id) for row in found for one in by_key[row.unique_key]]
    every, in_message = (cast([pair[place] for pair in pairs], ARRAY(BigInteger)) for place in (0, 1))
    # One statement, since a thousand small ones take a good part of a second.
    paired = select(func.unnest(every).label("id"), func.unnest(in_message).label("message")).subquery()
    done = update(Reminder).where(Reminder.id == paired.c.id).values(state="done", message_id=paired.c.message)
    session.execute(done.execution_options(synchronize_session=False))


def _change(session: Session, ids: Collection[int], **values: object) -> None:
    change = update(Reminder).where(Reminder.id.in_(ids)).values(**values)
    session.execute(change.execution_options(synchronize_session=False))
