"""Claims by criteria: which ones, in which order, a page at a time; never more than ``visible`` shows somebody."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, null, or_, select, true, tuple_, union_all
from sqlalchemy.orm import Session, joinedload, load_only

from models.memory import Memory
from models.queries.claims import visible
from models.queries.criteria import ME, NOBODY, Criteria, Due, Sort
from models.queries.filter_words import fewer_words
from models.queries.searching import called, customer_found_by, found_by, with_product
from models.tables import Claim, Location, Partner, Person
from rules.lifecycle import Status
from rules.permissions import Actor

PAGE = 10
# More are not counted: nobody waits for a million to be told apart from a million and one.
MOST_COUNTED = 10_000
# Where somebody is late once the limit has passed; elsewhere only a window has closed.
AWAITED = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.ACTION_REQUIRED, Status.DISPUTE)

# What lists show, and what permissions ask for: a claim has many more columns than that.
_LISTED = (
    load_only(
        *(Claim.id, Claim.version, Claim.status, Claim.due_at, Claim.partner_id, Claim.mpn),
        *(Claim.claim_name, Claim.customer_name, Claim.updated_at, Claim.submitted_at),
        *(Claim.rejected_by_id, Claim.reviewer_id, Claim.erased_at),
        raiseload=True,
    ),
    joinedload(Claim.partner).load_only(Partner.name, raiseload=True),
    joinedload(Claim.reviewer).load_only(Person.name, raiseload=True),
)


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: behind the claim ``id`` with this sort value, or before it for ``back``.

    It is context, never permission, and holds only for the criteria of the page that gave it. ``first`` is the position
    of the page's first claim, from 1.
    """

    id: int
    value: Any
    first: int
    back: bool = False

    def write(self) -> str:
        """As a button carries it."""
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        return json.dumps([self.id, value, self.first, int(self.back)], separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def read(cls, written: str, sort: Sort) -> Cursor:
        """What `write` gave. Raises ValueError."""
        id, value, first, back = json.loads(written)
        if sort in (Sort.DUE, Sort.UPDATED) and value is not None:
            value = datetime.fromisoformat(value)
        elif not isinstance(value, str | int | None):
            raise ValueError("no claim is sorted by that")
        return cls(int(id), value, int(first), bool(back))


@dataclass(frozen=True)
class Page:
    """Some claims in order, with what lists show of them: to read more of one raises an error.

    ``first`` is the position of the first of them, from 1 (0 where there are none). ``total`` says how many there are
    on all pages, ``MOST_COUNTED + 1`` for more than that. ``before`` and ``after`` lead to the pages beside this one.
    """

    claims: tuple[Claim, ...]
    first: int
    total: int
    before: Cursor | None
    after: Cursor | None

    @property
    def last(self) -> int:
        """The position of the last of the claims."""
        return self.first + len(self.claims) - 1 if self.claims else 0

    @property
    def counted(self) -> bool:
        """Whether ``total`` is exact."""
        return self.total <= MOST_COUNTED


def matching(session: Session, memory: Memory, actor: Actor, criteria: Criteria) -> Select[Claim]:
    """The claims that ``actor`` may see and that meet the criteria, in their order.

    Other columns are had by ``.with_only_columns(…)``, a claim at a time by streaming.
    """
    key = _KEYS[criteria.sort]
    order = _directed([Claim.id] if key is None else [key, Claim.id], criteria, False)
    if key is not None:
        order[0] = order[0].nulls_last()
    return select(Claim).where(*_conditions(session, memory, actor, criteria)).order_by(*order)


def page(
    session: Session,
    memory: Memory,
    actor: Actor,
    criteria: Criteria,
    cursor: Cursor | None = None,
    size: int = PAGE,
) -> Page:
    """One page, as quickly read at any depth: the first one, or that which ``cursor`` leads to."""
    conditions = _conditions(session, memory, actor, criteria)
    found = _found(conditions, criteria, cursor, size + 1, many=actor.reviewer)
    counted = select(literal(1)).select_from(Claim).where(*conditions).limit(MOST_COUNTED + 1).subquery()
    total = select(func.count()).select_from(counted).scalar_subquery()
    query = select(Claim, found.c.key, total).join(found, found.c.id == Claim.id).options(*_LISTED)
    back = cursor is not None and cursor.back
    order = _directed([found.c.key, found.c.id], criteria, back)
    rows: Sequence[Any] = session.execute(query.order_by(found.c.part.desc() if back else found.c.part, *order)).all()
    if cursor is not None and (not rows or (back and len(rows) <= size)):
        # Some of them left meanwhile; or this is the beginning, which a page counts from.
        return page(session, memory, actor, criteria, None, size)
    further, rows = len(rows) > size, rows[:size]
    if back:
        rows = rows[::-1]
    first = cursor.first if cursor is not None else 1 if rows else 0
    before = after = None
    if cursor is not None:
        claim, value, _ = rows[0]
        before = Cursor(claim.id, value, max(1, first - size), back=True)
    if further or back:
        claim, value, _ = rows[-1]
        after = Cursor(claim.id, value, first + len(rows))
    total_now = max(rows[0][2], first + len(rows) - 1) if rows else 0
    return Page(tuple(row[0] for row in rows), first, min(total_now, MOST_COUNTED + 1), before, after)


def without_each(session: Session, memory: Memory, actor: Actor, criteria: Criteria) -> list[tuple[str, int]]:
    """What would be found with one restriction less: the restriction as it is typed, and how many claims."""
    found = []
    for words, fewer in fewer_words(criteria):
        query = select(literal(1)).select_from(Claim).where(*_conditions(session, memory, actor, fewer))
        counted = query.limit(MOST_COUNTED + 1).subquery()
        found.append((words, session.scalar(select(func.count()).select_from(counted)) or 0))
    return found


def _conditions(session: Session, memory: Memory, actor: Actor, criteria: Criteria) -> list[ColumnElement[bool]]:
    catalogue = memory.programme.catalogue
    conditions = [visible(actor)]
    if criteria.statuses:
        conditions.append(Claim.status.in_(criteria.statuses))
    if criteria.customers:
        conditions.append(customer_found_by(session, criteria.customers))
    if criteria.products:
        conditions.append(with_product(criteria.products))
    if criteria.engagements:
        meant = criteria.engagements
        conditions.append(or_(Claim.solution_area.in_(meant), Claim.partner_role.in_(meant)))
    if criteria.partners:
        conditions.append(Claim.partner_id.in_(called(session, Partner, Partner.id, criteria.partners)))
    if criteria.locations:
        places = called(session, Location, Location.mpn, criteria.locations)
        conditions.append(Claim.mpn.in_([*criteria.locations, *places]))
    if criteria.reviewers:
        conditions.append(_reviewed(session, actor, criteria.reviewers))
    conditions += _due(session, memory, criteria)
    if criteria.text and (found := found_by(session, catalogue, criteria.text)) is not None:
        conditions.append(found)
    return conditions


def _reviewed(session: Session, actor: Actor, reviewers: Iterable[str]) -> ColumnElement[bool]:
    names = [one for one in reviewers if one not in (ME, NOBODY)]
    people = called(session, Person, Person.id, names)
    if ME in reviewers and actor.person is not None:
        people.append(actor.person)
    ways: list[ColumnElement[bool]] = [Claim.reviewer_id.in_(people)]
    if NOBODY in reviewers:
        ways.append(Claim.reviewer_id.is_(None))
    return or_(*ways)


def _due(session: Session, memory: Memory, criteria: Criteria) -> list[ColumnElement[bool]]:
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
    conditions: list[ColumnElement[bool]] = []
    if first is not None:
        conditions.append(Claim.due_at > calendar.end_of(first - timedelta(days=1)))
    if last is not None:
        conditions.append(Claim.due_at <= calendar.end_of(last))
    return conditions


def _named(name: Any, identity: ColumnElement[bool]) -> ColumnElement[Any]:
    return select(func.sort_text(name)).where(identity).correlate(Claim).scalar_subquery()


# What is sorted by; None: by the number alone, which else decides between equals.
_KEYS: Mapping[Sort, Any] = {
    Sort.NUMBER: None,
    Sort.NAME: func.sort_text(Claim.claim_name),
    Sort.CUSTOMER: func.sort_text(Claim.customer_name),
    Sort.PARTNER: _named(Partner.name, Partner.id == Claim.partner_id),
    Sort.STATUS: Claim.status,
    Sort.DUE: Claim.due_at,
    Sort.REVIEWER: _named(Person.name, Person.id == Claim.reviewer_id),
    Sort.UPDATED: Claim.updated_at,
}
# What may be missing of what is sorted by.
_NULLABLE: Mapping[Sort, Any] = {
    Sort.CUSTOMER: func.sort_text(Claim.customer_name),
    Sort.DUE: Claim.due_at,
    Sort.REVIEWER: Claim.reviewer_id,
}
# Sorted by the names of few others, each of whom has many claims.
_NAMED: Mapping[Sort, tuple[Any, Any]] = {
    Sort.PARTNER: (Partner, Claim.partner_id),
    Sort.REVIEWER: (Person, Claim.reviewer_id),
}


def _found(
    conditions: Sequence[ColumnElement[bool]], criteria: Criteria, cursor: Cursor | None, limit: int, *, many: bool
) -> Any:
    """The ids and sort values of a page, in the order in which it is walked: backwards for the page before.

    Claims without a value are a part of their own, which comes last both ways: so one index serves both directions, and
    a page at any depth begins where the one before it ended. ``many``: they are looked for among all claims. The few of
    a partner are gathered by its own index and then sorted, which the planner does not see by itself: walking through
    everybody's claims in order, one would meet them a thousand times later.
    """
    key = _KEYS[criteria.sort]
    if not many and key is not None:
        key = func.greatest(key)  # the same, and no index's
    back = cursor is not None and cursor.back
    parts: list[list[ColumnElement[bool]]] = [[]]
    if (nullable := _NULLABLE.get(criteria.sort)) is not None:
        parts = [[nullable.is_not(None)], [nullable.is_(None)]]
    begin = 0 if cursor is None or key is None or cursor.value is not None or len(parts) == 1 else 1
    queries = []
    for part in range(begin, -1, -1) if back else range(begin, len(parts)):
        here = cursor if part == begin else None
        if many and criteria.sort in _NAMED and part == 0:
            queries.append(_by_name(conditions, criteria, here, back, limit))
            continue
        columns = (
            Claim.id.label("id"),
            (null() if key is None else key).label("key"),
            literal(part).label("part"),
        )
        query = select(*columns).where(*conditions, *parts[part])
        order = [Claim.id] if key is None or part == 1 else [key, Claim.id]
        if here is not None:
            query = query.where(_beyond(order, here, criteria))
        queries.append(query.order_by(*_directed(order, criteria, back)).limit(limit))
    if len(queries) == 1:
        return queries[0].subquery()
    return union_all(*(select(one.subquery()) for one in queries)).limit(limit).subquery()


def _by_name(
    conditions: Sequence[ColumnElement[bool]], criteria: Criteria, cursor: Cursor | None, back: bool, limit: int
) -> Select[Any]:
    """Names in order, and the first claims of each: all claims need not be read for the first of them in order."""
    table, points_to = _NAMED[criteria.sort]
    names = select(table.id.label("id"), func.sort_text(table.name).label("key")).subquery("names")
    theirs = select(Claim.id.label("id")).where(points_to == names.c.id, *conditions)
    restricted = []
    if cursor is not None:
        theirs = theirs.where(_beyond([names.c.key, Claim.id], cursor, criteria))
        falling = criteria.descending != back
        restricted.append(names.c.key <= cursor.value if falling else names.c.key >= cursor.value)
    first = theirs.order_by(*_directed([Claim.id], criteria, back)).limit(limit).correlate(names).lateral("theirs")
    query = select(first.c.id, names.c.key, literal(0).label("part")).select_from(names).join(first, true())
    return query.where(*restricted).order_by(*_directed([names.c.key, first.c.id], criteria, back)).limit(limit)


def _beyond(order: Sequence[Any], cursor: Cursor, criteria: Criteria) -> ColumnElement[bool]:
    here = [cursor.id] if len(order) == 1 else [cursor.value, cursor.id]
    columns, values = (order[0], literal(here[0])) if len(order) == 1 else (tuple_(*order), tuple_(*map(literal, here)))
    return columns < values if criteria.descending != cursor.back else columns > values


def _directed(order: Iterable[Any], criteria: Criteria, back: bool) -> list[Any]:
    return [one.desc() if criteria.descending != back else one.asc() for one in order]
