"""Claims by criteria: which ones, in which order, a page at a time; never more than ``visible`` shows somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, case, cast, func, literal, select
from sqlalchemy.orm import Session, joinedload, load_only

from models.memory import Memory
from models.queries.claims import visible
from models.queries.conditions import Condition, Conditions, conditions_for
from models.queries.criteria import Criteria
from models.queries.filter_words import fewer_words
from models.queries.walking import Cursor, Found, by_names, gather, ordered, walk
from models.tables import Claim, Partner, Person
from rules.permissions import Actor

PAGE = 10
# More are not counted: nobody turns a hundred pages, and whoever finds so many looks for less next.
MOST_COUNTED = 1_000
# So many claims are looked through for words before these are looked up.
NEARBY = 2_000

Rows = Sequence[Any]  # a claim and its sort value

# What lists show, and what permissions ask for: a claim has many more columns than that.
_LISTED = select(Claim).options(
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
class Page:
    """Some claims in order, with what lists show of them: to read more of one raises an error.

    ``first`` is the position of the first of them, from 1 (0 where there are none). ``total`` says how many there are
    on all pages, None for many: those are not counted. ``before`` and ``after`` lead to the pages beside this one.
    """

    claims: tuple[Claim, ...]
    first: int
    total: int | None
    before: Cursor | None
    after: Cursor | None

    @property
    def last(self) -> int:
        """The position of the last of the claims."""
        return self.first + len(self.claims) - 1 if self.claims else 0


def matching(session: Session, memory: Memory, actor: Actor, criteria: Criteria) -> Select[Claim]:
    """The claims that ``actor`` may see and that meet the criteria, in their order.

    Other columns are had by ``.with_only_columns(…)``, a claim at a time by streaming.
    """
    return select(Claim).where(*conditions_for(session, memory, actor, criteria).whole).order_by(*ordered(criteria))


def page(
    session: Session,
    memory: Memory,
    actor: Actor,
    criteria: Criteria,
    cursor: Cursor | None = None,
    size: int = PAGE,
    *,
    among: Sequence[int] | None = None,
) -> Page:
    """One page, as quickly read at any depth: the first one, or that which ``cursor`` leads to.

    ``among``: the ids of the few that meet the criteria, where they are known already.
    """
    if among is None:
        conditions = conditions_for(session, memory, actor, criteria)
        rows, total = _rows(session, actor, conditions, criteria, cursor, size + 1)
    else:
        rows, total = _few(session, actor, among, criteria, cursor, size + 1), len(among)
    if cursor is not None and (not rows or (cursor.back and len(rows) <= size)):
        # Some of them left meanwhile; or this is the beginning, which a page counts from.
        return page(session, memory, actor, criteria, None, size, among=among)
    return _page(rows, total, cursor, size)


def without_each(session: Session, memory: Memory, actor: Actor, criteria: Criteria) -> list[tuple[str, int]]:
    """What would be found with one restriction less: the restriction as it is typed, and how many claims."""
    return [
        (words, _counted(session, conditions_for(session, memory, actor, fewer).whole)[0])
        for words, fewer in fewer_words(criteria)
    ]


def _rows(
    session: Session, actor: Actor, conditions: Conditions, criteria: Criteria, cursor: Cursor | None, limit: int
) -> tuple[Rows, int | None]:
    """The claims from the cursor on, each with its sort value, and how many there are in all, None for many.

    The planner only guesses how many that is, and walks through a million for one. So they are counted first, up to
    ``MOST_COUNTED``; as few are sorted, and more are walked through in their order. Words are another matter, since
    their index takes long for those that many claims have: such are met among the next few of all claims.
    """
    if conditions.queries and conditions.everywhere:
        nearby, _ = walk([visible(actor)], criteria, cursor, NEARBY)
        near = [*conditions.by_reading, Claim.id.in_(select(nearby.c.id))]
        if len(rows := _read(session, gather(near, criteria, cursor, limit))) == limit:
            return rows, None
    wanted = conditions.whole
    if criteria.restricts and not conditions.everywhere:
        # What a partner has is known by its index; the planner would look up everybody's claims by the filters as well.
        own, ids = _counted(session, [visible(actor)])
        if own <= MOST_COUNTED:
            wanted = [*conditions.by_reading, _one_of(ids)]
    total, ids = _counted(session, wanted)
    if total <= MOST_COUNTED:
        return _few(session, actor, ids, criteria, cursor, limit), total
    # Of all the names that claims are sorted by, each may be that of none of a partner's claims.
    straight = not conditions.queries and (conditions.everywhere or not by_names(criteria.sort))
    return _read(session, (walk if straight else gather)(wanted, criteria, cursor, limit)), None


def _counted(session: Session, conditions: Sequence[Condition]) -> tuple[int, Sequence[int]]:
    """How many there are, up to one more than are counted; and which, where they all were."""
    some = select(Claim.id).where(*conditions).limit(MOST_COUNTED + 1).subquery()
    total = func.count()
    ids = case((total <= MOST_COUNTED, func.array_agg(some.c.id)))
    row = session.execute(select(total, ids).select_from(some)).one()
    return row[0], row[1] or ()


def _few(
    session: Session, actor: Actor, ids: Sequence[int], criteria: Criteria, cursor: Cursor | None, limit: int
) -> Rows:
    # What they may see may have changed since.
    return _read(session, gather([visible(actor), _one_of(ids)], criteria, cursor, limit))


def _one_of(ids: Sequence[int]) -> Condition:
    # Joined: compared with a list the planner skips through whatever index has the number somewhere in it.
    # As text: the driver looks at each number of a list several times before it sends it.
    listed = literal("{" + ",".join(map(str, ids)) + "}")
    return Claim.id.in_(select(func.unnest(cast(listed, ARRAY(BigInteger)))))


def _read(session: Session, way: Found) -> Rows:
    found, order = way
    query = _LISTED.add_columns(found.c.key).join(found, found.c.id == Claim.id).order_by(*order)
    return session.execute(query).all()


def _page(rows: Rows, total: int | None, cursor: Cursor | None, size: int) -> Page:
    back = cursor is not None and cursor.back
    further, rows = len(rows) > size, rows[:size]
    if back:
        rows = rows[::-1]
    first = cursor.first if cursor is not None else 1 if rows else 0
    before = after = None
    if cursor is not None:
        claim, value = rows[0]
        before = Cursor(claim.id, value, max(1, first - size), back=True)
    if further or back:
        claim, value = rows[-1]
        after = Cursor(claim.id, value, first + len(rows))
    last = first + len(rows) - 1
    if total is not None:
        total = max(total, last)
    elif after is None:
        total = last
    return Page(tuple(row[0] for row in rows), first, total, before, after)
