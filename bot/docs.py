"""The pages of docs/ that are made from tables in the code: ``python -m bot.docs`` writes them anew."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.commands import TABLE as COMMANDS
from rules import lifecycle
from rules.lifecycle import Transition

FOLDER = Path(__file__).parents[1] / "docs"
_MADE = "<!-- Written by `python -m bot.docs`: change {source}, not this file. -->"


def commands() -> str:
    """What the slash command understands: docs/commands.md."""
    head = (
        "# The slash command\n\n"
        "The command is called `/claim` unless `COMMAND_NAME` says otherwise. Alone it shows a menu; a claim's number\n"
        "alone shows that claim; an unknown word is answered with the nearest one. Answers are seen by the person who\n"
        "asked and by nobody else. In Slack, `/claim help` says the same.\n\n"
        f"{_MADE.format(source='bot/commands.py')}\n"
    )
    parts = [f"## {one.word}\n\n`/claim {one.usage}`\n\n{one.does} {one.more}".rstrip() + "\n" for one in COMMANDS]
    return "\n".join([head, *parts])


def life() -> str:
    """The life of a claim: docs/lifecycle.md."""
    head = (
        "# The life of a claim\n\n"
        "A claim is always in one of eight statuses. One table says what may happen to it: buttons, help and\n"
        "permission checks come from it, and a test takes every action as everybody in every status.\n"
        "Not all of it can be done in Slack yet: the README says what can.\n\n"
        f"{_MADE.format(source='rules/lifecycle.py')}\n"
    )
    diagram = f"```mermaid\n{lifecycle.mermaid()}\n```\n"
    moves = "## What moves a claim\n\n" + _table(lifecycle.TABLE, _moving)
    beside = "## What accompanies it\n\nThese leave the status as it is.\n\n" + _table(lifecycle.BESIDE, _staying)
    return "\n".join([head, diagram, moves, beside])


PAGES: dict[str, Callable[[], str]] = {"commands.md": commands, "lifecycle.md": life}


def _table(rows: Iterable[Transition], cells: Callable[[Transition], dict[str, str]]) -> str:
    every = [cells(row) for row in rows]
    # Rows that differ in where a claim comes from, and in nothing else, are one line.
    lines: dict[tuple[str, ...], list[str]] = {}
    for row in every:
        action, source, *rest = row.values()
        lines.setdefault((action, *rest), []).append(source)
    body = [" | ".join((action, ", ".join(sources), *rest)) for (action, *rest), sources in lines.items()]
    head = [" | ".join(every[0]), " | ".join("---" for _ in every[0])]
    return "".join(f"| {line} |\n" for line in [*head, *body])


def _moving(row: Transition) -> dict[str, str]:
    target = str(row.target) if row.target else "gone; its history stays"
    return {"action": row.label, "from": _from(row), "to": target, "who": _who(row), "needs": _needs(row)}


def _staying(row: Transition) -> dict[str, str]:
    return {"action": row.label, "in": _from(row), "who": _who(row), "needs": _needs(row)}


def _from(row: Transition) -> str:
    return ", ".join(row.sources) or "–"


def _who(row: Transition) -> str:
    roles = ", ".join(sorted(role.replace("_", " ") for role in row.roles))
    return f"{row.party}: {roles}" if roles else f"the {row.party}"


def _needs(row: Transition) -> str:
    return ", ".join(sorted(row.needs)) or "–"


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        sys.stdout.write(f"docs/{name}\n")


if __name__ == "__main__":
    main()
