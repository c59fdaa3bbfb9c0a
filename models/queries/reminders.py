"""What a reminder says, found out when it is said: how the claim stands by then, and who can act on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.memory import Memory
from models.operations.reminding import matters_of
from models.queries.claims import subject_of
from models.queries.people import actor_of
from models.queries.surroundings import reviewers
from models.tables import Claim, History, Membership, Person, Reminder, Snooze
from rules import lifecycle, permissions, reminders
from rules.lifecycle import PartnerRole, Party, Transition
from rules.permissions import Refusal
from rules.reminders import Matter

# Who is told where those who can act do not.
_ADMINS = frozenset({PartnerRole.INCENTIVES_ADMIN, PartnerRole.GLOBAL_ADMIN})


@dataclass(frozen=True)
class Reminded:
    """One claim in a reminder.

    `matters` are those that it was reminded of and that still stand: none of them, and it is only told how they ended
    (`outcome`). `able` can act, `called` says whether they are meant in person; `above` are named because they did not.
    """

    claim: Claim
    side: Party
    said: tuple[Reminder, ...]
    matters: tuple[tuple[Matter, datetime], ...]
    asleep: Snooze | None
    able: tuple[Person, ...]
    called: bool
    above: tuple[Person, ...]
    outcome: History | None


def reminded(session: Session, memory: Memory, message: int, side: Party, now: datetime) -> list[Reminded]:
    """What the message (an outbox row) has to say now, a claim each; first what has to be done first."""
    rows = session.scalars(select(Reminder).where(Reminder.message_id == message).order_by(Reminder.id)).all()
    by_claim: dict[int, list[Reminder]] = {}
    for row in rows:
        by_claim.setdefault(row.claim_id, []).append(row)
    query = select(Claim).where(Claim.id.in_(by_claim)).options(joinedload(Claim.partner), joinedload(Claim.location))
    found = [_one(session, memory, claim, side, by_claim[claim.id], now) for claim in session.scalars(query)]
    return sorted(found, key=lambda one: (min(row.due_at for row in one.said), one.claim.id))


def able_to_act(session: Session, claim: Claim, side: Party) -> tuple[tuple[Person, ...], bool]:
    """Who can do what is to be done now, and whether just they are meant: the reviewer who has the claim, or any."""
    rows = lifecycle.offered(claim.status, side)
    if side is Party.PARTNER:
        return tuple(one for one in _members(session, claim) if _may(one, rows, claim)), True
    every = tuple(one for one in reviewers(session) if _may(one, rows, claim))
    mine = tuple(one for one in every if one.id == claim.reviewer_id)
    return (mine, True) if mine else (every, False)


def _one(
    session: Session, memory: Memory, claim: Claim, side: Party, said: Sequence[Reminder], now: datetime
) -> Reminded:
    about = {(Matter(row.kind), row.due_at) for row in said}
    # The same due in a later status is another matter.
    programme = memory.calendar(session)
    standing = (
        matters_of(session, memory, claim, side, programme) if any(row.state == "done" for row in said) else set()
    )
    matters = tuple(sorted(about & standing))
    if not matters:
        return Reminded(claim, side, tuple(said), (), None, (), False, (), _outcome(session, claim, said))
    asleep = session.get(Snooze, (claim.id, str(side)), options=[joinedload(Snooze.by)])
    if asleep is not None and asleep.until is not None and asleep.until <= now:
        asleep = None
    able, called = able_to_act(session, claim, side)
    above = _above(session, claim, side) if _escalated(session, memory, claim, matters, side, now) else ()
    return Reminded(
        claim, side, tuple(said), matters, asleep, able, called, tuple(one for one in above if one not in able), None
    )


def _escalated(
    session: Session,
    memory: Memory,
    claim: Claim,
    matters: Sequence[tuple[Matter, datetime]],
    side: Party,
    now: datetime,
) -> bool:
    if claim.due_at is None or (Matter.LIMIT, claim.due_at) not in matters:
        return False
    theirs = memory.calendar_of(session, side, claim.partner)
    at = reminders.escalates_at(claim.status, claim.due_at, memory.programme.cadence, memory.calendar(session), theirs)
    return at is not None and now >= at


def _above(session: Session, claim: Claim, side: Party) -> tuple[Person, ...]:
    if side is Party.REVIEWER:
        leads = [one for one in reviewers(session) if one.reviewer is not None and one.reviewer.lead]
        return tuple(one for one in leads if actor_of(one).membership(claim.partner_id) is None)
    admins = []
    for one in _members(session, claim):
        member = actor_of(one).membership(claim.partner_id)
        if member is not None and member.covers(claim.mpn) and member.roles & _ADMINS:
            admins.append(one)
    return tuple(admins)


def _members(session: Session, claim: Claim) -> list[Person]:
    query = (
        select(Person)
        .join(Membership)
        .where(Membership.partner_id == claim.partner_id, Person.present)
        .options(joinedload(Person.memberships), joinedload(Person.reviewer))
        .order_by(Person.name, Person.id)
    )
    return list(session.scalars(query).unique())


def _may(person: Person, rows: Sequence[Transition], claim: Claim) -> bool:
    actor, subject = actor_of(person), subject_of(claim)
    return any(not isinstance(permissions.check(actor, row.action, subject), Refusal) for row in rows)


def _outcome(session: Session, claim: Claim, said: Sequence[Reminder]) -> History | None:
    """What happened to the claim that ended all it was reminded of."""
    since = max(row.remind_at for row in said)
    query = select(History).where(History.claim_id == claim.id, History.at >= since).options(joinedload(History.person))
    after = session.scalars(query.order_by(History.id)).all()
    moves = [one for one in after if one.from_status is not one.to_status or one.party is Party.CLOCK]
    return next(iter(moves or after), None)
