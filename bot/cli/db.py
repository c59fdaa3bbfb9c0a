"""`claimbot db`: the database's schema."""

from __future__ import annotations

import typer

from bot.cli.plainly import expected_errors, opened

group = typer.Typer(help="The database.", no_args_is_help=True)


def register(main: typer.Typer) -> None:
    """Add the group to `main`."""
    main.add_typer(group, name="db")


@group.callback()
def db() -> None:
    """The database."""


@group.command()
def upgrade() -> None:
    """Bring the schema to this version's; safe to run again, and from several machines at once."""
    from bot.settings import load_local_settings

    with expected_errors(), opened(load_local_settings(), current=False) as database:
        before, _ = database.revisions()
        database.upgrade()
        after, _ = database.revisions()
    typer.echo(f"The database is at revision {after}" + (", as before." if before == after else "."))
