"""The directory file that says what holds now, whether it came by an import or by changes in Slack."""

from __future__ import annotations

from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.tables import Location, Membership, Partner, Person, ProgrammeSettings, Reviewer


def export_directory(session: Session) -> str:
    """YAML that `parse_directory` reads, and whose import changes nothing. Raises LookupError before any import."""
    programme = session.scalar(select(ProgrammeSettings))
    if programme is None:
        raise LookupError("no directory was imported")
    reviewers = session.scalars(
        select(Reviewer).join(Person).order_by(Person.name).options(joinedload(Reviewer.person))
    )
    partners = session.scalars(select(Partner).where(Partner.active).order_by(Partner.name)).all()
    listed = {
        "programme": _given(programme, "name", "country", "subdivision", "timezone", "review_channel", "team"),
        "reviewers": [_person(one.person) | ({"lead": True} if one.lead else {}) for one in reviewers],
        "partners": [_partner(session, one) for one in partners],
    }
    # Entries of one line each: lists of people are read and compared by lines.
    return yaml.safe_dump(listed, sort_keys=False, allow_unicode=True, default_flow_style=None, width=1000)


def _partner(session: Session, partner: Partner) -> dict[str, Any]:
    places = select(Location).where(Location.partner_id == partner.id, Location.active).order_by(Location.mpn)
    members = select(Membership).where(Membership.partner_id == partner.id).join(Person).order_by(Person.name)
    return {
        **_given(partner, "name", "country", "subdivision", "timezone", "channel", "team"),
        "locations": [_given(one, "mpn", "name", "programmes", "channel") for one in session.scalars(places)],
        "members": [
            _person(one.person)
            | {"roles": list(one.roles)}
            | ({} if one.locations is None else {"locations": list(one.locations)})
            for one in session.scalars(members.options(joinedload(Membership.person)))
        ],
    }


def _person(person: Person) -> dict[str, Any]:
    return {"slack": person.user, **_given(person, "name", "email", "team")}


def _given(row: Any, *names: str) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {
        name: list(value) if isinstance(value, list) else value for name, value in values.items() if value is not None
    }
