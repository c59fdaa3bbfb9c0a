"""`claimbot backup` and `claimbot restore`: everything in one file, and from it again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.plainly import expected_errors, fail, opened


def register(main: typer.Typer) -> None:
    """Add both commands to `main`."""
    main.command()(backup)
    main.command()(restore)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE|DIR", help="Where to; in a folder, a name with the time.")],
) -> None:
    """Write the database and all documents, as they are at this moment, into one file. The bot may go on meanwhile."""
    from bot.cli.progress import progress_bar
    from bot.settings import load_local_settings
    from bot.wiring import utc_now
    from models.backup import BackupError
    from models.backup import backup as make
    from models.documents import DocumentStore

    now = utc_now()
    target = file / f"claimbot-{now:%Y%m%d-%H%M%S}.zip" if file.is_dir() else file
    if target.exists():
        fail(f"{target} is there already; nothing was overwritten.")
    settings = load_local_settings()
    with expected_errors(), opened(settings) as database, progress_bar() as moved:
        try:
            made = make(database, DocumentStore(settings.documents), target, now, moved)
        except BackupError as error:
            fail(f"No backup was made: {error}.")
    typer.echo(
        f"{target}: {made.rows:,} rows, {len(made.documents):,} documents. Whoever has this file has everything."
    )


def restore(
    file: Annotated[Path, typer.Argument(help="What claimbot backup wrote.", exists=True, dir_okay=False)],
    deliver: Annotated[
        bool, typer.Option("--deliver", help="Also send what was on its way to Slack when the backup was made.")
    ] = False,
) -> None:
    """Make an empty database, and the documents' store, hold what a backup holds. Stop every claimbot first."""
    from bot.cli.progress import progress_bar
    from bot.settings import load_local_settings
    from bot.wiring import utc_now
    from models.backup import BackupError
    from models.documents import DocumentStore
    from models.restoring import restore as bring_back

    settings = load_local_settings()
    with expected_errors(), opened(settings, current=False) as database, progress_bar() as moved:
        try:
            found = bring_back(
                database, DocumentStore(settings.documents), file, utc_now(), deliver=deliver, on_progress=moved
            )
        except BackupError as error:
            fail(f"Nothing was restored: {error}.")
    typer.echo(f"Restored as of {found.made_at}: {found.rows:,} rows, {len(found.documents):,} documents.")
    if not deliver:
        typer.echo("What was on its way to Slack then is held: claimbot outbox list --dead, and outbox retry.")
    typer.echo("Now prove it: claimbot audit verify")
