"""`claimbot retention`: what was kept as long as the programme's limits say is erased."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.importing import DryRun
from bot.cli.plainly import expected_errors, fail, memory_of, opened

group = typer.Typer(help="How long data is kept.", no_args_is_help=True)

_OFF = (
    "The rules say of no claim how long it is kept, so none is erased: set drafts_kept_months or "
    "closed_claims_kept_months in limits.yaml (docs/privacy.md)."
)


def register(main: typer.Typer) -> None:
    """Add the group to `main`."""
    main.add_typer(group, name="retention")


@group.callback()
def retention() -> None:
    """How long data is kept."""


@group.command()
def run(
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase what was kept too long: never what is open or in dispute. It can be broken off and begun again."""
    from bot.cli.progress import progress_bar
    from bot.settings import load_local_settings
    from models.documents import DocumentStore
    from models.operations.erasing_documents import sweep
    from models.operations.retaining import configured, run_retention

    settings = load_local_settings()
    with expected_errors(), opened(settings) as database:
        memory = memory_of(database)
        limits = configured(memory)
        if not limits:
            fail(_OFF)
        for limit in limits:
            typer.echo(f"{int(limit)} months: {limit.meaning}")
        with progress_bar() as moved:
            due = run_retention(memory, dry_run=True, on_progress=moved)
        said = ", ".join(f"{count:,} {status}" for status, count in sorted(due.items())) or "none"
        typer.echo(f"Claims kept longer than that: {said}.")
        if dry_run:
            typer.echo("Nothing was erased.")
            return
        if due and not yes:
            typer.confirm("Erase what people wrote in them? There is no way back.", abort=True)
        with progress_bar() as moved:
            done = run_retention(memory, on_progress=moved).total()
        documents = sweep(database, DocumentStore(settings.documents))
    typer.echo(f"Erased: {done:,} claims, {documents:,} documents.")
