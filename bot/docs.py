"""The pages of docs/ that are made from tables in the code: ``python -m bot.docs`` writes them anew."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.commands import TABLE as COMMANDS
from bot.web.metrics import Metrics
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


def metrics() -> str:
    """What ``GET /metrics`` shows of claimbot's own: docs/metrics.md."""
    head = (
        "# Metrics\n\n"
        "`GET /metrics` answers in Prometheus' text format. [grafana.json](grafana.json) shows it all:\n"
        "a dashboard to import in Grafana. Beside these, `process_*` tell of memory, processor time and open files.\n"
        "No label is ever a person, a claim or a channel.\n\n"
        "What is worth an alarm: `claimbot_outbox_age_seconds` above 120, `claimbot_outbox_dead` above 0, the 99th\n"
        'percentile of `claimbot_ack_seconds` above 2, any `claimbot_ack_seconds_count{outcome="failed"}`.\n\n'
        f"{_MADE.format(source='bot/web/metrics.py')}\n"
    )
    own = [one for one in Metrics().registry.collect() if one.name.startswith("claimbot_")]
    # The library leaves off the ending under which a counter is exposed.
    names = [one.name + ("_total" if one.type == "counter" else "") for one in own]
    parts = [f"## {name}\n\n{one.documentation}. A {one.type}.\n" for name, one in zip(names, own, strict=True)]
    return "\n".join([head, *parts])


PAGES: dict[str, Callable[[], str]] = {"commands.md": commands, "lifecycle.md": life, "metrics.md": metrics}


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
