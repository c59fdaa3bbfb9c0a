"""`claimbot audit`: proof that the history is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.plainly import FAULT, MISUSE, expected_errors, fail, opened

if TYPE_CHECKING:
    from models.verifying import Break, Verified

group = typer.Typer(help="Proof that the history is whole.", no_args_is_help=True)

_MOST = 100


def register(main: typer.Typer) -> None:
    """Add the group to `main`."""
    main.add_typer(group, name="audit")


@group.callback()
def audit() -> None:
    """Proof that the history is whole."""


@group.command()
def head() -> None:
    """Print a value to keep elsewhere: with it, `verify --against` shows later whether anything was taken away."""
    from bot.settings import load_local_settings
    from bot.wiring import utc_now
    from models.operations.sealing import head as last
    from models.operations.sealing import seal

    with expected_errors(), opened(load_local_settings()) as database:
        seal(database, utc_now())
        with database.reading() as session:
            value = last(session)
    if value is None:
        fail("There is no history yet, so there is nothing to keep.")
    typer.echo(value)


@group.command()
def verify(
    against: Annotated[
        str | None, typer.Option(metavar="VALUE", help="What claimbot audit head printed before, kept elsewhere.")
    ] = None,
) -> None:
    """Compute the whole chain anew; say where the record was altered, or lacks something. Exits with 1 if it does."""
    from bot.cli.progress import progress_bar
    from bot.settings import load_local_settings
    from models.operations.sealing import parsed_head
    from models.verifying import verify as verified

    kept = parsed_head(against) if against is not None else None
    if against is not None and kept is None:
        fail("--against takes what claimbot audit head printed: a number, a dash and 64 digits or letters", MISUSE)
    broken = 0

    def told(found: Break) -> None:
        nonlocal broken
        broken += 1
        if broken <= _MOST:
            typer.echo(f"BROKEN  {found.where}: {found.what}")

    with expected_errors(), opened(load_local_settings()) as database, progress_bar() as moved:
        result = verified(database, told, against=kept, on_progress=moved)
    if broken > _MOST:
        typer.echo(f"… and {broken - _MOST:,} more")
    typer.echo(_checked(result))
    if broken:
        fail("The record is broken: see docs/audit.md for what each of these means, and what to do.", FAULT)
    typer.echo("Nothing was altered, and nothing is missing." + ("" if against else _HINT))


_HINT = "\nThat nothing was cut off at the end shows only against a value kept elsewhere: claimbot audit head"


def _checked(found: Verified) -> str:
    erased = f", {found.erased:,} of them with erased text" if found.erased else ""
    waiting = f" ({found.waiting:,} new rows are in none yet)" if found.waiting else ""
    return (
        f"Checked {found.rows:,} history rows of {found.claims:,} claims{erased}, {found.entries:,} journal entries "
        f"and {found.checkpoints:,} checkpoints{waiting}."
    )
