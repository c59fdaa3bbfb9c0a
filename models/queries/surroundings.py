"""What reviewers must know beside a claim itself. Nothing of it may ever be shown to a partner."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.facts import LIVE, competing
from models.memory import Memory
from models.queries.claims import subject_of
from models.queries.people import actor_of
from models.tables import Claim, Person
from rules import permissions
from rules.lifecycle import Action
from rules.permissions import Refusal


@dataclass(frozen=True)
class Surroundings:
    """Who of the reviewers belongs to the claim's partner, and which claims of other partners compete with it."""

    bound: tuple[Person, ...] = ()
    competing: tuple[Claim, ...] = ()


_REVIEWERS = (
    select(Person)
    .where(Person.present, Person.reviewer.has())
    .order_by(Person.name, Person.id)
    .options(joinedload(Person.memberships), joinedload(Person.reviewer))
)


def surroundings(session: Session, memory: Memory, claim: Claim) -> Surroundings:
    """What stands beside this claim now; nobody competes with one that has left the field."""
    bound = [one for one in reviewers(session) if actor_of(one).membership(claim.partner_id) is not None]
    rivals = competing(session, memory, claim) if claim.status in LIVE else []
    return Surroundings(tuple(bound), tuple(rivals))


def reviewers(session: Session) -> list[Person]:
    """The programme's active reviewers, by name."""
    return list(session.scalars(_REVIEWERS).unique())


def possible_reviewers(session: Session, claim: Claim) -> list[Person]:
    """The reviewers who may take this claim over now: whom it can be handed to."""
    subject = subject_of(claim)
    every = reviewers(session)
    return [
        one for one in every if not isinstance(permissions.check(actor_of(one), Action.TAKE_OVER, subject), Refusal)
    ]
