"""What App Home shows somebody: what waits for them, how many claims there are, and a page of those they chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, select
from sqlalchemy.orm import Session, aliased

from models.facts import for_the_same
from models.memory import Memory
from models.queries.claims import visible
from models.queries.conditions import conditions_for
from models.queries.criteria import ME, NOBODY, Criteria, Sort
from models.queries.finding import Page, matching, page
from models.queries.walking import Cursor
from models.tables import Claim
from rules import lifecycle
from rules.lifecycle import Status
from rules.permissions import Actor

# More are not counted: a number on a button that nobody could work through.
MOST = 999
# So many claims of a partner stand on top of Home; the others are in the list below.
URGENT = 5
_OPEN = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.DISPUTE)
_EVERYTHING = Criteria()
# Competing claims are looked for among so many, the most urgent ones.
_SEARCHED = 1000


class Tab(StrEnum):
    """What the list on Home is about."""

    QUEUE = "Queue"
    MINE = "Mine"
    UNASSIGNED = "Unassigned"
    DISPUTES = "Disputes"
    COMPETING = "Competing"
    ALL = "All claims"


REVIEWERS: Mapping[Tab, Criteria] = MappingProxyType(
    {
        Tab.QUEUE: Criteria(statuses=_OPEN, sort=Sort.DUE, descending=False),
        Tab.MINE: Criteria(statuses=_OPEN, reviewers=(ME,), sort=Sort.DUE, descending=False),
        Tab.UNASSIGNED: Criteria(statuses=_OPEN, reviewers=(NOBODY,), sort=Sort.DUE, descending=False),
        Tab.DISPUTES: Criteria(statuses=(Status.DISPUTE,), sort=Sort.DUE, descending=False),
        Tab.COMPETING: Criteria(statuses=_OPEN, sort=Sort.DUE, descending=False),
    }
)


@dataclass(frozen=True)
class Shown:
    """What the person chose to see. ``sorted_by`` None: in the order that belongs to the tab."""

    tab: Tab
    filter: Criteria = _EVERYTHING
    sorted_by: tuple[Sort, bool] | None = None
    at: Cursor | None = None

    @property
    def criteria(self) -> Criteria:
        """The tab and the filter together; what the filter names goes before what the tab does."""
        base = REVIEWERS.get(self.tab, Criteria())
        sort, descending = self.sorted_by or (base.sort, base.descending)
        return replace(
            self.filter,
            statuses=self.filter.statuses or base.statuses,
            reviewers=self.filter.reviewers or base.reviewers,
            sort=sort,
            descending=descending,
        )


@dataclass(frozen=True)
class Glance:
    """What Home shows. ``urgent`` and ``statuses`` are of the person's own company, ``tabs`` counts for a reviewer.

    A count of ``MOST + 1`` means more than ``MOST``.
    """

    urgent: Page | None
    drafts: Page | None
    statuses: Mapping[Status, int]
    tabs: Mapping[Tab, int]
    page: Page


def glance(session: Session, memory: Memory, actor: Actor, shown: Shown) -> Glance:
    """All that Home shows this person."""
    urgent = drafts = None
    statuses: Mapping[Status, int] = {}
    tabs: Mapping[Tab, int] = {}
    if actor.memberships:
        own = replace(actor, reviewer=False)
        urgent = page(session, memory, own, _urgent(session, memory, own), size=URGENT)
        drafts = page(session, memory, own, _DRAFTS, size=URGENT)
        statuses = _by_status(session, own)
    among = None
    if actor.reviewer:
        rivals = contested(session, memory, actor, REVIEWERS[Tab.COMPETING])
        tabs = {**_by_tab(session, memory, actor), Tab.COMPETING: len(rivals)}
        if shown.tab is Tab.COMPETING:
            among = contested(session, memory, actor, shown.criteria) if shown.filter.restricts else rivals
    listed = page(session, memory, actor, shown.criteria, shown.at, among=among)
    return Glance(urgent, drafts, statuses, tabs, listed)


def contested(session: Session, memory: Memory, actor: Actor, criteria: Criteria) -> list[int]:
    """Of the first thousand that meet the criteria, the most urgent: those for which another partner has a live claim
    too, by id.
    """
    urgent = replace(criteria, sort=Sort.DUE, descending=False)
    one, other = aliased(Claim, matching(session, memory, actor, urgent).limit(_SEARCHED).subquery()), aliased(Claim)
    same = for_the_same(one, other, memory.programme.catalogue)
    rival = select(literal(1)).where(same, other.partner_id != one.partner_id).correlate(one)
    return list(session.scalars(select(one.id).where(rival.exists())))


_DRAFTS = Criteria(statuses=(Status.DRAFT,), sort=Sort.UPDATED)


def _urgent(session: Session, memory: Memory, actor: Actor) -> Criteria:
    """What the partner can answer, or still dispute: by the end of its limit."""
    statuses = [Status.ACTION_REQUIRED]
    if any(one.roles & lifecycle.MANAGING for one in actor.memberships):
        statuses.append(Status.REJECTED)
    today = memory.calendar(session).local_day(memory.clock())
    return Criteria(statuses=tuple(statuses), due_from=today, sort=Sort.DUE, descending=False)


def _by_status(session: Session, actor: Actor) -> dict[Status, int]:
    columns = [_capped(and_(visible(actor), Claim.status == one)).label(one.name) for one in Status]
    found = session.execute(select(*columns)).one()
    return {one: count for one in Status if (count := getattr(found, one.name))}


def _by_tab(session: Session, memory: Memory, actor: Actor) -> dict[Tab, int]:
    counted = {tab: criteria for tab, criteria in REVIEWERS.items() if tab is not Tab.COMPETING}
    columns = [_capped(_met(session, memory, actor, one)).label(tab.name) for tab, one in counted.items()]
    found = session.execute(select(*columns)).one()
    return {tab: getattr(found, tab.name) for tab in counted}


def _met(session: Session, memory: Memory, actor: Actor, criteria: Criteria) -> ColumnElement[bool]:
    return and_(*conditions_for(session, memory, actor, criteria).whole)


def _capped(condition: ColumnElement[bool]) -> Any:
    some = select(literal(1)).select_from(Claim).where(condition).limit(MOST + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()
