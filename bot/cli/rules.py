"""`claimbot rules`: the files that staff edit; what they decided, what others would change, which of them hold."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.plainly import MISUSE, expected_errors, fail, memory_of, opened

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from models.memory import Memory

group = typer.Typer(help="The programme's rules.", no_args_is_help=True)

_DAYS = ["%Y-%m-%d"]


def register(main: typer.Typer) -> None:
    """Add the group to `main`."""
    main.add_typer(group, name="rules")


@group.callback()
def rules() -> None:
    """The programme's rules."""


@group.command()
def check(
    directory: Annotated[
        Path | None, typer.Argument(help="The folder with the files; without it RULES_DIR or those that come along.")
    ] = None,
) -> None:
    """Check catalogue, limits, reasons and rule sets; every fault is named with its file and line."""
    from bot.settings import load_local_settings
    from rules.loading import load_programme

    with expected_errors():
        programme = load_programme(directory or load_local_settings().rules_dir)
    typer.echo(f"The rules are sound: {len(programme.rule_sets)} rule sets, version {programme.version}.")


@group.command()
def publish(
    directory: Annotated[Path | None, typer.Argument(help="The folder with the files.")] = None,
    version: Annotated[
        str | None, typer.Option(help="Instead of a folder: the hash of rules that are kept, to go back to them.")
    ] = None,
    holds_from: Annotated[
        datetime | None, typer.Option("--from", formats=_DAYS, help="The day on which they begin to hold; now without.")
    ] = None,
    author: Annotated[str | None, typer.Option(help="Whose change it is; without it, who runs this.")] = None,
) -> None:
    """Make rules hold for what is submitted from then on; every running claimbot sees them within seconds."""
    from getpass import getuser

    from bot.settings import load_local_settings
    from models.operations import publishing
    from rules.loading import load_programme

    if (directory is None) == (version is None):
        fail("Name a folder, or with --version the hash of rules that are kept.", MISUSE)
    with expected_errors():
        settings = load_local_settings()
        files = load_programme(directory).files if directory is not None else None
        with opened(settings) as database:
            memory = memory_of(database)
            now = memory.clock()
            begin = _beginning(memory, holds_from, now)
            by = author or getuser()
            try:
                if files is not None:
                    row = publishing.publish(database, files, by, begin, now)
                else:
                    row = publishing.publish_again(database, version or "", by, begin, now)
            except publishing.UnknownVersion:
                fail(f"No rules, or several, are kept whose hash begins with {version}. See: claimbot rules versions")
            typer.echo(
                f"Version {row.version} holds from {_moment(memory, row.holds_from)}. Published by {row.author}."
            )


@group.command()
def versions() -> None:
    """List what was published, newest first, and which of it holds."""
    from rich.console import Console
    from rich.table import Table

    from bot.settings import load_local_settings
    from models.operations.publishing import holding, publications

    with expected_errors(), opened(load_local_settings()) as database:
        memory = memory_of(database)
        with database.transaction() as session:
            every = publications(session)
        now = holding(every, memory.clock())
        table = Table("", "version", "holds from", "published", "author", box=None)
        for one in reversed(every):
            mark = "holds" if one == now else ""
            table.add_row(
                mark, one.version, _moment(memory, one.holds_from), _moment(memory, one.published_at), one.author
            )
        table.add_row(
            "" if now else "holds", memory.shipped.version, "until others do", "", "comes along, or RULES_DIR"
        )
        Console().print(table)


@group.command()
def explain(
    number: Annotated[str, typer.Argument(help="The claim's number, such as CL-000123.")],
    rule_set: Annotated[str | None, typer.Option(help="Only this rule set, such as submission.")] = None,
) -> None:
    """Print what was decided about a claim, rule by rule, and whether today's rules would decide otherwise."""
    from bot.cli.explaining import explained
    from bot.settings import load_local_settings

    with expected_errors(), opened(load_local_settings()) as database:
        try:
            explained(memory_of(database), number, rule_set)
        except LookupError as error:
            fail(str(error.args[0]))


@group.command()
def simulate(
    directory: Annotated[Path, typer.Argument(help="The folder with the new files.")],
    since: Annotated[
        datetime | None, typer.Option(formats=_DAYS, help="Only claims filed on this day or later.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write every change to this file, too.")] = None,
) -> None:
    """Run today's rules and new ones over all stored claims, and print what would change. Nothing is written."""
    from bot.cli.simulating import simulated
    from bot.settings import load_local_settings
    from rules.loading import load_programme

    with expected_errors():
        new = load_programme(directory)
        with opened(load_local_settings()) as database:
            simulated(memory_of(database), new, since.date() if since else None, csv)


def _beginning(memory: Memory, day: datetime | None, now: datetime) -> datetime:
    """The beginning of a day in the programme's zone; of today, and without a day, now."""
    zone = _zone(memory)
    if day is None or day.date() == now.astimezone(zone).date():
        return now
    begin = day.replace(tzinfo=zone)
    if begin < now:
        fail(f"{day:%Y-%m-%d} is over: rules cannot be made to hold in the past.", MISUSE)
    return begin


def _moment(memory: Memory, at: datetime) -> str:
    return at.astimezone(_zone(memory)).strftime("%Y-%m-%d %H:%M %Z")


def _zone(memory: Memory) -> ZoneInfo:
    from zoneinfo import ZoneInfo

    from models.memory import NoDirectory

    with memory.database.transaction() as session:
        try:
            return ZoneInfo(memory.settings(session).timezone)
        except NoDirectory:
            return ZoneInfo("UTC")
