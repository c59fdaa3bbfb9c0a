"""`claimbot outbox`: what is not in Slack yet, and what was given up. Nothing that anybody wrote is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.plainly import MISUSE, expected_errors, fail, opened

if TYPE_CHECKING:
    from models.tables import Outgoing

group = typer.Typer(help="Messages on their way to Slack.", no_args_is_help=True)

HEADINGS = ("id", "kind", "claim", "state", "age", "attempts", "problem")
_STATES = {"pending": "waits", "sending": "under way", "dead": "given up"}


def register(main: typer.Typer) -> None:
    """Add the group to `main`."""
    main.add_typer(group, name="outbox")


@group.callback()
def outbox() -> None:
    """Messages on their way to Slack."""


@group.command("list")
def show(
    dead: Annotated[bool, typer.Option("--dead", help="Only what was given up.")] = False,
    limit: Annotated[int, typer.Option(help="At most so many, the oldest.", min=1)] = 100,
) -> None:
    """List what is not in Slack: what waits, what is under way, what was given up, and why."""
    from bot.settings import load_local_settings
    from models.operations.outbox import unsent

    with expected_errors(), opened(load_local_settings()) as database:
        with database.transaction() as session:
            found = unsent(session, dead=dead, limit=limit + 1)
        rows = [_cells(row, datetime.now(UTC)) for row in found[:limit]]
    if not rows:
        typer.echo("Nothing was given up." if dead else "Everything is in Slack.")
        return
    _print(rows)
    if len(found) > limit:
        typer.echo(f"There are more than these {limit}: see --limit.", err=True)


@group.command()
def retry(
    identity: Annotated[int | None, typer.Argument(metavar="[ID]", help="Which one, by its id in the list.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Everything that was given up.")] = False,
) -> None:
    """Try again what was given up. A message that may be in Slack already is looked for before it is posted."""
    from bot.settings import load_local_settings
    from models.operations import outbox as operations

    if (identity is None) is not every:
        fail("Name one by its id, or say --all: see claimbot outbox list --dead", MISUSE)
    with expected_errors(), opened(load_local_settings()) as database, database.transaction() as session:
        count = operations.retry_all(session) if identity is None else int(operations.retry(session, identity))
    if identity is not None and not count:
        fail(f"Nothing with the id {identity} was given up: see claimbot outbox list --dead")
    typer.echo(f"{count} tried again; claimbot outbox list shows what becomes of it." if count else "There is nothing.")


def _cells(row: Outgoing, now: datetime) -> tuple[str, ...]:
    from models.tables.claims import claim_number

    claim = claim_number(row.claim_id) if row.claim_id is not None else "-"
    age = _span(now - row.created_at)
    return (str(row.id), row.kind, claim, _STATES[row.state], age, str(row.attempts), row.problem or "-")


def _span(span: timedelta) -> str:
    seconds = max(0, int(span.total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _print(rows: list[tuple[str, ...]]) -> None:
    """A table for people; for everything else one line a row, with tabs."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        for row in (HEADINGS, *rows):
            typer.echo("\t".join(row))
        return
    table = Table()
    for heading in HEADINGS:
        table.add_column(heading, justify="right" if heading in ("id", "age", "attempts") else "left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # as text: a bracket is no markup
    console.print(table)
