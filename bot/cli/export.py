"""`claimbot export`: every claim that there is, or those that filters ask for, as a file; or figures of them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.plainly import MISUSE, expected_errors, fail, memory_of, opened


class Format(StrEnum):
    """As `models.exporting.making.Format`, which is not imported until the command runs."""

    CSV = "csv"
    XLSX = "xlsx"


class Subject(StrEnum):
    """As `models.exporting.subjects.Subject`, likewise."""

    CLAIMS = "claims"
    USAGE = "usage"
    EARNINGS = "earnings"
    STATS = "stats"


def register(main: typer.Typer) -> None:
    """Add the command to `main`."""
    main.command()(export)


def export(
    file: Annotated[Path, typer.Argument(help="Where to; one that is there is replaced.", dir_okay=False)],
    filters: Annotated[
        list[str] | None,
        typer.Argument(
            help="Filters as behind /claim list, such as status:approved customer:fabrikam; with --of what stands "
            "behind the word in Slack: a claim's number, a customer, or a period."
        ),
    ] = None,
    form: Annotated[Format | None, typer.Option("--format", help="Without it, what the file's name ends in.")] = None,
    of: Annotated[Subject, typer.Option(help="Claims, or their figures.")] = Subject.CLAIMS,
) -> None:
    """Write claims to FILE, as CSV or as an Excel workbook: all that there are, drafts too, or what filters ask for."""
    from tempfile import TemporaryDirectory

    from bot.cli.progress import progress_bar
    from bot.settings import load_local_settings
    from models.exporting import making, subjects
    from models.queries.filter_words import WordsError
    from rules.permissions import CLOCK

    words = " ".join(filters or ())
    ending = file.suffix.lower().removeprefix(".")
    if form is None and ending not in set(Format):
        fail(f"{file.name} ends neither in .csv nor in .xlsx: name the format with --format.", MISUSE)
    wanted = making.Format(form or ending)
    with expected_errors(), opened(load_local_settings()) as database, progress_bar() as moved:
        memory = memory_of(database)
        # Beside the file, and put in its place as a whole.
        with TemporaryDirectory(prefix=".claimbot-", dir=file.parent) as folder, database.transaction() as session:
            path = Path(folder) / "export"
            try:
                said = subjects.tidy_words(memory, subjects.Subject(of), words)
                extract = subjects.extract_of(session, memory, CLOCK, words, subjects.Subject(of))
            except WordsError as error:
                fail(str(error), MISUSE)
            count = making.make(
                session, memory, extract, said, wanted, path, lambda done, total: moved("Writing", done, total)
            )
            path.replace(file)
    row = "claim" if of is Subject.CLAIMS else "line"
    typer.echo(f"{count:,} {row}{'' if count == 1 else 's'} written to {file}.")
