"""Importing a monthly report: a file of any length, as a whole or not at all, with the same result when it comes again.

Lines are read one by one and copied into a temporary table; what needs other tables (is there such a claim?) is asked
of all of them in one statement. So memory stays flat, and a bad line is named by its number whoever found it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Date,
    MetaData,
    Table,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.types import TypeEngine

from models import csv_file
from models.csv_file import CsvFile
from models.database import Database
from models.tables import Base, Claim, claim_number
from rules.faults import Fault, ProgrammeError

# More faults than this nobody works through at once; the others are counted.
MOST_FAULTS = 100
# Any one import at a time; the number only has to be ours alone.
IMPORT_LOCK = 7_246_254

Progress = Callable[[str, int, int], None]


class BadLines(ProgrammeError):
    """Some lines are bad, and nothing was imported. `faults` holds the first of them, `count` is how many there are."""

    def __init__(self, faults: Sequence[Fault], count: int, lines: int) -> None:
        super().__init__(faults)
        self.count = count
        self.lines = lines


class Busy(RuntimeError):
    """Another import is running."""


@dataclass(frozen=True)
class Staged:
    """A column of the file and where it is staged: under ``name``, with the type ``kind``."""

    column: csv_file.Column
    name: str
    kind: TypeEngine[Any]


@dataclass(frozen=True)
class Report:
    """A kind of report: its columns in the file, and where they go.

    Args:
        columns: the file's columns; one is staged as ``claim_id``. Those that ``target`` lacks are only checked.
        target: the table; its primary key says which lines are the same.
        day: under which name is staged when it was.
        problems: what is wrong with a line, by what it says of it ("{number} does not claim {workload}."), as a
            condition over the staged lines and their claims. Asked in this order, after whether there is such a claim.
    """

    columns: Sequence[Staged]
    target: type[Base]
    day: str
    problems: Callable[[Table], Mapping[str, ColumnElement[bool]]]

    no_claim: ClassVar[str] = "There is no claim {number}."
    twice: ClassVar[str] = "The same stands in line {first_line} already."
    future: ClassVar[str] = "{day} is in the future."


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would have done: lines by what became of them. ``bad`` ones were left out."""

    lines: int
    added: int
    changed: int
    unchanged: int
    bad: int
    faults: tuple[Fault, ...]


@dataclass
class _Faults:
    """The first faults, and how many lines are bad."""

    name: str
    first: list[Fault] = field(default_factory=list)
    lines: int = 0

    def add(self, faults: Sequence[Fault], lines: int = 1) -> None:
        self.lines += lines
        self.first += faults[: max(0, MOST_FAULTS - len(self.first))]


def import_report(
    database: Database,
    report: Report,
    path: Path,
    *,
    today: date,
    skip_bad_lines: bool = False,
    dry_run: bool = False,
    on_progress: Progress = lambda what, done, total: None,
) -> Imported:
    """Import a report in one transaction. What is there already under the same key is replaced.

    Args:
        today: in the programme's zone; a line of a later day is bad.
        skip_bad_lines: import the others all the same.
        dry_run: undo everything at the end.
        on_progress: is told what is done, how far, and how far it goes.

    Raises:
        CsvError: the file as a whole cannot be used.
        BadLines: some of its lines cannot, and they are not to be skipped.
        Busy: another import is running.
    """
    staged = _staged(report)
    with database.transaction() as session:
        connection = session.connection()
        alone(connection)
        staged.create(connection)
        with CsvFile(path, [one.column for one in report.columns]) as file:
            faults = _Faults(file.name)
            lines = _copy(connection, report, staged, file, faults, on_progress)
        on_progress("Comparing with the claims", 0, 0)
        _judge(connection, report, staged, faults, today)
        if faults.lines and not skip_bad_lines:
            raise BadLines(faults.first, faults.lines, lines)
        on_progress("Writing", 0, 0)
        added, changed = _write(connection, report, staged)
        staged.drop(connection)
        if dry_run:
            session.rollback()
    unchanged = lines - faults.lines - added - changed
    return Imported(lines, added, changed, unchanged, faults.lines, tuple(sorted(faults.first)))


