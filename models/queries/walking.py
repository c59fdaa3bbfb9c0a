"""Claims in an order, from any place in it: a page is reached without reading those before it.

Claims that lack what they are sorted by are a part of their own, which comes last both ways: so one index serves both
directions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    case,
    func,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from models.queries.conditions import Condition
from models.queries.criteria import Criteria, Sort
from models.tables import Claim, Partner, Person

# Claims by ``id`` and ``key``, their sort value; and the order they come in.
Found = tuple[Subquery, list[ColumnElement[Any]]]


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
        """What `write` gave. Raises ValueError for anything else: buttons can be old, or forged."""
        try:
            id, value, first, back = json.loads(written)
            if sort in (Sort.DUE, Sort.UPDATED) and value is not None:
                value = datetime.fromisoformat(value)
            elif value is not None:
                value.encode()  # no half of a character
        except (TypeError, AttributeError, RecursionError):
            raise ValueError("this is no place in a list") from None
        known = value is None or sort is not Sort.NUMBER
        if not known or "\0" in str(value) or not (type(id) is type(first) is int and max(abs(id), abs(first)) < 2**62):
            raise ValueError("this is no place in a list")
        return cls(id, value, first, bool(back))


@dataclass(frozen=True)
class _Order:
    """What is sorted by: ``key``, or the number alone, which else decides between equals.

    ``lacking``: what is NULL in claims without a key. ``names``: whose name the key is, and what of a claim points
    there.
    """

    key: Any = None
    lacking: Any = None
    names: tuple[Any, Any] | None = None


def _name_of(table: type[Partner] | type[Person], pointer: Any) -> Any:
    return select(table.sort_name).where(table.id == pointer).correlate(Claim).scalar_subquery()


_CUSTOMER = func.sort_text(Claim.customer_name)
_ORDERS: Mapping[Sort, _Order] = {
    Sort.NUMBER: _Order(),
    Sort.NAME: _Order(func.sort_text(Claim.claim_name)),
    Sort.CUSTOMER: _Order(_CUSTOMER, lacking=_CUSTOMER),
    Sort.PARTNER: _Order(_name_of(Partner, Claim.partner_id), names=(Partner, Claim.partner_id)),
    Sort.STATUS: _Order(Claim.status),
    Sort.DUE: _Order(Claim.due_at, lacking=Claim.due_at),
    Sort.REVIEWER: _Order(
        _name_of(Person, Claim.reviewer_id), lacking=Claim.reviewer_id, names=(Person, Claim.reviewer_id)
    ),
    Sort.UPDATED: _Order(Claim.updated_at),
}


def by_names(sort: Sort) -> bool:
    """Whether it is an order of names of others, each of whom may have many claims or none."""
    return _ORDERS[sort].names is not None


def ordered(criteria: Criteria) -> list[ColumnElement[Any]]:
    """The order of the criteria, for a statement that reads all of them."""
    key = _ORDERS[criteria.sort].key
    order = _directed([Claim.id] if key is None else [key, Claim.id], criteria.descending)
    return order if key is None else [order[0].nulls_last(), *order[1:]]


def gather(conditions: Sequence[Condition], criteria: Criteria, cursor: Cursor | None, limit: int) -> Found:
    """The first ``limit`` claims from the cursor on: all that meet the conditions, sorted. Not for very many."""
    order, back = _ORDERS[criteria.sort], cursor is not None and cursor.back
    falling = criteria.descending != back
    lacks = literal(0) if order.lacking is None else case((order.lacking.is_(None), 1), else_=0)
    columns = (Claim.id.label("id"), _value(order), lacks.label("part"))
    # The planner takes a limit for an invitation to walk; across an offset it does not see one.
    all_ = select(*columns).where(*conditions).offset(0).subquery()
    query = select(all_)
    if cursor is not None:
        part = _part(order, cursor)
        key = None if order.key is None or part else all_.c.key
        further = all_.c.part < part if back else all_.c.part > part
        query = query.where(or_(further, (all_.c.part == part) & _beyond(key, all_.c.id, cursor, falling=falling)))
    found = query.order_by(*_sorted(all_, back=back, falling=falling)).limit(limit).subquery()
    return found, _sorted(found, back=back, falling=falling)


def walk(conditions: Sequence[Condition], criteria: Criteria, cursor: Cursor | None, limit: int) -> Found:
    """The first ``limit`` claims from the cursor on, met on the way through all claims in their order."""
    order, back = _ORDERS[criteria.sort], cursor is not None and cursor.back
    falling = criteria.descending != back
    parts = (0,) if order.lacking is None else (0, 1)
    begin = _part(order, cursor)
    queries = []
    for part in parts[begin::-1] if back else parts[begin:]:
        here = cursor if part == begin else None
        wanted = [*conditions]
        if order.lacking is not None:
            wanted.append(order.lacking.is_(None) if part else order.lacking.is_not(None))
        if order.names is not None and not part:
            query = _by_name(*order.names, wanted, here, limit, falling=falling)
        else:
            query = _by_index(order, wanted, here, limit, falling=falling, lacking=bool(part))
        queries.append(query.add_columns(literal(part).label("part")))
    found = (queries[0] if len(queries) == 1 else union_all(*queries).limit(limit)).subquery()
    return found, _sorted(found, back=back, falling=falling)


def _by_index(
    order: _Order, conditions: Sequence[Condition], cursor: Cursor | None, limit: int, *, falling: bool, lacking: bool
) -> Select[Any]:
    """Claims by an index that has them in this order; ``lacking``: those without a key, by their number."""
    key = None if lacking else order.key
    query = select(Claim.id.label("id"), _value(order)).where(*conditions)
    if cursor is not None:
        query = query.where(_beyond(key, Claim.id, cursor, falling=falling))
    return query.order_by(*_directed([Claim.id] if key is None else [key, Claim.id], falling)).limit(limit)


def _by_name(
    table: type[Partner] | type[Person],
    pointer: Any,
    conditions: Sequence[Condition],
    cursor: Cursor | None,
    limit: int,
    *,
    falling: bool,
) -> Select[Any]:
    """Names in order, and the first claims of each: all claims need not be read for the first of them in order."""
    theirs = select(Claim.id.label("id")).where(pointer == table.id, *conditions)
    names: list[Condition] = [table.id.in_(select(_pointed_to(pointer).c.id))]
    if cursor is not None:
        names.append(table.sort_name <= cursor.value if falling else table.sort_name >= cursor.value)
        # Behind the claim among those of its name, and of further names from the first claim on.
        end = literal(2**63 - 1 if falling else 0, BigInteger)
        begin = case((table.sort_name == cursor.value, literal(cursor.id, BigInteger)), else_=end)
        theirs = theirs.where(Claim.id < begin if falling else Claim.id > begin)
    first = theirs.order_by(*_directed([Claim.id], falling)).limit(limit).correlate(table).lateral("theirs")
    query = select(first.c.id, table.sort_name.label("key")).select_from(table).join(first, true()).where(*names)
    return query.order_by(*_directed([table.sort_name, first.c.id], falling)).limit(limit)


def _pointed_to(pointer: Any) -> CTE:
    """Whoever claims point to, by one look into the index for each: of all people few are reviewers, or ever were."""
    shown = Claim.discarded_at.is_(None)
    each = select(func.min(pointer).label("id")).where(shown).cte(recursive=True)
    following = select(func.min(pointer)).where(shown, pointer > each.c.id).scalar_subquery()
    return each.union_all(select(following).where(each.c.id.is_not(None)))


def _value(order: _Order) -> Any:
    return (null() if order.key is None else order.key).label("key")


def _part(order: _Order, cursor: Cursor | None) -> int:
    """In which part a page begins: 1 is that of claims without a key."""
    return int(cursor is not None and cursor.value is None and order.lacking is not None)


def _beyond(key: Any, id: Any, cursor: Cursor, *, falling: bool) -> Condition:
    place, here = ((id,), (cursor.id,)) if key is None else ((key, id), (cursor.value, cursor.id))
    left, right = tuple_(*place), tuple_(*map(literal, here))
    return left < right if falling else left > right


def _sorted(found: Subquery, *, back: bool, falling: bool) -> list[Any]:
    return [*_directed([found.c.part], back), *_directed([found.c.key, found.c.id], falling)]


def _directed(order: Iterable[Any], falling: bool) -> list[Any]:
    return [one.desc() if falling else one.asc() for one in order]
