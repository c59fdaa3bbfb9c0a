"""What is asked for, as SQL: the one visibility rule, and a condition for each filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Session

from models.memory import Memory
from models.queries.claims import visible
from models.queries.criteria import ME, NOBODY, Criteria, Due
from models.queries.searching import (
    called,
    has_words,
    number_typed,
    turns_out_to_have,
    words_of_customer,
    words_of_products,
    words_typed,
)
from models.tables import Claim, Location, Partner, Person
from rules.lifecycle import Status
from rules.permissions import Actor

# Where somebody is late once the limit has passed; elsewhere only a window has closed.
AWAITED = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.ACTION_REQUIRED, Status.DISPUTE)
Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Conditions:
    """``plain`` ones, and ``queries``, what is asked of the claim's words.

    ``everywhere``: among everybody's claims, words are looked up in their index; a partner's claims are read anyway.
    """

    plain: Sequence[Condition]
    queries: Sequence[ColumnElement[Any]]
    everywhere: bool

    @property
    def whole(self) -> list[Condition]:
        """All, for claims that are to be looked for."""
        return [*self.plain, *map(has_words, self.queries)] if self.everywhere else self.by_reading

    @property
    def by_reading(self) -> list[Condition]:
        """All, for claims that are read anyway."""
        return [*self.plain, *map(turns_out_to_have, self.queries)]


def conditions_for(session: Session, memory: Memory, actor: Actor, criteria: Criteria) -> Conditions:
    """What holds for the claims that ``actor`` may see and that meet the criteria, and for no other."""
    plain = [visible(actor)]
    if criteria.statuses:
        plain.append(Claim.status.in_(criteria.statuses))
    if criteria.engagements:
        meant = criteria.engagements
        plain.append(or_(Claim.solution_area.in_(meant), Claim.partner_role.in_(meant)))
    if criteria.partners:
        plain.append(Claim.partner_id.in_(called(session, Partner, Partner.id, criteria.partners)))
    if criteria.locations:
        places = called(session, Location, Location.mpn, criteria.locations)
        plain.append(Claim.mpn.in_([*criteria.locations, *places]))
    if criteria.reviewers:
        plain.append(_reviewed(session, actor, criteria.reviewers))
    plain += _due(session, memory, criteria)
    if (number := number_typed(criteria.text)) is not None:
        plain.append(Claim.id == number)
    return Conditions(
        plain, list(_queries(session, memory, criteria)), everywhere=actor.reviewer or actor.party is not None
    )


def _queries(session: Session, memory: Memory, criteria: Criteria) -> Iterator[ColumnElement[Any]]:
    if criteria.customers:
        yield words_of_customer(session, criteria.customers)
    if criteria.products:
        yield words_of_products(criteria.products)
    if criteria.text and number_typed(criteria.text) is None:
        typed = words_typed(session, memory.programme.catalogue, criteria.text)
        if typed is not None:
            yield typed


def _reviewed(session: Session, actor: Actor, reviewers: Iterable[str]) -> ColumnElement[bool]:
    names = [one for one in reviewers if one not in (ME, NOBODY)]
    people = called(session, Person, Person.id, names)
    if ME in reviewers and actor.person is not None:
        people.append(actor.person)
    ways: list[Condition] = [Claim.reviewer_id.in_(people)] if people or NOBODY not in reviewers else []
    if NOBODY in reviewers:
        ways.append(Claim.reviewer_id.is_(None))
    return or_(*ways)


def _due(session: Session, memory: Memory, criteria: Criteria) -> list[Condition]:
    first, last = criteria.due_from, criteria.due_to
    match criteria.due:
        case None if first is None and last is None:
            return []
        case Due.NONE:
            return [Claim.due_at.is_(None)]
        case Due.OVERDUE:
            return [Claim.due_at <= memory.clock(), Claim.status.in_(AWAITED)]
    calendar = memory.calendar(session)
    today = calendar.local_day(memory.clock())
    if criteria.due is Due.TODAY:
        first = last = today
    elif criteria.due is Due.WEEK:
        first = today - timedelta(days=today.weekday())
        last = first + timedelta(days=6)
    # A limit is over at the first instant after its last day.
    conditions: list[Condition] = []
    if first is not None:
        conditions.append(Claim.due_at > calendar.end_of(first - timedelta(days=1)))
    if last is not None:
        conditions.append(Claim.due_at <= calendar.end_of(last))
    return conditions
