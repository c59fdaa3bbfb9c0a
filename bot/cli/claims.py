"""`claimbot claims`: claims that a programme had before claimbot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.importing import DryRun, refused
from bot.cli.plainly import expected_errors, fail, memory_of, opened

if TYPE_CHECKING:
    from models.operations.importing import ImportedClaims

group = typer.Typer(help="Claims that there were before claimbot.", no_args_is_help=True)


def register(main: typer.Typer) -> None:
    """Add the group to `main`."""
    main.add_typer(group, name="claims")


@group.callback()
def claims() -> None:
    """Claims that there were before claimbot."""


@group.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="The claims (CSV).", exists=True, dir_okay=False)],
    new_only: Annotated[
        bool, typer.Option("--new-only", help="Import new lines even where others say otherwise than before.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Import claims from another portal, all or none, with their statuses and dates. Nobody is told.

    A reference that was imported before is left alone, so that the same file again changes nothing.
    """
    from bot.cli.progress import progress_bar
    from bot.settings import load_local_settings
    from models.memory import NoDirectory
    from models.operations.importing import import_claims
    from models.operations.reports import BadLines, Busy

    with expected_errors(), opened(load_local_settings()) as database:
        memory = memory_of(database)
        try:
            with progress_bar() as moved:
                done = import_claims(memory, file, new_only=new_only, dry_run=dry_run, on_progress=moved)
        except (Busy, NoDirectory) as error:
            fail(str(error))
        except BadLines as error:
            fail(refused(error))
    typer.echo(_done(done, dry_run=dry_run))


def _done(done: ImportedClaims, *, dry_run: bool) -> str:
    said = [*map(str, done.faults)]
    new = done.added.total()
    numbers = f" as {done.first} to {done.last}" if new and not dry_run else ""
    counts = f"{new:,} new{numbers}, {done.unchanged:,} imported before"
    counts += f", {done.changed:,} changed since and left as they were" if done.changed else ""
    said.append(f"{done.lines:,} line{'' if done.lines == 1 else 's'} read: {counts}.")
    said += [f"  {status}: {count:,}" for status, count in done.added.items()]
    return "\n".join([*said, "Nothing was written."] if dry_run else said)
