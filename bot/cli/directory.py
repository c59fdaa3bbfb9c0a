"""`claimbot directory`: who may act for whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.plainly import MISUSE, expected_errors, fail, opened

if TYPE_CHECKING:
    from models.directory import Changes

group = typer.Typer(help="Partners, their people and the reviewers.", no_args_is_help=True)


def register(main: typer.Typer) -> None:
    """Add the group to `main`."""
    main.add_typer(group, name="directory")


@group.callback()
def directory() -> None:
    """Partners, their people and the reviewers."""


@group.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="The directory file (YAML).", exists=True, dir_okay=False)],
    team: Annotated[
        str | None, typer.Option(help="The programme's workspace (T…). Without it the file's, or the bot token's.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Also undo what was changed in Slack since the last import.")
    ] = False,
) -> None:
    """Make the database say what FILE says, as a whole or not at all. Who is no longer listed loses access."""
    from bot.settings import load_local_settings
    from bot.wiring import utc_now
    from models.directory import import_directory, parse_directory
    from models.directory_file import team_fault
    from models.operations.homes import watch_all
    from models.operations.journal import note
    from models.operations.publishing import current
    from models.operations.teams import undone
    from rules.loading import load_programme

    if team is not None and (wrong := team_fault(team)) is not None:
        fail(wrong, MISUSE)  # with another workspace's id nobody would be known any more
    with expected_errors():
        settings = load_local_settings()
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            fail(f"{file.name} is not UTF-8 text")
        shipped = load_programme(settings.rules_dir)
        with opened(settings) as database, database.transaction() as session:
            catalogue = current(session, utc_now(), shipped).catalogue
            listed = parse_directory(text, file.name, programmes=catalogue.programmes)
            changes = import_directory(session, listed, team=team or listed.programme.team or _workspace())
            if not overwrite and (lost := undone(session, changes)):
                fail(_UNDONE.format("\n".join(f"  {one}" for one in lost)))
            if changes:
                watch_all(session, utc_now())  # who may see what has changed
                note(session, "import", {kind: dict(by_how) for kind, by_how in changes.counts().items()}, utc_now())
    typer.echo(_report(changes))


@group.command("export")
def export_file() -> None:
    """Print the directory file that says what holds now, with all that was changed in Slack."""
    from bot.settings import load_local_settings
    from models.directory_export import export_directory

    with expected_errors(), opened(load_local_settings()) as database, database.reading() as session:
        try:
            typer.echo(export_directory(session), nl=False)
        except LookupError:
            fail("No directory file has been imported yet.")


_UNDONE = """This would undo what was changed in Slack (/claim team) since the last import:
{}
Nothing was imported. Write those changes into the file (claimbot directory export prints what holds now), or say
--overwrite."""


def _workspace() -> str:
    """The workspace that the bot token belongs to."""
    from slack_sdk import WebClient

    from bot.settings import load_settings

    settings = load_settings()
    client = WebClient(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, timeout=8)
    return str(client.auth_test()["team_id"])


def _report(changes: Changes) -> str:
    lines = [
        f"{kind}: " + ", ".join(f"{count} {how}" for how, count in by_how.items() if count)
        for kind, by_how in changes.counts().items()
        if any(by_how.values())
    ]
    return "\n".join(lines) or "Nothing had to change."
