"""How long claims stay in each status, how they are decided, and by whom: from their history, in a few statements.

What is counted is what moved a claim from one status to another within a period. Reviewers see all that was ever
submitted, and a move out of any status but *Draft* is one of a submitted claim, so for them no claim has to be looked
at; everybody else is held to ``visible``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, CTE, Double, cast, func, lateral, literal, select, true
from sqlalchemy.orm import Session, aliased

from models.queries.claims import visible
from models.queries.conditions import AWAITED
from models.tables import Claim, History, Person
from rules.lifecycle import Action, Party, Status
from rules.permissions import Actor

ENDED_BY = (Action.APPROVE, Action.REJECT, Action.NO_RESPONSE, Action.OPT_OUT, Action.WITHDRAW, Action.DISASSOCIATE)
WORK = (Action.START_REVIEW, Action.REQUEST_INFORMATION, Action.APPROVE, Action.REJECT)
_SECONDS_A_DAY = 86_400
_SHARES = literal([0.5, 0.9], ARRAY(Double))
# What moved a claim to another status; its creation or import did not, for there is none before. As of the index.
_MOVED = History.from_status != History.to_status


@dataclass(frozen=True, slots=True)
class Stay:
    """How long claims stayed in a status that they left in the period, in days."""

    status: Status
    count: int
    median: float
    ninetieth: float


@dataclass(frozen=True, slots=True)
class Ended:
    """How often claims were decided, or ended, by an action and for a reason (its id)."""

    action: Action
    reason: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Worked:
    """How often a reviewer took an action."""

    reviewer: str
    action: Action
    count: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Everything of one period; ``overdue`` is as of now. ``work`` is empty for partners."""

    stays: Sequence[Stay]
    ended: Sequence[Ended]
    work: Sequence[Worked]
    overdue: dict[Status, int]

    @property
    def empty(self) -> bool:
        """Whether nothing happened, and nothing is overdue."""
        return not (self.stays or self.ended or self.work or self.overdue)


def stats(session: Session, actor: Actor, begin: datetime, end: datetime, now: datetime) -> Stats:
    """What happened from ``begin`` to ``end`` (exclusive) with the claims that ``actor`` may see."""
    moved = _moved(actor, begin, end)
    return Stats(
        _stays(session, moved),
        _ended(session, moved),
        _worked(session, moved) if actor.reviewer or actor.party is Party.CLOCK else (),
        _overdue(session, actor, now),
    )


def _moved(actor: Actor, begin: datetime, end: datetime) -> CTE:
    """What moved claims in the period, each move with when the one before it was, where that is in the period too."""
    before = func.lag(History.at).over(partition_by=History.claim_id, order_by=History.id)
    query = select(
        *(History.id, History.claim_id, History.at, History.action),
        *(History.from_status, History.person_id, History.reasons[1].label("reason"), before.label("since")),
    ).where(History.at >= begin, History.at < end, _MOVED)
    if not actor.reviewer:
        query = query.join(Claim, Claim.id == History.claim_id).where(visible(actor))
    return query.cte("moved")


def _stays(session: Session, moved: CTE) -> list[Stay]:
    """Only of statuses into which claims came here: of one that was imported in a status, the first is left out."""
    before = aliased(History)
    earlier = lateral(
        select(before.at.label("since"))
        .where(
            moved.c.since.is_(None),
            before.claim_id == moved.c.claim_id,
            before.id < moved.c.id,
            before.from_status != before.to_status,
        )
        .order_by(before.id.desc())
        .limit(1)
    )
    since = func.coalesce(moved.c.since, earlier.c.since)
    days = cast(func.extract("epoch", moved.c.at - since), Double) / _SECONDS_A_DAY
    query = (
        select(moved.c.from_status, func.count(), func.percentile_cont(_SHARES).within_group(days))
        .join_from(moved, earlier, true(), isouter=True)
        .where(moved.c.from_status != Status.DRAFT, since.is_not(None))
        .group_by(moved.c.from_status)
    )
    found = {status: Stay(status, count, *shares) for status, count, shares in session.execute(query)}
    return [found[status] for status in Status if status in found]


def _ended(session: Session, moved: CTE) -> list[Ended]:
    action, reason = moved.c.action, moved.c.reason
    query = select(action, reason, func.count()).where(action.in_(ENDED_BY))
    rows = session.execute(query.group_by(action, reason).order_by(func.count().desc(), reason))
    ended = [Ended(action, reason, count) for action, reason, count in rows]
    return sorted(ended, key=lambda one: ENDED_BY.index(one.action))


def _worked(session: Session, moved: CTE) -> list[Worked]:
    query = (
        select(Person.name, moved.c.action, func.count())
        .join_from(moved, Person, Person.id == moved.c.person_id)
        .where(moved.c.action.in_(WORK))
        .group_by(Person.id, Person.name, moved.c.action)
        .order_by(Person.name, Person.id)
    )
    return [Worked(name, action, count) for name, action, count in session.execute(query)]


def _overdue(session: Session, actor: Actor, now: datetime) -> dict[Status, int]:
    query = (
        select(Claim.status, func.count())
        .where(visible(actor), Claim.due_at <= now, Claim.status.in_(AWAITED))
        .group_by(Claim.status)
    )
    return {status: count for status, count in session.execute(query)}  # noqa: C416 - a row is no pair
