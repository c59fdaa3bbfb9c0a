"""`claimbot earnings`: earnings and payouts, as the report has them."""

from __future__ import annotations

import typer

from bot.cli.importing import DryRun, File, SkipBadLines

group = typer.Typer(help="Earnings and payouts, as the report has them.", no_args_is_help=True)


def register(main: typer.Typer) -> None:
    """Add the group to `main`."""
    main.add_typer(group, name="earnings")


@group.callback()
def earnings() -> None:
    """Earnings and payouts, as the report has them."""


@group.command("import")
def import_file(file: File, skip_bad_lines: SkipBadLines = False, dry_run: DryRun = False) -> None:
    """Import the report of earnings and payouts.

    The same file again changes nothing; a corrected one replaces what stands under the same ids.
    """
    from bot.cli import importing
    from models.operations.earnings_report import earnings_report

    importing.import_file(earnings_report, file, skip_bad_lines=skip_bad_lines, dry_run=dry_run)
