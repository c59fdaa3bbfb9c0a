"""Teams, as those see them who may change them: a partner's members, and the reviewers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.answers import Who
from models.tables import Location, Membership, Partner, Person, Reviewer
from rules import permissions
from rules.permissions import Actor


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a team. ``roles`` and ``locations`` (None: all) are empty for a reviewer, ``lead`` for a member."""

    who: Who
    name: str
    roles: tuple[str, ...] = ()
    locations: tuple[str, ...] | None = None
    lead: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Team:
    """A team that somebody manages. ``partner`` None: the programme's reviewers. ``locations``: (MPN, name)."""

    partner: int | None
    name: str
    members: tuple[Member, ...]
    locations: tuple[tuple[str, str], ...] = ()

    def member(self, who: Who) -> Member | None:
        """The member with this identity, if any."""
        return next((one for one in self.members if one.who == who), None)


def managed_by(session: Session, actor: Actor) -> list[Team]:
    """The teams in which ``actor`` may change who belongs to them; the reviewers first."""
    teams = [_reviewers(session)] if actor.lead else []
    own = [one.partner for one in actor.memberships if permissions.manages_team(actor, one.partner)]
    for partner in session.scalars(select(Partner).where(Partner.id.in_(own)).order_by(Partner.name)):
        places = select(Location.mpn, Location.name).where(Location.partner_id == partner.id, Location.active)
        locations = tuple((row.mpn, row.name) for row in session.execute(places.order_by(Location.mpn)))
        teams.append(Team(partner.id, partner.name, _members(session, partner.id), locations))
    return teams


def _members(session: Session, partner: int) -> tuple[Member, ...]:
    query = select(Membership, Person).join(Person).where(Membership.partner_id == partner, Person.active)
    return tuple(
        Member(
            Who(person.team, person.user),
            person.name,
            roles=tuple(row.roles),
            locations=None if row.locations is None else tuple(row.locations),
            closed=person.deactivated_at is not None,
        )
        for row, person in session.execute(query.order_by(Person.name, Person.id))
    )


def _reviewers(session: Session) -> Team:
    query = select(Reviewer, Person).join(Person).where(Person.active).order_by(Person.name, Person.id)
    members = tuple(
        Member(Who(person.team, person.user), person.name, lead=row.lead, closed=person.deactivated_at is not None)
        for row, person in session.execute(query)
    )
    return Team(None, "Reviewers", members)
