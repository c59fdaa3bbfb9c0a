"""Who belongs to a team, changed from Slack: by a partner's global admin, and for the reviewers by a lead.

Each change is in the journal, and whoever it concerns is told. A later import of the directory file does not undo it
unasked (``undone``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.answers import Invalid, Refused, Who
from models.directory import IMPORT_LOCK, Changes
from models.memory import Memory
from models.operations import homes
from models.operations.inbox import answer_with, answered
from models.operations.journal import note
from models.operations.outbox import enqueue
from models.queries.people import actor_for, person_of
from models.tables import JournalEntry, Location, Membership, Partner, Person, Reviewer
from rules import permissions
from rules.lifecycle import PartnerRole
from rules.permissions import Condition, Refusal

LAST_ADMIN = "There must be one global admin at least who can act. Make somebody else global admin first."
LAST_LEAD = "There must be one lead reviewer at least who can act. Make somebody else lead first."


@dataclass(frozen=True, slots=True)
class Somebody:
    """Whom a change concerns, and their name as Slack gives it."""

    who: Who
    name: str


def set_member(
    memory: Memory,
    who: Who,
    partner: int,
    somebody: Somebody,
    roles: Collection[PartnerRole],
    locations: Collection[str] | None,
    *,
    delivery: str | None = None,
) -> None:
    """Make somebody a member of a partner, or change what they are there. ``locations`` None or empty: all of them.

    Raises:
        Refused: ``who`` is no global admin of that partner.
        Invalid: no role, a location that is not the partner's, or nobody would be global admin any more.
    """
    now = memory.clock()
    with memory.database.transaction() as session:
        if not _begin(session, delivery, now):
            return
        by = _manager(session, who, partner)
        own = set(session.scalars(select(Location.mpn).where(Location.partner_id == partner, Location.active)))
        if not roles:
            raise Invalid({"roles": "Choose one role at least."})
        if foreign := set(locations or ()) - own:
            raise Invalid({"locations": f"{', '.join(sorted(foreign))} is not a location of this partner."})
        person = _known(session, somebody)
        row = session.get(Membership, (person.id, partner))
        before = _said(row)
        row = row or Membership(person_id=person.id, partner_id=partner)
        row.roles, row.locations = sorted(roles), sorted(locations) if locations else None
        session.add(row)
        session.flush()
        if before == _said(row):
            return
        _somebody_left(session, partner)
        _record(session, "membership", person, by, now, {"partner": partner, "before": before, "after": _said(row)})


def remove_member(memory: Memory, who: Who, partner: int, member: Who, *, delivery: str | None = None) -> None:
    """Somebody is no member of a partner any more, and has no access from this moment on. Raises as `set_member`."""
    now = memory.clock()
    with memory.database.transaction() as session:
        if not _begin(session, delivery, now):
            return
        by = _manager(session, who, partner)
        person = person_of(session, member.team, member.user)
        row = session.get(Membership, (person.id, partner)) if person is not None else None
        if person is None or row is None:
            return
        before = _said(row)
        session.delete(row)
        session.flush()
        _somebody_left(session, partner)
        _record(session, "membership", person, by, now, {"partner": partner, "before": before, "after": None})
        _unlist(session, person)


def set_reviewer(memory: Memory, who: Who, somebody: Somebody, *, lead: bool, delivery: str | None = None) -> None:
    """Make somebody a reviewer, or change whether they lead.

    Raises:
        Refused: ``who`` is no lead.
        Invalid: nobody would be lead any more.
    """
    now = memory.clock()
    with memory.database.transaction() as session:
        if not _begin(session, delivery, now):
            return
        by = _lead(session, who)
        person = _known(session, somebody)
        row = session.get(Reviewer, person.id)
        before = None if row is None else {"lead": row.lead}
        row = row or Reviewer(person_id=person.id)
        row.lead = lead
        session.add(row)
        session.flush()
        if before == {"lead": lead}:
            return
        _somebody_leads(session)
        _record(session, "reviewer", person, by, now, {"before": before, "after": {"lead": lead}})


def remove_reviewer(memory: Memory, who: Who, reviewer: Who, *, delivery: str | None = None) -> None:
    """Somebody is no reviewer any more; leads hand their claims to others. Raises as `set_reviewer`."""
    now = memory.clock()
    with memory.database.transaction() as session:
        if not _begin(session, delivery, now):
            return
        by = _lead(session, who)
        person = person_of(session, reviewer.team, reviewer.user)
        if person is None or person.reviewer is None:
            return
        before = {"lead": person.reviewer.lead}
        session.delete(person.reviewer)
        session.flush()
        _somebody_leads(session)
        _record(session, "reviewer", person, by, now, {"before": before, "after": None})
        _unlist(session, person)


def account(memory: Memory, closed: Sequence[Who] = (), opened: Sequence[Who] = ()) -> int:
    """Note which accounts Slack says are closed, and which are not; whose that changed is in the journal. How many."""
    now, changed = memory.clock(), 0
    with memory.database.transaction() as session:
        for who, gone in [*((one, True) for one in closed), *((one, False) for one in opened)]:
            person = person_of(session, who.team, who.user)
            if person is None or (person.deactivated_at is not None) is gone:
                continue
            person.deactivated_at = now if gone else None
            note(session, "access", {"person": person.id, "closed": gone}, now)
            changed += 1
    return changed


def undone(session: Session, changes: Changes) -> list[str]:
    """What an import just did in this transaction to people whose place was changed in Slack since the last import."""
    last = session.scalar(select(func.max(JournalEntry.id)).where(JournalEntry.kind == "import")) or 0
    made = select(JournalEntry).where(JournalEntry.id > last, JournalEntry.kind.in_(("membership", "reviewer")))
    names = set()
    for entry in session.scalars(made):
        person = session.get_one(Person, entry.body["person"])
        name = f"{person.name} ({person.user})"
        if entry.kind == "membership":
            name += f" at {session.get_one(Partner, entry.body['partner']).name}"
        names.add((entry.kind, name))
    return [f"{one.name}: {one.how}" for one in changes.done if (one.kind, one.name) in names]


def _begin(session: Session, delivery: str | None, now: datetime) -> bool:
    """Whether this is to be done: not for a delivery that comes again. An import waits, and is waited for."""
    if answered(session, delivery, now) is not None:
        return False
    session.execute(select(func.pg_advisory_xact_lock(IMPORT_LOCK)))
    answer_with(session, delivery, {"team": True})
    return True


def _manager(session: Session, who: Who, partner: int) -> int | None:
    actor = actor_for(session, who)
    if not permissions.manages_team(actor, partner):
        raise Refused(Refusal(Condition.ROLE, "Only this partner's global admins can change who belongs to it."))
    return actor.person


def _lead(session: Session, who: Who) -> int | None:
    actor = actor_for(session, who)
    if not actor.lead:
        raise Refused(Refusal(Condition.ROLE, "Only lead reviewers can change who reviews."))
    return actor.person


def _known(session: Session, somebody: Somebody) -> Person:
    who = somebody.who
    person = person_of(session, who.team, who.user)
    if person is None:
        person = Person(team=who.team, user=who.user, name=somebody.name[:75])
        session.add(person)
    person.active = True
    session.flush()
    return person


def _unlist(session: Session, person: Person) -> None:
    """As an import does: who is nothing any more is not listed any more."""
    session.expire(person)
    if not person.memberships and person.reviewer is None:
        person.active = False


def _somebody_left(session: Session, partner: int) -> None:
    members = session.scalars(select(Membership).join(Person).where(Membership.partner_id == partner, Person.present))
    if not any(PartnerRole.GLOBAL_ADMIN in one.roles for one in members):
        raise Invalid({"roles": LAST_ADMIN})


def _somebody_leads(session: Session) -> None:
    if (
        session.scalar(select(func.count()).select_from(Reviewer).join(Person).where(Reviewer.lead, Person.present))
        == 0
    ):
        raise Invalid({"lead": LAST_LEAD})


def _said(row: Membership | None) -> dict[str, Any] | None:
    return None if row is None else {"roles": list(row.roles), "locations": row.locations and list(row.locations)}


def _record(session: Session, kind: Any, person: Person, by: int | None, now: datetime, body: dict[str, Any]) -> None:
    homes.watch_person(session, person.id, now)
    entry = note(session, kind, {"person": person.id, **body}, now, by=by)
    enqueue(
        session,
        kind="team",
        team=person.team,
        lane=f"{person.team}/{person.user}",
        payload={"user": person.user, "entry": entry},
        unique_key=f"team:{entry}",
        now=now,
    )
