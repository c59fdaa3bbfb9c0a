"""Who somebody is, as the directory knows them now."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from models.answers import Who
from models.tables import Location, Membership, Partner, Person, Reviewer
from rules import permissions
from rules.lifecycle import PartnerRole
from rules.permissions import Actor

_PERSON = (
    select(Person)
    .where(Person.team == bindparam("team"), Person.user == bindparam("user"))
    .options(joinedload(Person.memberships), joinedload(Person.reviewer))
)
# Every request begins here, and most need no more of a person: a row for each membership, one with None for no other.
_ACTOR = (
    select(Person.id, Reviewer.lead, Membership.partner_id, Membership.roles, Membership.locations)
    .outerjoin(Reviewer, Reviewer.person_id == Person.id)
    .outerjoin(Membership.__table__.join(Partner, (Partner.id == Membership.partner_id) & Partner.active))
    .where(Person.team == bindparam("team"), Person.user == bindparam("user"), Person.present)
    .order_by(Membership.partner_id)
)


def person_of(session: Session, team: str, user: str) -> Person | None:
    """The person behind a Slack identity, or None for somebody whom the directory does not list."""
    return session.scalars(_PERSON, {"team": team, "user": user}).unique().one_or_none()


def actor_of(person: Person | None) -> Actor:
    """What permissions know of a person; an outsider for None and for whoever was deactivated."""
    if person is None or not person.present:
        return Actor(person=None)
    memberships = (
        _membership(one.partner_id, one.roles, one.locations) for one in person.memberships if one.partner.active
    )
    reviewer = person.reviewer
    return Actor(person.id, tuple(memberships), reviewer is not None, reviewer is not None and reviewer.lead)


def actor_for(session: Session, who: Who) -> Actor:
    """What permissions know of whoever a signed payload names: `actor_of` their person, sooner."""
    rows = session.execute(_ACTOR, {"team": who.team, "user": who.user}).all()
    if not rows:
        return Actor(person=None)
    person, lead = rows[0][:2]
    memberships = (_membership(*row[2:]) for row in rows if row.partner_id is not None)
    return Actor(person, tuple(memberships), lead is not None, lead is True)


def _membership(partner: int, roles: Iterable[str], locations: Iterable[str] | None) -> permissions.Membership:
    return permissions.Membership(
        partner, frozenset(map(PartnerRole, roles)), None if locations is None else frozenset(locations)
    )


def locations_for_filing(session: Session, actor: Actor) -> list[Location]:
    """The locations for which this person may file claims, by partner and MPN."""
    partners = [one.partner for one in actor.memberships]
    places = session.scalars(
        select(Location)
        .join(Partner)
        .where(Location.partner_id.in_(partners), Location.active)
        .order_by(Partner.name, Location.mpn)
    )
    return [place for place in places if actor.may_file(place.partner_id, place.mpn)]
