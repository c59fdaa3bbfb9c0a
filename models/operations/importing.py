"""Claims that a programme had before claimbot, imported from a file: all or none, and each of them once.

Nobody is told: no card is posted and no mail is sent. Limits and reminders are planned as for any other claim, and the
first thing that happens to a claim posts its cards.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, MetaData, String, Table, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, joinedload

from models import claims_file
from models.claims_file import REFERENCE, Line, Place, Register
from models.csv_file import CsvFile, Row
from models.memory import Memory
from models.operations.publishing import keep
from models.operations.reminding import plan_new
from models.operations.reports import MOST_FAULTS, BadLines, alone
from models.tables import Claim, History, ImportedClaim, Membership, Partner, Person, claim_number
from rules.faults import Fault
from rules.lifecycle import FILING, Action, Party, Status

_AT_ONCE = 500

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ImportedClaims:
    """What an import did, or would have done.

    ``changed``: what is there already and stands otherwise in the file; it was left as it is, and named in ``faults``.
    """

    lines: int
    added: Counter[Status]
    unchanged: int
    changed: int
    first: str | None
    last: str | None
    faults: tuple[Fault, ...]


@dataclass
class _Found:
    """What is wrong with the file: the first faults, and how many lines have one."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    lines: int = 0

    def add(self, line: int, messages: Iterable[str]) -> None:
        said = [Fault(self.file, line, message) for message in messages]
        self.lines += bool(said)
        self.faults += said[: max(0, MOST_FAULTS - len(self.faults))]


_ARRIVING = Table(
    "arriving_claims",
    MetaData(),
    Column("line", BigInteger, primary_key=True),
    Column("reference", String),
    Column("claim", JSONB),
    Column("prints", JSONB),
    prefixes=["TEMPORARY"],
)


def import_claims(
    memory: Memory,
    path: Path,
    *,
    new_only: bool = False,
    dry_run: bool = False,
    on_progress: Progress = lambda what, done, total: None,
) -> ImportedClaims:
    """Import the file in one transaction. A reference that was imported before is left alone.

    Args:
        new_only: lines that say otherwise than when they were imported do not stand in the way; they change nothing.
        dry_run: undo everything at the end.
        on_progress: is told what is done, how far, and how far it goes.

    Raises:
        CsvError: the file as a whole cannot be used.
        BadLines: some of its lines cannot, or say otherwise than when they were imported.
        Busy: another import is running.
        NoDirectory: no directory file has been imported.
    """
    with memory.database.transaction() as session:
        connection = session.connection()
        alone(connection)
        _ARRIVING.create(connection)
        register = _register(session, memory)
        with CsvFile(path, claims_file.columns(register)) as file:
            found = _Found(file.name)
            lines = _stage(connection, register, file, found, on_progress)
        _twice(session, found)
        changed = _changed(session, found.file)
        if found.lines or (changed and not new_only):
            for fault in changed:
                found.add(fault.line, [fault.message])
            raise BadLines(sorted(found.faults), found.lines, lines)
        known = session.scalar(select(func.count()).select_from(_known().subquery())) or 0
        done = _write(session, memory, path.name, lines - known, on_progress)
        _ARRIVING.drop(connection)
        if dry_run:
            session.rollback()
    first, last = (claim_number(done.ids[0]), claim_number(done.ids[-1])) if done.ids else (None, None)
    return ImportedClaims(lines, done.added, known - len(changed), len(changed), first, last, tuple(changed))


def _register(session: Session, memory: Memory) -> Register:
    """The directory, as far as lines name it: only who and what is active."""
    people = session.scalars(
        select(Person).where(Person.active, Person.email.is_not(None)).options(joinedload(Person.reviewer))
    )
    reviewers = {(one.email or "").lower(): one.id for one in people.unique() if one.reviewer is not None}
    places: dict[str, Place] = {}
    partners = select(Partner).where(Partner.active).options(joinedload(Partner.locations))
    for partner in session.scalars(partners).unique():
        place = _place(session, partner)
        places |= {one.mpn: place for one in partner.locations if one.active}
    return Register(memory.programme, memory.calendar(session), places, reviewers, memory.clock())


def _place(session: Session, partner: Partner) -> Place:
    own = select(Membership).where(Membership.partner_id == partner.id).options(joinedload(Membership.person))
    members = [one for one in session.scalars(own) if one.person.active]
    members.sort(key=lambda one: (not FILING & set(one.roles), one.person.name))  # those who file claims first
    addresses = {one.person.email.lower(): one.person_id for one in members if one.person.email is not None}
    return Place(partner.id, addresses, members[0].person_id if members else None)


