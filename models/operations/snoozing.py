"""What people want to hear of a claim: not before a day, or nothing at all while it stands as it does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.answers import Invalid, Refused, Who
from models.memory import Memory
from models.operations.inbox import answered
from models.operations.reminding import insert_planned, matters_of, redraw
from models.queries.claims import find
from models.queries.people import actor_for, actor_of, person_of
from models.tables import Claim, Preference, Reminder, Snooze
from rules.calendar import BusinessCalendar
from rules.lifecycle import Party
from rules.permissions import Actor, Condition, Refusal
from rules.reminders import Planned

LONGEST = timedelta(days=366)


def snooze(memory: Memory, who: Who, number: str, until: date, *, delivery: str | None = None) -> None:
    """Nothing of the claim is heard on this person's side before `until`: at the opening hour of that day, or of the
    next on which they work, it is said again.

    Raises:
        Invalid: a day that is not to come, or too far away (key ``until``).
        Refused: this person cannot see the claim.
    """

    def change(session: Session, claim: Claim, side: Party, person: int) -> None:
        calendar = memory.calendar_of(session, side, claim.partner)
        today = calendar.local_day(memory.clock())
        if not today < until <= today + LONGEST:
            raise Invalid({"until": "Please choose a day to come, at most a year from now."})
        at = calendar.at(_working_day(calendar, until), memory.programme.cadence.working_hours.opens)
        _keep(session, Snooze(claim_id=claim.id, side=str(side), until=at, by_id=person))
        matters = matters_of(session, memory, claim, side, memory.calendar(session))
        insert_planned(session, claim.id, {Planned(at, matter, due) for matter, due in matters})

    _change(memory, who, number, delivery, change)


def stop(memory: Memory, who: Who, number: str, *, delivery: str | None = None) -> None:
    """Nothing more of the claim is heard on this person's side until its status changes. Raises Refused."""

    def change(session: Session, claim: Claim, side: Party, person: int) -> None:
        _keep(session, Snooze(claim_id=claim.id, side=str(side), until=None, by_id=person))

    _change(memory, who, number, delivery, change)


def resume(memory: Memory, who: Who, number: str, *, delivery: str | None = None) -> None:
    """The reminders that are still to come are heard again on this person's side. Raises Refused."""

    def change(session: Session, claim: Claim, side: Party, person: int) -> None:
        session.execute(delete(Snooze).where(Snooze.claim_id == claim.id, Snooze.side == str(side)))

    _change(memory, who, number, delivery, change)


def wants_digest(memory: Memory, who: Who, wanted: bool) -> None:
    """Whether this person gets the daily digest by direct message as well.

    Raises:
        Refused: the directory does not list them.
    """
    with memory.database.transaction() as session:
        person = person_of(session, who.team, who.user)
        actor = actor_of(person)
        if person is None or not (actor.memberships or actor.reviewer):
            raise Refused(Refusal(Condition.PARTY, "The digest is for members of a partner and for reviewers."))
        row = insert(Preference).values(person_id=person.id, digest=wanted)
        session.execute(
            row.on_conflict_do_update(index_elements=[Preference.person_id], set_={"digest": row.excluded.digest})
        )


def side_for(actor: Actor, claim: Claim) -> Party:
    """On which side somebody who sees the claim stands: their own company's first."""
    return Party.PARTNER if actor.membership(claim.partner_id) is not None else Party.REVIEWER


def _change(
    memory: Memory,
    who: Who,
    number: str,
    delivery: str | None,
    change: Callable[[Session, Claim, Party, int], None],
) -> None:
    now = memory.clock()
    with memory.database.transaction() as session:
        if answered(session, delivery, now) is not None:
            return
        actor = actor_for(session, who)
        claim = find(session, actor, number, lock=True)  # so that it does not move on meanwhile
        if actor.person is None:
            raise LookupError("whoever sees a claim is somebody")
        change(session, claim, side_for(actor, claim), actor.person)
        said = select(Reminder.message_id).where(Reminder.claim_id == claim.id, Reminder.state == "done")
        redraw(session, {one for one in session.scalars(said) if one is not None}, now)


def _keep(session: Session, row: Snooze) -> None:
    session.merge(row)
    session.flush()


def _working_day(calendar: BusinessCalendar, day: date) -> date:
    return day if calendar.is_business_day(day) else calendar.add_business_days(day, 1)
