"""Who somebody is, as the directory knows them now."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from models.answers import Who
from models.tables import Location, Partner, Person
from rules.lifecycle import PartnerRole
from rules.permissions import Actor, Membership

# Every request begins here: in one statement all that ``actor_of`` needs.
_PERSON = (
    select(Person)
    .where(Person.team == bindparam("team"), Person.user == bindparam("user"))
    .options(joinedload(Person.memberships), joinedload(Person.reviewer))
)


def person_of(session: Session, team: str, user: str) -> Person | None:
    """The person behind a Slack identity, or None for somebody whom the directory does not list."""
    return session.scalars(_PERSON, {"team": team, "user": user}).unique().one_or_none()


def actor_of(person: Person | None) -> Actor:
    """What permissions know of a person; an outsider for None and for whoever was deactivated."""
    if person is None or not person.present:
        return Actor(person=None)
    memberships = tuple(
        Membership(
            partner=one.partner_id,
            roles=frozenset(PartnerRole(role) for role in one.roles),
            locations=None if one.locations is None else frozenset(one.locations),
        )
        for one in person.memberships
        if one.partner.active
    )
    reviewer = person.reviewer
    return Actor(person.id, memberships, reviewer is not None, reviewer is not None and reviewer.lead)


def actor_for(session: Session, who: Who) -> Actor:
    """What permissions know of whoever a signed payload names."""
    return actor_of(person_of(session, who.team, who.user))


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
