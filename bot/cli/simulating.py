"""What `claimbot rules simulate` prints, and its file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.progress import progress_bar
from models.exporting.source import defused
from models.memory import Memory
from models.simulating import Simulated, simulate
from rules.difference import Change
from rules.loading import Programme

_PARTNERS = 20
_COLUMNS = ("claim", "partner", "rule set", "before", "after", "rules gained", "rules lost")


def simulated(memory: Memory, new: Programme, since: date | None, file: Path | None) -> None:
    """Run the simulation with a progress bar, write the file where one is asked for, and print what would change."""
    old = memory.programme
    console = Console(soft_wrap=True, highlight=False)
    with ExitStack() as stack:
        write = _writer(stack, file)
        moved = stack.enter_context(progress_bar())
        result = simulate(memory, old, new, since=since, on_change=write, on_progress=moved)
    console.print(f"From rules {old.version} to {new.version}:")
    if not result.rule_sets and not result.aside:
        console.print("No rule set differs, so nothing would change.")
    for found in result.rule_sets:
        _print(console, found)
    for name in result.aside:
        console.print(f"\n{name} differs too. It is not asked about claims as they stand, so it is not in here.")
    if file is not None:
        console.print(f"\nEvery change is in {file}.")


def _writer(stack: ExitStack, file: Path | None) -> Callable[[str, Change], None]:
    if file is None:
        return lambda name, change: None
    rows = csv.writer(stack.enter_context(file.open("w", encoding="utf-8", newline="")))
    rows.writerow(_COLUMNS)

    def write(name: str, change: Change) -> None:
        gained, lost = " ".join(change.rules_gained), " ".join(change.rules_lost)
        rows.writerow([change.number, defused(change.partner), name, change.before, change.after, gained, lost])

    return write


def _print(console: Console, found: Simulated) -> None:
    tally = found.tally
    console.print(
        f"\n{found.title} ({found.rule_set}): asked about {found.claims:,} claims, "
        f"{tally.changed:,} would change, {tally.turned:,} of them in their outcome."
    )
    if not tally.changed:
        return
    outcomes = Table("outcome before", "after", "claims", "for example", box=None)
    for (before, after), count in tally.outcomes.most_common():
        outcomes.add_row(before, after, f"{count:,}", _examples(tally.examples.get((before, after), [])))
    rules = Table("rule", "would speak", "would be silent", "for example", box=None)
    for rule, one in sorted(tally.rules.items(), key=lambda item: -item[1].gained - item[1].lost):
        examples = [*one.gained_examples, *one.lost_examples][:5]
        rules.add_row(rule, f"{one.gained:,}", f"{one.lost:,}", _examples(examples))
    partners = Table("partner", "claims", box=None)
    for partner, count in tally.partners.most_common(_PARTNERS):
        partners.add_row(_plain(partner), f"{count:,}")
    if len(tally.partners) > _PARTNERS:
        partners.add_row(f"and {len(tally.partners) - _PARTNERS} more", "")
    for table in (outcomes, rules, partners):
        console.print()
        console.print(table)


def _examples(numbers: list[str]) -> str:
    return ", ".join(numbers)


def _plain(text: str) -> Text:
    return Text(text)  # a name is no markup
