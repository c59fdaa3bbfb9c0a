"""The outbox: what Slack must be told, as rows that any number of workers take under a lease.

The row is written in the transaction that makes it necessary, so it exists exactly if its cause does. A worker takes
it (committed), posts, and marks it: a crash in between leaves a row whose lease runs out, and whoever takes it over is
told that it is in doubt.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Integer,
    Update,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from models.database import Database
from models.observing import request_id
from models.tables.messages import WAITING, Lane, Outgoing

# PostgreSQL's NOTIFY channel: something new is in the outbox.
CHANNEL = "outbox"
_RING = select(func.pg_notify(CHANNEL, ""))


@dataclass(frozen=True, slots=True)
class Taken:
    """An outbox row in the hands of one worker, until ``leased_until`` (UTC).

    ``attempts`` counts how often it was taken, this time included; ``failures`` how often it failed before by a fault
    of its own. ``in_doubt``: an earlier attempt may have reached Slack.
    """

    id: int
    kind: str
    team: str
    lane: str
    claim_id: int | None
    payload: dict[str, Any]
    attempts: int
    failures: int
    in_doubt: bool
    request_id: str | None
    created_at: datetime
    worker: str
    leased_until: datetime


def enqueue(
    session: Session,
    *,
    kind: str,
    team: str,
    lane: str,
    payload: dict[str, Any],
    unique_key: str,
    now: datetime,
    claim: int | None = None,
    wait: timedelta = timedelta(0),
) -> None:
    """Have Slack told of something once the caller's transaction commits; the workers are woken then.

    A row with this ``unique_key`` that waits and was never tried covers this call too: its words are made when it is
    posted. Something that must be said once for each call therefore needs a key of its own.

    Args:
        kind: what the courier does with it.
        team: the workspace.
        lane: what keeps order and pace, usually team and channel (or person) together.
        payload: what the courier needs to find the words: ids, nothing that may be out of date when it is posted.
        claim: the claim's identity, where it is about one.
        wait: not before so much later, so that what happens meanwhile is covered too.
    """
    row = insert(Outgoing).values(
        kind=kind,
        team=team,
        lane=lane,
        payload=payload,
        unique_key=unique_key,
        claim_id=claim,
        request_id=request_id(),
        created_at=now,
        next_attempt_at=now + wait,
    )
    # DO NOTHING would lose a redraw: a worker could take the waiting row, read what was there before this transaction,
    # and post it. Changing nothing locks the row instead, so that nobody takes it before this transaction's end.
    session.execute(
        row.on_conflict_do_update(
            index_elements=[Outgoing.unique_key],
            index_where=text(WAITING),
            set_={"unique_key": row.excluded.unique_key},
        )
    )
    _wake(session)


def take(
    database: Database,
    *,
    worker: str,
    now: datetime,
    batch: int,
    lease: timedelta,
    kinds: Collection[str] | None = None,
) -> list[Taken]:
    """Take the rows that are due, at most one of each lane, oldest first; committed before it returns.

    Only the first unfinished row of a lane is ever taken, so a lane is in order; a lane that is held is left out. A
    row whose lease ran out is due again, and then in doubt.

    Args:
        worker: who takes them; unique for each process.
        batch: at most so many.
        lease: for how long. Longer than the caller needs, or two workers post the same.
        kinds: what the caller can deliver; None: whatever there is. The rest is left to a replica of the version that
            wrote it (docs/upgrading.md), and a lane is in order without it.
    """
    statement = _taking(None if kinds is None else frozenset(kinds))
    until = now + lease
    asked = {"taker": worker, "moment": now, "until": until, "most": batch}
    with database.transaction() as session:
        rows = session.execute(statement, asked, execution_options={"synchronize_session": False}).all()
    return sorted((Taken(**row._asdict(), worker=worker, leased_until=until) for row in rows), key=lambda row: row.id)


@lru_cache(8)  # asked several times a second; to put it together takes longer than to find that nothing is due
def _taking(kinds: frozenset[str] | None) -> Update:
    """What `take` asks: for whom (``taker``), at which ``moment``, ``until`` when, and how many at ``most``."""
    moment: BindParameter[datetime] = bindparam("moment", type_=Outgoing.leased_until.type)
    heads = _first_of_each_lane(kinds)
    due = or_(
        and_(Outgoing.state == "pending", Outgoing.next_attempt_at <= moment),
        and_(Outgoing.state == "sending", Outgoing.leased_until <= moment),
    )
    is_held = select(Lane.lane).where(Lane.lane == Outgoing.lane, Lane.free_at > moment)
    # A CTE, not a subquery: PostgreSQL may run a subquery of an UPDATE again and lock more than the limit.
    chosen = (
        select(Outgoing.id)
        .join(heads, heads.c.id == Outgoing.id)
        .where(due, ~is_held.exists())
        .order_by(Outgoing.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(of=Outgoing, skip_locked=True)
        .cte("chosen")
    )
    return (
        update(Outgoing)
        .where(Outgoing.id == chosen.c.id)
        .values(
            in_doubt=or_(Outgoing.in_doubt, Outgoing.state == "sending"),
            state="sending",
            attempts=Outgoing.attempts + 1,
            leased_by=bindparam("taker"),
            leased_until=bindparam("until"),
        )
        .returning(
            Outgoing.id,
            Outgoing.kind,
            Outgoing.team,
            Outgoing.lane,
            Outgoing.claim_id,
            Outgoing.payload,
            Outgoing.attempts,
            Outgoing.failures,
            Outgoing.in_doubt,
            Outgoing.request_id,
            Outgoing.created_at,
        )
    )


@contextmanager
def noting(database: Database) -> Iterator[Session]:
    """A transaction for the marks below, which does not wait for the disk.

    What a crash of the database undoes of it is safe: the row counts as taken still, and is looked up in Slack. What
    `take` wrote must not be undone, so that one does wait.
    """
    with database.transaction() as session:
        session.execute(text("SET LOCAL synchronous_commit = off"))
        yield session


def mark_sent(session: Session, row: Taken, *, channel: str, ts: str | None, now: datetime, pace: timedelta) -> bool:
    """It is in Slack, as ``channel`` and ``ts``; the lane is held for ``pace``. False: the lease was lost."""
    if not _settle(session, row, state="sent", sent_at=now, channel=channel, ts=ts, in_doubt=False, problem=None):
        return False
    hold_lane(session, row.lane, now + pace)
    return True


def mark_retry(
    session: Session, row: Taken, *, problem: str, at: datetime, in_doubt: bool, own_fault: bool = False
) -> bool:
    """Try again at ``at``, the lane waiting meanwhile. False: the lease was lost.

    Args:
        problem: a code for the operator; no text of anybody's.
        in_doubt: this or an earlier attempt may have reached Slack.
        own_fault: it failed because of what it is and not because of Slack; counted in ``failures``.
    """
    failures = row.failures + int(own_fault)
    return _settle(
        session, row, state="pending", next_attempt_at=at, problem=problem, in_doubt=in_doubt, failures=failures
    )


def mark_dead(session: Session, row: Taken, *, problem: str, in_doubt: bool = False) -> bool:
    """Give it up and let the lane go on. False: the lease was lost."""
    return _settle(session, row, state="dead", problem=problem, in_doubt=in_doubt)


def hold_lane(session: Session, lane: str, until: datetime) -> None:
    """Let nobody take a row of this lane before ``until``; never shortens what somebody else asked for."""
    row = insert(Lane).values(lane=lane, free_at=until)
    session.execute(
        row.on_conflict_do_update(
            index_elements=[Lane.lane], set_={"free_at": func.greatest(Lane.free_at, row.excluded.free_at)}
        )
    )


def depth_and_age(session: Session, now: datetime, kinds: Collection[str] | None = None) -> tuple[int, timedelta]:
    """How many rows are not yet in Slack nor given up, and the age of the oldest (zero if there is none).

    Mail is left out: a customer's server may put it off for hours, and nothing is wrong with this one. So is App Home,
    which is drawn at leisure where many look at it; and so is whatever is not of these ``kinds``, which others deliver.
    """
    depth, oldest = session.execute(
        select(func.count(), func.min(Outgoing.created_at)).where(
            _unfinished(Outgoing, kinds), Outgoing.kind.not_in(("mail", "home"))
        )
    ).one()
    return depth, now - oldest if oldest is not None else timedelta(0)


def given_up(session: Session) -> int:
    """How many rows were given up and wait for somebody to see to them."""
    return session.scalar(select(func.count()).select_from(Outgoing).where(text("outbox.state = 'dead'"))) or 0


def unsent(session: Session, *, dead: bool = False, limit: int = 100) -> list[Outgoing]:
    """What is not in Slack, oldest first: what waits, is under way or was given up (``problem`` says why).

    Args:
        dead: only what was given up.
    """
    states = ("dead",) if dead else ("pending", "sending", "dead")
    return list(session.scalars(select(Outgoing).where(Outgoing.state.in_(states)).order_by(Outgoing.id).limit(limit)))


def retry(session: Session, identity: int) -> bool:
    """Have a row that was given up tried again, first in its lane. False: there is no such dead row."""
    # It keeps its attempts, and with them stays out of the index of waiting rows, which it might collide with.
    revived = session.execute(
        update(Outgoing)
        .where(Outgoing.id == identity, Outgoing.state == "dead")
        .values(state="pending", failures=0, problem=None)
        .returning(Outgoing.id)
    ).scalar_one_or_none()
    if revived is None:
        return False
    _wake(session)
    return True


def retry_all(session: Session) -> int:
    """Have everything that was given up tried again. How many rows that were."""
    dead = session.scalars(select(Outgoing.id).where(Outgoing.state == "dead").order_by(Outgoing.id)).all()
    return sum(retry(session, identity) for identity in dead)


def _unfinished(row: type[Outgoing], kinds: Collection[str] | None) -> ColumnElement[bool]:
    # Written out, not bound: PostgreSQL must see at planning time that its partial indexes fit.
    states: BindParameter[str] = bindparam("unfinished", ("pending", "sending"), expanding=True, literal_execute=True)
    return and_(row.state.in_(states), true() if kinds is None else row.kind.in_(sorted(kinds)))


def _first_of_each_lane(kinds: Collection[str] | None) -> CTE:
    """The first unfinished row of each lane, found by leaping from lane to lane: a long lane costs no more."""
    row, following = aliased(Outgoing), aliased(Outgoing)
    first = select(row.lane, row.id).where(_unfinished(row, kinds)).order_by(row.lane, row.id).limit(1)
    heads = select(first.subquery()).cte("heads", recursive=True)
    leap = (
        select(following.lane, following.id)
        .where(_unfinished(following, kinds), following.lane > heads.c.lane)
        .order_by(following.lane, following.id)
        .limit(1)
        .lateral()
    )
    return heads.union_all(select(leap.c.lane, leap.c.id).join_from(heads, leap, true()))


def _settle(session: Session, row: Taken, **values: Any) -> bool:
    """Change a row and give back its lease, if it is still this very one."""
    settled = session.execute(
        update(Outgoing)
        .where(
            Outgoing.id == row.id,
            Outgoing.leased_by == row.worker,
            Outgoing.leased_until == row.leased_until,
        )
        .values(leased_by=None, leased_until=None, **values)
        .returning(Outgoing.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return settled is not None


def _wake(session: Session) -> None:
    """Ring for the workers; PostgreSQL delivers it when the transaction commits, and not if it does not."""
    session.execute(_RING)
