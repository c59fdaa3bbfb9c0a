"""`claimbot rules`: the files that staff edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.plainly import expected_errors

group = typer.Typer(help="The programme's rules.", no_args_is_help=True)


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
