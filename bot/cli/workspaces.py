"""`claimbot workspaces`: where partners installed the app by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from bot.cli.plainly import expected_errors, fail, opened

if TYPE_CHECKING:
    from bot.workspaces import Keyring

group = typer.Typer(help="Workspaces in which partners installed claimbot.", no_args_is_help=True)


def register(main: typer.Typer) -> None:
    """Add the group to `main`."""
    main.add_typer(group, name="workspaces")


@group.callback()
def workspaces() -> None:
    """Workspaces in which partners installed claimbot."""


@group.command("list")
def show() -> None:
    """List the workspaces that installed claimbot, since when, and whether the directory names them."""
    from bot.settings import load_local_settings
    from models.operations.installing import installations, is_listed

    with expected_errors(), opened(load_local_settings()) as database, database.reading() as session:
        rows = [
            (one.team, f"{one.installed_at:%Y-%m-%d}", "listed" if is_listed(session, one.team) else "-", one.name)
            for one in installations(session)
        ]
    typer.echo("\n".join("\t".join(row) for row in rows) or "No workspace beside the programme's own has it.")


@group.command()
def key() -> None:
    """Print a new key for TOKEN_KEY. To change keys put it first, restart, and run `claimbot workspaces rotate`."""
    from cryptography.fernet import Fernet

    typer.echo(Fernet.generate_key().decode())


@group.command()
def rotate() -> None:
    """Encrypt every stored token with the first key of TOKEN_KEY; afterwards the others can be taken out."""
    from cryptography.fernet import InvalidToken

    from bot.settings import load_settings
    from models.operations.installing import installations

    with expected_errors():
        settings = load_settings()
        keyring = _keyring(settings.token_key.get_secret_value() if settings.token_key else None)
        lost = []
        with opened(settings) as database, database.transaction() as session:
            every = installations(session, lock=True)
            for one in every:
                try:
                    one.token = keyring.renew(one.token)
                except InvalidToken:
                    lost.append(one.team)
    typer.echo(f"{len(every) - len(lost)} encrypted with the first key.")
    if lost:
        fail(f"No key of TOKEN_KEY opens the token of {', '.join(lost)}: put the old key back, or install there again")


def _keyring(keys: str | None) -> Keyring:
    from bot.workspaces import Keyring

    if keys is None:
        fail("TOKEN_KEY is not set: there is nothing to rotate")
    return Keyring(keys)
