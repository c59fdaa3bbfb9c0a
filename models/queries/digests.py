"""The daily digest: who gets one, and what it has to say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from models.memory import Memory
from models.queries.claims import visible
from models.queries.people import actor_of, person_of
from models.tables import Claim, Location, Partner, Person, Preference
from rules.calendar import BusinessCalendar
from rules.lifecycle import Party, Status
from rules.reasons import PARTNER_REQUEST

# Those who are to act in these statuses.
_WAITING = {
    Party.PARTNER: (Status.ACTION_REQUIRED,),
    Party.REVIEWER: (Status.SUBMITTED, Status.UNDER_REVIEW, Status.DISPUTE),
}
_DECIDED = (Status.APPROVED, Status.REJECTED, Status.REJECTED_FINAL)
# A part of a digest shows so many claims, and how many more there are.
SHOWN = 8


@dataclass(frozen=True)
class Audience:
    """Those who read one digest: a partner's channel (or that of its locations), the review channel, or one person.

    `channel` is a channel's id, or the person's (`person` says which).
    """

    side: Party
    team: str
    channel: str
    calendar: BusinessCalendar
    person: bool = False


@dataclass(frozen=True)
class Some:
    """The first claims of a part, and how many there are of them all."""

    claims: tuple[Claim, ...]
    count: int


@dataclass(frozen=True)
class Digest:
    """What a digest says; a claim stands in one part only."""

    overdue: Some
    soon: Some
    waiting: Some
    decided: Some

    def __bool__(self) -> bool:
        """Whether there is something to say."""
        return any(part.count for part in (self.overdue, self.soon, self.waiting, self.decided))


def audiences(session: Session, memory: Memory) -> list[Audience]:
    """Everybody who gets a digest."""
    settings = memory.settings(session)
    programme = memory.calendar(session)
    found = {
        (settings.team, settings.review_channel): Audience(
            Party.REVIEWER, settings.team, settings.review_channel, programme
        )
    }
    partners = session.scalars(select(Partner).where(Partner.active).options(joinedload(Partner.locations))).unique()
    calendars: dict[int, BusinessCalendar] = {}
    for partner in sorted(partners, key=lambda one: one.id):
        calendars[partner.id] = memory.calendar_of(session, Party.PARTNER, partner)
        own = (one.channel for one in partner.locations if one.active)
        for channel in {partner.channel, *filter(None, own)}:
            audience = Audience(Party.PARTNER, partner.team, channel, calendars[partner.id])
            found.setdefault((partner.team, channel), audience)
    for person in _readers(session):
        actor = actor_of(person)
        side = Party.PARTNER if actor.memberships else Party.REVIEWER
        theirs = calendars.get(actor.memberships[0].partner, programme) if actor.memberships else programme
        if actor.memberships or actor.reviewer:
            found[(person.team, person.user)] = Audience(side, person.team, person.user, theirs, person=True)
    return list(found.values())


def digest_of(session: Session, memory: Memory, audience: Audience, now: datetime) -> Digest:
    """What there is to say to them now."""
    cadence = memory.programme.cadence.digest
    programme, theirs = memory.calendar(session), audience.calendar
    theirs_only = _of(session, audience)
    today = theirs.local_day(now)
    yesterday = theirs.at(theirs.add_business_days(today, -1), cadence.hour)
    horizon = programme.due(now, cadence.ahead_business_days)

    waits = Claim.status.in_(_WAITING[audience.side])
    if audience.side is Party.PARTNER:  # what can still be disputed, too
        disputable = and_(Claim.status == Status.REJECTED, Claim.rejection_reason != PARTNER_REQUEST)
        runs_out = or_(waits, and_(disputable, Claim.due_at > now))
    else:
        runs_out = waits
    overdue = and_(waits, Claim.due_at <= now)
    soon = and_(runs_out, Claim.due_at > now, Claim.due_at <= horizon)
    later = and_(waits, Claim.due_at > horizon)
    # What is told already is not told twice.
    decided = and_(
        Claim.status.in_(_DECIDED), Claim.status_since >= yesterday, ~and_(runs_out, Claim.due_at <= horizon)
    )
    return Digest(
        overdue=_some(session, theirs_only, overdue),
        soon=_some(session, theirs_only, soon),
        waiting=_some(session, theirs_only, later),
        decided=_some(session, theirs_only, func.coalesce(decided, False)),
    )


def _readers(session: Session) -> Iterable[Person]:
    query = select(Person).join(Preference).where(Person.present, Preference.digest)
    return session.scalars(query.options(joinedload(Person.memberships), joinedload(Person.reviewer))).unique()


def _of(session: Session, audience: Audience) -> ColumnElement[bool]:
    live = Claim.discarded_at.is_(None)
    if audience.person:
        return visible(actor_of(person_of(session, audience.team, audience.channel)))
    if audience.side is Party.REVIEWER:
        return and_(live, Claim.submitted_at.is_not(None))
    return and_(live, _placed_in(audience.team, audience.channel))


def _placed_in(team: str, channel: str) -> ColumnElement[bool]:
    """Claims whose partner's side belongs in this channel: ``Claim.place`` as SQL."""
    beside = or_(Partner.channel == channel, Partner.locations.any(Location.channel == channel))
    partners = select(Partner.id).where(Partner.team == team, beside)
    location = select(Location.channel).where(Location.mpn == Claim.mpn, Location.partner_id == Claim.partner_id)
    partner = select(Partner.channel).where(Partner.id == Claim.partner_id)
    here = func.coalesce(location.scalar_subquery(), partner.scalar_subquery()) == channel
    return and_(Claim.partner_id.in_(partners), here)


def _some(session: Session, theirs: ColumnElement[bool], part: ColumnElement[bool]) -> Some:
    count = session.scalar(select(func.count()).select_from(Claim).where(theirs, part)) or 0
    if not count:
        return Some((), 0)
    query = select(Claim).where(theirs, part).order_by(Claim.due_at, Claim.id).limit(SHOWN)
    found = session.scalars(query.options(joinedload(Claim.partner), joinedload(Claim.reviewer)))
    return Some(tuple(found), count)
