"""The command line, `claimbot`. Each module beside this one is a command, or a group of them, and registers itself.

The modules import what they use when their command runs: help must come at once.
"""

import warnings
from importlib.metadata import version
from typing import Annotated

import typer

from bot.cli import (
    audit,
    backup,
    check,
    claims,
    db,
    demo,
    directory,
    earnings,
    erase,
    export,
    manifest,
    outbox,
    retention,
    rules,
    serve,
    setup,
    usage,
    workspaces,
)

main = typer.Typer(
    name="claimbot",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they show local variables, and with them secrets
)
for command in (
    demo,
    setup,
    manifest,
    check,
    serve,
    db,
    directory,
    workspaces,
    outbox,
    rules,
    usage,
    earnings,
    export,
    audit,
    backup,
    claims,
    erase,
    retention,
):
    command.register(main)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"claimbot {version('claimbot')}")
        raise typer.Exit


@main.callback()
def claimbot(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")] = False,
) -> None:
    """Customer claims of an incentive programme, handled in Slack."""
    # The embedded PostgreSQL's library says this on every machine without a login session, such as a container.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
