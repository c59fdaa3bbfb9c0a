"""`claimbot check`: what an installation lacks, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.cli.plainly import FAULT

if TYPE_CHECKING:
    from bot.checks.finding import Finding
    from bot.settings import LocalSettings, Settings
    from models.database import Database

Checks = Iterator[tuple[str, Callable[[], Iterable["Finding"]]]]


def register(main: typer.Typer) -> None:
    """Add the command to `main`."""
    main.command()(check)


def check() -> None:
    """Look for what is wrong with this installation, and say what to do about each fault.

    Settings, folders, database, rules, directory, Slack's tokens, scopes, channels and people, mail, the public
    address, the clock. Nothing is changed, no mail is sent, nothing is posted.
    """
    faults = 0
    with ExitStack() as stack:
        for name, find in _checks(stack):
            for finding in _found(find):
                faults += not finding.ok
                state = "FAULT" if not finding.ok else "note " if finding.remedy else "ok   "
                typer.echo(f"{state}  {name:<10}  {finding.said}")
                if finding.remedy:
                    typer.echo(f"       {'':<10}  -> {finding.remedy}")
    if faults:
        typer.echo(f"\n{faults} {'fault' if faults == 1 else 'faults'}. After mending, run claimbot check again.")
        raise typer.Exit(FAULT)


def _checks(stack: ExitStack) -> Checks:
    """What can be checked: with faulty settings, or without a database, what they leave."""
    from bot.checks import machine, mail
    from bot.checks.finding import Finding
    from bot.settings import SettingsError, load_local_settings, load_settings

    settings: Settings | None = None
    local: LocalSettings | None = None
    error: SettingsError | None = None
    try:
        local = settings = load_settings()
    except SettingsError as raised:
        error = raised
        try:
            local = load_local_settings()
        except SettingsError:
            local = None
    yield "settings", lambda: machine.check_settings(error)
    yield "settings", lambda: machine.check_env_file(Path(".env"))
    if local is None:
        return
    here = local
    yield "data", lambda: machine.check_data_folder(here.data_dir)
    yield "documents", lambda: machine.check_documents(here.documents)
    yield "rules", lambda: machine.check_rules(here.rules_dir)
    opened = machine.open_database(here)
    database: Database | None = None
    if isinstance(opened, Finding):
        unusable = opened
        yield "database", lambda: [unusable]
    else:
        there = opened
        stack.callback(there.close)
        yield "database", lambda: machine.check_schema(there, embedded=here.database_url is None)
        if there.schema().usable:
            database = there
            yield from _stored(here, there)
    if settings is not None:
        yield from _at_slack(settings, database)
    yield "mail", lambda: mail.check_mail(here)
    yield "address", lambda: mail.check_public_url(here)


def _stored(settings: LocalSettings, database: Database) -> Checks:
    from bot.checks import machine
    from bot.wiring import utc_now
    from rules.loading import ProgrammeError, load_programme

    try:
        shipped = load_programme(settings.rules_dir)
    except ProgrammeError:
        pass  # said already
    else:
        yield "published", lambda: machine.check_published(database, shipped, utc_now())
    yield "directory", lambda: machine.check_directory(database, settings)
    yield "outbox", lambda: machine.check_outbox(database)


def _at_slack(settings: Settings, database: Database | None) -> Checks:
    from bot.checks import slack, workspaces
    from bot.checks.finding import Finding
    from bot.wiring import utc_now

    client = slack.client_of(settings)
    who = slack.introduce(client)
    if isinstance(who, Finding):
        refused = who
        yield "slack", lambda: [refused]
        return
    known = who
    yield "slack", lambda: slack.check_scopes(known, slack.wanted_scopes())
    yield "socket", lambda: slack.check_socket(settings)
    yield "clock", lambda: slack.check_clock(known, utc_now())
    if database is not None:
        there = database
        yield "directory", lambda: slack.check_workspace(known, there)
        yield "channels", lambda: slack.check_channels(client, known, there, settings.review_channel)
        yield "people", lambda: slack.check_people(client, known, there)
        yield "workspaces", lambda: workspaces.check_workspaces(settings, there, known.team)


def _found(find: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """A doctor does not die of what it finds."""
    from bot.checks.finding import Finding

    try:
        yield from find()
    except Exception as error:
        yield Finding(False, f"the check itself failed: {type(error).__name__}", "report this as a fault of claimbot")