def _stage(connection: Connection, register: Register, file: CsvFile, found: _Found, on_progress: Progress) -> int:
    """Copy what the lines make of claims into the temporary table; how many lines there are."""
    lines = 0
    statement = "COPY arriving_claims (line, reference, claim, prints) FROM STDIN"
    with connection.connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
        for lines, row in enumerate(file.rows(), 1):
            if row.faults:
                found.add(row.line, [fault.message for fault in row.faults])
            elif faults := list(Line(row, register).faults()):
                found.add(row.line, faults)
            else:
                copy.write_row(_cells(row, register))
            if lines % 1_000 == 0:
                on_progress("Checking", file.position, file.size)
    connection.execute(text("ANALYZE arriving_claims"))
    return lines


def _cells(row: Row, register: Register) -> list[Any]:
    claim = json.dumps(Line(row, register).claim(), default=lambda value: value.isoformat())
    return [row.line, row.values[REFERENCE], claim, json.dumps(claims_file.prints_of(row))]


def _twice(session: Session, found: _Found) -> None:
    first = func.min(_ARRIVING.c.line).over(partition_by=_ARRIVING.c.reference)
    every = select(_ARRIVING.c.line, _ARRIVING.c.reference, first.label("first")).subquery()
    again = select(every).where(every.c.line > every.c.first).order_by(every.c.line)
    for line, reference, before in session.execute(again):
        found.add(line, [f"The reference “{reference[:60]}” stands in line {before} already."])


def _known() -> Any:
    """The lines whose reference was imported before."""
    return (
        select(_ARRIVING.c.line, _ARRIVING.c.prints, ImportedClaim.prints.label("before"), ImportedClaim.claim_id)
        .join(ImportedClaim, ImportedClaim.reference == _ARRIVING.c.reference)
        .order_by(_ARRIVING.c.line)
    )


def _changed(session: Session, file: str) -> list[Fault]:
    differing = _known().where(_ARRIVING.c.prints != ImportedClaim.prints)
    faults = []
    for line, now, before, claim in session.execute(differing):
        names = sorted(name for name in {*now, *before} if now.get(name) != before.get(name))
        said = f"{claim_number(claim)} was imported with other values before: {', '.join(names)}."
        faults.append(Fault(file, line, said))
    return faults


@dataclass
class _Done:
    added: Counter[Status] = field(default_factory=Counter)
    ids: list[int] = field(default_factory=list)  # the first and the last


def _write(session: Session, memory: Memory, file: str, total: int, on_progress: Progress) -> _Done:
    """Make claims of the lines that are new, some at once: only those are held."""
    done, now = _Done(), memory.clock()
    keep(session, memory.programme)
    known = select(ImportedClaim.reference).where(ImportedClaim.reference == _ARRIVING.c.reference)
    fresh = select(_ARRIVING).where(~known.exists()).order_by(_ARRIVING.c.line)
    after = 0
    while rows := session.execute(fresh.where(_ARRIVING.c.line > after).limit(_AT_ONCE)).all():
        after = rows[-1].line
        claims = [Claim(**_revived(row.claim)) for row in rows]
        for claim in claims:
            if claim.submitted_at is not None:
                claim.rules_version = memory.programme.version
        session.add_all(claims)
        session.flush()
        for row, claim in zip(rows, claims, strict=True):
            session.add(_origin(row, claim, file, now))
            session.add(_entry(row, claim, file, now))
            if claim.due_at is not None or claim.status is Status.DRAFT:
                plan_new(session, memory, claim, now)
        session.flush()
        done.added.update(claim.status for claim in claims)
        done.ids = [done.ids[0] if done.ids else claims[0].id, claims[-1].id]
        session.expunge_all()
        on_progress("Importing", done.added.total(), total)
    return done


def _origin(row: Any, claim: Claim, file: str, now: datetime) -> ImportedClaim:
    return ImportedClaim(
        reference=row.reference, claim_id=claim.id, file_name=file, line=row.line, imported_at=now, prints=row.prints
    )


def _entry(row: Any, claim: Claim, file: str, now: datetime) -> History:
    return History(
        claim_id=claim.id,
        at=now,
        action=Action.IMPORT,
        party=Party.CLOCK,
        to_status=claim.status,
        version=1,
        message=f"From {file}, line {row.line}: {row.reference} in the old portal.",
    )


def _revived(claim: dict[str, Any]) -> dict[str, Any]:
    """The columns of a claim out of JSON, which knows no dates."""
    kinds = {column.name: column.type.python_type for column in Claim.__table__.columns if column.name in claim}
    values = dict(claim)
    for name, kind in kinds.items():
        if kind in (date, datetime) and values[name] is not None:
            values[name] = kind.fromisoformat(values[name])
    return values | {"status": Status(claim["status"])}
