"""`claimbot usage`: usage and sold seats, as the monthly report has them."""

from __future__ import annotations

import typer

from bot.cli.importing import DryRun, File, SkipBadLines

group = typer.Typer(help="Usage and sold seats, as the monthly report has them.", no_args_is_help=True)


def register(main: typer.Typer) -> None:
    """Add the group to `main`."""
    main.add_typer(group, name="usage")


@group.callback()
def usage() -> None:
    """Usage and sold seats, as the monthly report has them."""


@group.command("import")
def import_file(file: File, skip_bad_lines: SkipBadLines = False, dry_run: DryRun = False) -> None:
    """Import the monthly report of usage and sold seats.

    The same file again changes nothing; a corrected one replaces what stands under the same keys.
    """
    from bot.cli import importing
    from models.operations.usage_report import usage_report

    importing.import_file(usage_report, file, skip_bad_lines=skip_bad_lines, dry_run=dry_run)
