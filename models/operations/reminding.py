"""Which reminders a claim has, kept in step with the claim: planned in the transaction that changes it.

A row is a reminder at a moment. When the matter is done, what was still planned is dropped, and messages that were
posted about it are drawn anew, so that their buttons give way to the outcome.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.memory import Memory
from models.operations.outbox import enqueue
from models.tables import Claim, Outgoing, Reminder, Snooze
from rules import reminders
from rules.calendar import BusinessCalendar
from rules.lifecycle import Party, Status
from rules.reasons import PARTNER_REQUEST
from rules.reminders import Matter, Planned

# What follows from how the claim stands, and does not change while it stands so.
_OF_THE_STATUS = frozenset({Matter.LIMIT})


def replan(session: Session, memory: Memory, claim: Claim, now: datetime, *, moved: bool) -> None:
    """Make the reminders those that the claim has as it now stands.

    Args:
        moved: its status or its limit changed: what one side did not want to hear of was how it stood before.
    """
    if moved:
        session.execute(delete(Snooze).where(Snooze.claim_id == claim.id))
    rows = _rows(session, claim)
    kinds = frozenset(Matter) if moved else frozenset(Matter) - _OF_THE_STATUS
    wanted = set(_wanted(session, memory, claim, now, kinds))
    matters = set() if moved else matters_of(session, memory, claim, Party.PARTNER, memory.calendar(session))
    kept: set[Planned] = set()
    dropped: list[int] = []
    over: list[Reminder] = []
    for row in rows:
        one = Planned(row.remind_at, Matter(row.kind), row.due_at)
        if one.matter not in kinds:
            continue
        if row.state == "done":
            if (one.matter, one.due) not in matters:
                over.append(row)
        elif one in wanted:
            kept.add(one)
        else:
            dropped.append(row.id)
    if dropped:
        _become(session, dropped, "dropped")
    if over:
        _become(session, [row.id for row in over], "over")
        redraw(session, {row.message_id for row in over if row.message_id is not None}, now)
    insert_planned(session, claim.id, wanted - kept)


def plan_new(session: Session, memory: Memory, claim: Claim, now: datetime) -> None:
    """Plan the reminders of a claim that has none yet."""
    insert_planned(session, claim.id, set(_wanted(session, memory, claim, now, frozenset(Matter))))


def matters_of(
    session: Session, memory: Memory, claim: Claim, side: Party, programme: BusinessCalendar
) -> set[tuple[Matter, datetime]]:
    """What one side can be reminded of now: each matter with the moment that tells it from the next of its kind."""
    if claim.discarded_at is not None:
        return set()
    found: set[tuple[Matter, datetime]] = set()
    rule = memory.programme.cadence.of(claim.status)
    if rule is not None and rule.party is side and claim.due_at is not None and _worth_it(claim):
        found.add((Matter.LIMIT, claim.due_at))
    if side is Party.PARTNER:
        if claim.status is Status.DRAFT:
            found.add((Matter.STALE, claim.updated_at))
        if (due := _acknowledged_until(session, memory, claim, programme)) is not None:
            found.add((Matter.ACKNOWLEDGEMENT, due))
    return found


def insert_planned(session: Session, claim: int, wanted: set[Planned]) -> None:
    """Plan these. What was planned for the same moment and dropped is planned again; what was said is not repeated."""
    if not wanted:
        return
    rows = [
        {"claim_id": claim, "kind": str(one.matter), "due_at": one.due, "remind_at": one.at, "state": "planned"}
        for one in sorted(wanted)
    ]
    session.execute(
        insert(Reminder)
        .values(rows)
        .on_conflict_do_update(
            index_elements=[Reminder.claim_id, Reminder.kind, Reminder.due_at, Reminder.remind_at],
            set_={"state": "planned"},
            where=Reminder.state == "dropped",
        )
    )


def redraw(session: Session, messages: set[int], now: datetime) -> None:
    """Have these messages (outbox rows) drawn anew as the database then says."""
    # Not only those that are in Slack: one that is on its way was perhaps worded before, and its lane keeps order.
    for row in session.scalars(select(Outgoing).where(Outgoing.id.in_(messages)).order_by(Outgoing.id)):
        enqueue(
            session,
            kind="reminder_done",
            team=row.team,
            lane=row.lane,
            payload={"message": row.id, "channel": row.payload["channel"]},
            unique_key=f"reminder_done:{row.id}",
            now=now,
            claim=row.claim_id,
        )


def _rows(session: Session, claim: Claim) -> list[Reminder]:
    """What is planned or was said and is not over yet, locked: whoever takes one meanwhile has taken it before this."""
    query = select(Reminder).where(Reminder.claim_id == claim.id, Reminder.state.in_(("planned", "done")))
    return list(
        session.scalars(query.order_by(Reminder.id).with_for_update().execution_options(populate_existing=True))
    )


def _wanted(session: Session, memory: Memory, claim: Claim, now: datetime, kinds: frozenset[Matter]) -> list[Planned]:
    if claim.discarded_at is not None:
        return []
    cadence, programme = memory.programme.cadence, memory.calendar(session)
    found: list[Planned] = []
    rule = cadence.of(claim.status)
    if Matter.LIMIT in kinds and rule is not None and claim.due_at is not None and _worth_it(claim):
        addressed = memory.calendar_of(session, rule.party, claim.partner)
        found += reminders.plan(claim.status, now, claim.due_at, cadence, programme, addressed)
    partner = memory.calendar_of(session, Party.PARTNER, claim.partner)
    if claim.status is Status.DRAFT:
        found += reminders.plan_stale(claim.updated_at, cadence, partner)
    if (due := _acknowledged_until(session, memory, claim, programme)) is not None:
        found += reminders.plan_acknowledgement(due, now, cadence, programme, partner)
    asleep = session.get(Snooze, (claim.id, str(Party.PARTNER)))
    if asleep is not None and asleep.until is not None and asleep.until > now:
        matters = matters_of(session, memory, claim, Party.PARTNER, programme)
        found += [Planned(asleep.until, matter, due) for matter, due in matters if matter in kinds]
    return found


def _worth_it(claim: Claim) -> bool:
    # Whoever asked for the rejection themselves is not reminded that they may dispute it.
    return claim.status is not Status.REJECTED or claim.rejection_reason != PARTNER_REQUEST


def _acknowledged_until(session: Session, memory: Memory, claim: Claim, programme: BusinessCalendar) -> datetime | None:
    if claim.acknowledgement_date is None or claim.status not in reminders.SUBMITTABLE:
        return None
    months = memory.rules_of(session, claim).limits.acknowledgement_max_age_months
    return reminders.acknowledged_until(claim.acknowledgement_date, months, programme)


def _become(session: Session, ids: list[int], state: str) -> None:
    change = update(Reminder).where(Reminder.id.in_(ids)).values(state=state)
    session.execute(change.execution_options(synchronize_session=False))
