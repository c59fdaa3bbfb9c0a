"""Exports that people ask for, from the wish to the file that is shared: rows, so that nothing is lost or sent twice.

The file is made by a job outside of any request, under a lease that it renews; what it made is shared with the person
through the outbox, in the same transaction in which the lease is given back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, text, update
from sqlalchemy.orm import Session

from models.answers import Refused, Who
from models.database import Database
from models.exporting.making import Format
from models.exporting.subjects import Subject, tidy_words
from models.memory import Memory
from models.operations.outbox import enqueue
from models.queries.people import actor_for
from models.tables import Export
from models.tables.exchange import UNFINISHED
from rules.permissions import Condition, Refusal

# PostgreSQL's NOTIFY channel: somebody wants an export.
CHANNEL = "exports"
# So many of one person's may be unfinished at once.
AT_ONCE = 5
# An export that was begun so often and never came to an end is given up.
PATIENCE = 5


@dataclass(frozen=True)
class Building:
    """An export in the hands of one worker."""

    id: int
    who: Who
    subject: Subject
    form: Format
    words: str
    attempts: int
    worker: str


def ask(memory: Memory, who: Who, subject: Subject, form: Format, words: str) -> tuple[int, bool]:
    """Have an export made; its id, and whether it is a new one: the same is not made twice at a time.

    Raises:
        Refused: this person can see no claims at all, or has too many exports under way.
        WordsError: filters or a period that there are not.
    """
    now, tidied = memory.clock(), tidy_words(memory, subject, words)
    with memory.database.transaction() as session:
        actor = actor_for(session, who)
        if not actor.memberships and not actor.reviewer:
            raise Refused(Refusal(Condition.VISIBLE, "There are no claims that you can see."))
        # One wish of a person's at a time, or two at once would both be the first.
        key = func.hashtextextended(f"export:{who.team}:{who.user}", 0)
        session.execute(select(func.pg_advisory_xact_lock(key)))
        theirs = select(Export).where(text(UNFINISHED), Export.team == who.team, Export.user == who.user)
        unfinished = list(session.scalars(theirs.order_by(Export.id)))
        for one in unfinished:
            if (one.subject, one.format, one.words) == (subject, form, tidied):
                return one.id, False
        if len(unfinished) >= AT_ONCE:
            message = f"{AT_ONCE} exports of yours are being made already. Please wait until one of them is here."
            raise Refused(Refusal(Condition.LIMIT, message))
        export = Export(team=who.team, user=who.user, subject=subject, format=form, words=tidied)
        export.asked_at = export.next_attempt_at = now
        session.add(export)
        session.flush()
        tell(session, export, now)
        session.execute(select(func.pg_notify(CHANNEL, "")))
        return export.id, True


def take(database: Database, *, worker: str, now: datetime, lease: timedelta) -> Building | None:
    """Take the export that waited longest, or whose worker is gone (None: there is none); committed on return.

    What only a newer version can make is left to it.
    """
    known = and_(Export.subject.in_(list(Subject)), Export.format.in_(list(Format)))
    due = or_(
        and_(Export.state == "waiting", Export.next_attempt_at <= now),
        and_(Export.state == "building", Export.leased_until <= now),
    )
    query = select(Export).where(text(UNFINISHED), known, due).order_by(Export.id).limit(1)
    with database.transaction() as session:
        for export in session.scalars(query.with_for_update(skip_locked=True)):
            export.attempts += 1
            if export.attempts > PATIENCE:
                _end(session, export, "failed", now, problem=export.problem or "never_finished")
                return None
            export.state, export.leased_by, export.leased_until = "building", worker, now + lease
            export.done, export.total = 0, None
            who = Who(export.team, export.user)
            about = Subject(export.subject), Format(export.format), export.words
            return Building(export.id, who, *about, export.attempts, worker)
    return None


def hold(database: Database, building: Building, until: datetime) -> bool:
    """Renew the lease. False: it was lost, and somebody else makes the export."""
    return _change(database, building, leased_until=until)


def progress(database: Database, building: Building, done: int, total: int, now: datetime) -> None:
    """Tell the person how far it is."""
    with database.transaction() as session:
        export = _held(session, building)
        if export is not None:
            export.done, export.total = done, total
            tell(session, export, now)


def built(
    database: Database,
    building: Building,
    *,
    slack_file: str,
    name: str,
    count: int,
    partners: list[int] | None,
    now: datetime,
) -> bool:
    """The content is at Slack: have it shared. False: the lease was lost, so whoever has it now shares theirs.

    Args:
        partners: whose claims may be in it; None: every partner's.
    """
    with database.transaction() as session:
        export = _held(session, building)
        if export is None:
            return False
        export.state, export.slack_file, export.file_name, export.partners = "built", slack_file, name, partners
        export.done = export.total = count
        export.leased_by = export.leased_until = None
        session.flush()
        _enqueue(session, export, "export_file", f"export_file:{export.id}:{slack_file}", now, file=slack_file)
        return True


def nothing_found(database: Database, building: Building, now: datetime) -> None:
    """There is nothing in it, so there is no file: the person is told."""
    with database.transaction() as session:
        export = _held(session, building)
        if export is not None:
            export.done = export.total = 0
            _end(session, export, "sent", now)


def later(database: Database, building: Building, *, at: datetime, problem: str) -> None:
    """It could not be made now: again at ``at``. ``problem`` is a code for the operator."""
    _change(database, building, state="waiting", next_attempt_at=at, problem=problem, leased_by=None, leased_until=None)


def failed(database: Database, building: Building, *, problem: str, now: datetime) -> None:
    """It cannot be made: the person is told. ``problem`` is a code for the operator."""
    with database.transaction() as session:
        export = _held(session, building)
        if export is not None:
            _end(session, export, "failed", now, problem=problem)


def shared(session: Session, export: Export, now: datetime) -> None:
    """The person has the file. Safe to call again."""
    if export.state == "built":
        export.shared_at = now
        _end(session, export, "sent", now)


def lost(session: Session, export: Export, now: datetime) -> None:
    """Slack does not have the content any more: it is made anew."""
    if export.state == "built":
        export.state, export.slack_file, export.next_attempt_at = "waiting", None, now
        session.execute(select(func.pg_notify(CHANNEL, "")))


def tell(session: Session, export: Export, now: datetime) -> None:
    """Queue the message that tells how far it is; while one waits, it covers this one too."""
    _enqueue(session, export, "export_note", f"export_note:{export.id}", now)


def _end(session: Session, export: Export, state: str, now: datetime, *, problem: str | None = None) -> None:
    export.state, export.problem, export.leased_by, export.leased_until = state, problem, None, None
    tell(session, export, now)


def _enqueue(session: Session, export: Export, kind: str, key: str, now: datetime, **more: str) -> None:
    enqueue(
        session,
        kind=kind,
        team=export.team,
        lane=f"{export.team}/{export.user}",
        payload={"export": export.id, **more},
        unique_key=key,
        now=now,
    )


def _held(session: Session, building: Building) -> Export | None:
    """The export's row, locked, if this very worker still makes it."""
    query = select(Export).where(
        Export.id == building.id,
        Export.state == "building",
        Export.leased_by == building.worker,
        Export.attempts == building.attempts,
    )
    return session.scalar(query.with_for_update())


def _change(database: Database, building: Building, **values: Any) -> bool:
    change = update(Export).where(
        Export.id == building.id,
        Export.state == "building",
        Export.leased_by == building.worker,
        Export.attempts == building.attempts,
    )
    with database.transaction() as session:
        changed = session.execute(change.values(**values).returning(Export.id))
        return changed.scalar_one_or_none() is not None
