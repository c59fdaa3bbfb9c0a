"""Each person's App Home: what they chose to see, whose is drawn anew when a claim changes, and which drawing wins.

A drawing is numbered before anything is read for it, so a later number has seen at least as much. What is put up is
compared under the row's lock: a slow drawing never covers a newer one, whichever replica made it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.answers import Who
from models.database import Database
from models.operations.outbox import enqueue
from models.tables import Claim, Home, Membership, Person, Reviewer
from rules.lifecycle import Party

# So long after somebody last used their Home it is kept up to date: a working day. Later it is drawn when opened.
WATCHED = timedelta(hours=8)
# What happens within so much of the first change is one drawing.
GATHERED = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing that was begun: its number, and what the person chose to see by then."""

    number: int
    choice: Mapping[str, Any]


def begin(
    session: Session, person: int, now: datetime, *, used: bool, change: Mapping[str, Any] | None = None
) -> Drawing:
    """Number a drawing of this person's Home.

    Args:
        used: the person opened or used it just now.
        change: what they chose by that, over what they had chosen before; an empty value is forgotten.
    """
    row = insert(Home).values(person_id=person, opened_at=now, choice={}, drawn=1, shown=0)
    kept: dict[str, Any] = {"opened_at": now} if used else {}
    found = session.execute(
        row.on_conflict_do_update(index_elements=[Home.person_id], set_={"drawn": Home.drawn + 1, **kept}).returning(
            Home.drawn, Home.choice
        )
    ).one()
    choice = dict(found.choice)
    if change:
        # The row is locked by now, so nobody else's choice is lost.
        choice = {name: value for name, value in {**choice, **change}.items() if value}
        session.execute(update(Home).where(Home.person_id == person).values(choice=choice))
    return Drawing(found.drawn, choice)


def chosen(session: Session, person: int) -> Mapping[str, Any]:
    """What this person chose to see; nothing before they opened their Home."""
    return session.scalar(select(Home.choice).where(Home.person_id == person)) or {}


def put_up(
    database: Database, person: int, drawing: Drawing, digest: str, publish: Callable[[str | None], str], *, anew: bool
) -> bool:
    """Show a drawing, unless a newer one is shown already. Whether ``publish`` was called.

    Args:
        digest: the SHA-256 of what it shows.
        publish: called with the hash that Slack gave what is shown now; gives the new one. What it raises is passed on.
        anew: even where the same is shown already.
    """
    with database.transaction() as session:
        home = session.get_one(Home, person, with_for_update=True)
        if home.shown >= drawing.number:
            return False
        home.shown = drawing.number
        if home.digest == digest and not anew:
            return False
        home.hash = publish(home.hash)
        home.digest = digest
        return True


def watch(session: Session, claim: Claim, side: Party, now: datetime) -> None:
    """Have the Homes drawn anew of those on one side who look at theirs these days and may see the claim."""
    if side is Party.REVIEWER:
        _queue(session, Home.person_id.in_(select(Reviewer.person_id)), now)
    else:
        # Of every location: a claim that moved has gone from somebody's list, too.
        members = select(Membership.person_id).where(Membership.partner_id == claim.partner_id)
        _queue(session, Home.person_id.in_(members), now)


def watch_all(session: Session, now: datetime) -> None:
    """Have every Home drawn anew that somebody looks at these days: who may see what has changed."""
    _queue(session, true(), now)


def watch_person(session: Session, person: int, now: datetime) -> None:
    """Have somebody's Home drawn anew if they look at it these days: what they may see has changed."""
    _queue(session, Home.person_id == person, now)


def queue(session: Session, people: Iterable[tuple[int, Who]], now: datetime, *, wait: timedelta = GATHERED) -> None:
    """Have the Homes of these people (id, and at Slack) drawn anew; what waits to be drawn already is drawn once."""
    for person, who in sorted(people, key=lambda one: one[0]):  # always in the same order, since each row is locked
        enqueue(
            session,
            kind="home",
            team=who.team,
            lane=f"home/{who.team}/{who.user}",
            payload={"person": person, "user": who.user},
            unique_key=f"home:{person}",
            now=now,
            wait=wait,
        )


def _queue(session: Session, whose: ColumnElement[bool], now: datetime) -> None:
    query = select(Person.id, Person.team, Person.user).join(Home, Home.person_id == Person.id)
    found = session.execute(query.where(Home.opened_at > now - WATCHED, whose)).all()
    queue(session, ((row.id, Who(row.team, row.user)) for row in found), now)
