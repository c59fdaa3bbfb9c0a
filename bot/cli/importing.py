"""What the imports of reports share: progress, what is wrong with a file, and what was done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.plainly import expected_errors, fail, memory_of, opened

if TYPE_CHECKING:
    from models.operations.reports import BadLines, Imported, Report
    from rules.catalogue import Catalogue
    from rules.faults import Fault

File = Annotated[Path, typer.Argument(help="The report (CSV).", exists=True, dir_okay=False)]
SkipBadLines = Annotated[bool, typer.Option("--skip-bad-lines", help="Import the other lines all the same.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen; change nothing.")]


def import_file(kind: Callable[[Catalogue], Report], path: Path, *, skip_bad_lines: bool, dry_run: bool) -> None:
    """Import a report, say what became of its lines, and exit with 1 where some were bad."""
    from bot.cli.progress import progress_bar
    from bot.settings import load_local_settings
    from models.operations.reports import BadLines, Busy, import_report

    with expected_errors(), opened(load_local_settings()) as database:
        memory = memory_of(database)
        with database.reading() as session:
            today = memory.calendar(session).local_day(memory.clock())
        try:
            with progress_bar() as moved:
                done = import_report(
                    database,
                    kind(memory.programme.catalogue),
                    path,
                    today=today,
                    skip_bad_lines=skip_bad_lines,
                    dry_run=dry_run,
                    on_progress=moved,
                )
        except Busy as error:
            fail(str(error))
        except BadLines as error:
            fail(f"{refused(error)}\n--skip-bad-lines imports the others.")
    typer.echo(_done(done, dry_run=dry_run))
    if done.bad:
        fail("\n".join([*_faults(done.faults, done.bad), f"{_lines(done.bad)} left out."]))


def refused(error: BadLines) -> str:
    """What is wrong with a file of which nothing was imported."""
    said = f"{error.count:,} of {_lines(error.lines)} cannot be taken, so nothing was imported."
    return "\n".join([*_faults(error.faults, error.count), said])


def _faults(faults: tuple[Fault, ...], count: int) -> list[str]:
    said = list(map(str, faults))
    named = len({fault.line for fault in faults})
    return [*said, f"and {_lines(count - named)} more"] if count > named else said


def _done(done: Imported, *, dry_run: bool) -> str:
    what = f"{done.added:,} new, {done.changed:,} changed, {done.unchanged:,} as before"
    return f"{_lines(done.lines)} read: {what}.{' Nothing was written.' if dry_run else ''}"


def _lines(count: int) -> str:
    return f"{count:,} line{'' if count == 1 else 's'}"