def _staged(report: Report) -> Table:
    columns = [Column(one.name, one.kind) for one in report.columns]
    return Table("arriving", MetaData(), Column("line", BigInteger, primary_key=True), *columns, prefixes=["TEMPORARY"])


def alone(connection: Connection) -> None:
    """Any one import at a time, for as long as it takes. Raises Busy."""
    # A long file takes longer than a person would wait, and there is one at a time to sort in memory.
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL work_mem = '64MB'"))
    if not connection.scalar(select(func.pg_try_advisory_xact_lock(IMPORT_LOCK))):
        raise Busy("Another import is running. Try again when it is done.")


def _copy(
    connection: Connection, report: Report, staged: Table, file: CsvFile, faults: _Faults, on_progress: Progress
) -> int:
    """Copy every good line into ``staged``; how many lines there are."""
    values_of = itemgetter(*(one.column.name for one in report.columns))
    names = ", ".join(one.name for one in report.columns)
    lines = 0
    statement = f"COPY arriving (line, {names}) FROM STDIN"  # names of our own
    with connection.connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
        for lines, row in enumerate(file.rows(), 1):
            if row.faults:
                faults.add(row.faults)
            else:
                copy.write_row((row.line, *values_of(row.values)))
            if lines % 10_000 == 0:
                on_progress("Reading", file.position, file.size)
    connection.execute(text("ANALYZE arriving"))
    return lines


def _judge(connection: Connection, report: Report, staged: Table, faults: _Faults, today: date) -> None:
    """Find the lines that contradict the claims or each other, and take them out of ``staged``."""
    key = [staged.c[column.name] for column in report.target.__table__.primary_key]
    first = select(*key, func.min(staged.c.line).label("first_line")).group_by(*key).having(func.count() > 1).subquery()
    known = and_(Claim.id.is_not(None), Claim.submitted_at.is_not(None), Claim.discarded_at.is_(None))
    own = report.problems(staged)
    problems = {
        report.no_claim: ~known,
        report.future: staged.c[report.day] > cast(literal(today), Date),
        **own,
    }
    what = case(*((when, what) for what, when in problems.items()))
    judged = staged.outerjoin(Claim, Claim.id == staged.c.claim_id)
    judged = judged.outerjoin(first, and_(*(first.c[column.name] == column for column in key)))
    found = select(staged, first.c.first_line, what.label("what")).select_from(judged)
    lines = found.where(or_(what.is_not(None), first.c.first_line < staged.c.line)).subquery()
    removed = delete(staged).where(staged.c.line == lines.c.line).returning(*lines.c).cte("removed")
    first_of_them = select(removed, func.count().over().label("bad")).order_by(removed.c.line).limit(MOST_FAULTS)
    for number, row in enumerate(connection.execute(first_of_them).mappings()):
        said = (row["what"] or report.twice).format(**row, number=claim_number(row["claim_id"]), day=row[report.day])
        named = [Fault(faults.name, row["line"], said)]
        faults.add(named, lines=row["bad"] if number == 0 else 0)


def _write(connection: Connection, report: Report, staged: Table) -> tuple[int, int]:
    """Bring the target in line with what was staged; how many lines are new, and how many changed."""
    target = report.target.__table__
    key = [column.name for column in target.primary_key]
    rest = [column.name for column in target.columns if column.name not in key]
    same = and_(*(target.c[name] == staged.c[name] for name in key))
    differs = tuple_(*(target.c[name] for name in rest)).is_distinct_from(tuple_(*(staged.c[name] for name in rest)))
    changing = update(report.target).values({name: staged.c[name] for name in rest}).where(same, differs)
    # Nobody else writes there meanwhile, so no line can come in between; and what comes in the order of the key is
    # written in half the time.
    missing = select(*(staged.c[name] for name in (*key, *rest))).where(
        ~select(1).select_from(target).where(same).exists()
    )
    adding = insert(report.target).from_select([*key, *rest], missing.order_by(*(staged.c[name] for name in key)))
    changed = connection.execute(changing).rowcount
    return connection.execute(adding, execution_options={"preserve_rowcount": True}).rowcount, changed
