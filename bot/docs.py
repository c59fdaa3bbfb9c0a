"""The pages of docs/ that are made from tables in the code: ``python -m bot.docs`` writes them anew."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import typer
from typer.cli import get_docs_for_click

from bot.cli import main as cli
from bot.commands import TABLE as COMMANDS
from bot.commands import Word
from bot.web.metrics import Metrics
from models.exporting.claims import COLUMNS as EXPORTED
from models.exporting.columns import Column
from models.exporting.figures import EARNINGS, STATS, USAGE
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
    return "\n".join([head, *map(_explained, COMMANDS)])


def _explained(one: Word) -> str:
    points = "\n\n" + "\n".join(f"- `{name}:` {rest}" for name, _, rest in (x.partition(": ") for x in one.points))
    return f"## {one.word}\n\n`/claim {one.usage}`\n\n{one.does} {one.more}{points}".rstrip() + "\n"


def command_line() -> str:
    """Every command of `claimbot`, from its own help: docs/cli.md."""
    head = (
        "# The command line\n\n"
        "`claimbot` alone lists its commands, and `--help` behind any of them says what is here.\n"
        "After `make install` it is `.venv/bin/claimbot`; with Docker, `docker compose run --rm claimbot`.\n"
        "On a terminal it prints for people, in a pipe plain lines; it exits with 1 when something failed.\n\n"
        f"{_MADE.format(source='the texts in bot/cli/')}\n\n"
    )
    command = typer.main.get_command(cli)
    text = get_docs_for_click(obj=command, ctx=typer.Context(command), name="claimbot")
    # What every command has, and a group's list of what follows it anyway, cut short.
    noise = r"\* `--help`.*\n|\*\*Commands\*\*:\n\n(\* .*\n)+\n"
    text = re.sub(noise, "", text[text.index("\n## ") + 1 :]).replace("**Options**:\n\n\n", "")
    return f"{head}{text.rstrip()}\n"


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


def export() -> str:
    """Claims and figures as a file: docs/export.md."""
    rows = [f"| {one.heading} | {one.kind} | {one.audience.words} | {one.meaning} |\n" for one in EXPORTED]
    table = "| column | holds | for | meaning |\n| --- | --- | --- | --- |\n" + "".join(rows)
    figures = {"usage": USAGE, "earnings": EARNINGS, "statistics": STATS}
    others = "".join(f"\n### Of {name}\n\n{_columns(columns)}" for name, columns in figures.items())
    return f"{_EXPORT}\n## Columns\n\n{_MADE.format(source='models/exporting/')}\n\n### Of claims\n\n{table}{others}"


def _columns(columns: Iterable[Column]) -> str:
    rows = [f"| {one.heading} | {one.kind} | {one.meaning} |\n" for one in columns]
    return "| column | holds | meaning |\n| --- | --- | --- |\n" + "".join(rows)


_EXPORT = """# Claims and figures as a file

`/claim export` sends you the claims that you can see, as a file, by direct message; `/claim export xlsx` as an Excel
workbook. Behind it stand the filters of `/claim list`: `/claim export xlsx status:approved customer:fabrikam sort:due`.
There is no PDF nor another format; to look for such a word, write it in quotation marks: `/claim export "pdf"`.

- The file holds exactly what you may see when it is made, in the order of the list. A column that is not meant for you
  is not there; a reviewer finds the reviewers' columns empty for claims of their own company.
- A message says at once that it is being made and, where that takes longer, how far it is. The file comes once, even if
  claimbot is restarted or killed in between. Where nothing fits, the message says so, and there is no file.
- It stays there for 30 days, unless your programme says otherwise; the message says until when. Then the file is
  removed from Slack, and you can ask for it again. It goes earlier when the data of a claim is
  [erased](privacy.md#what-an-erasure-takes) that it may hold.
- Nobody else sees it: it goes to you alone. Up to five exports of yours may be under way at a time.

Whoever runs claimbot gets every claim of every partner, drafts too:

```
claimbot export claims.csv
claimbot export approved.xlsx status:approved sort:-due
claimbot export claims.txt --format csv
claimbot export usage.xlsx --of usage
```

## Figures

`/claim export usage`, `/claim export earnings` and `/claim export stats` send [figures](figures.md) in the same way, as
do the buttons *As CSV* and *As Excel* below them. Behind the word stands what stands behind `/claim usage` and its
like: a claim's number, a customer, or a period (`/claim export stats xlsx 2026-10`). Without it the file has everything
that you can see, or the last 90 days.

A file of usage has a line for each claim, product and month, from the first that may be shown; one of earnings, every
line of the reports about these claims. Added up they are the numbers of the picture and the table: all are made from
the same lines, under the same rule of who may see what.

## The two formats

| | CSV | XLSX |
| --- | --- | --- |
| text | UTF-8 (Excel knows it by a mark), commas, quotes as in RFC 4180 | cells of text, never a formula or a link |
| date and time | `2026-11-18 09:00:00-08`: the programme's zone, with its offset | a date, in the zone of the heading |
| day | `2026-11-18` | a date |
| number | digits | a number; ids and MPNs are text, so that no zero is lost |
| as many as | you like | 1,048,575 on a sheet, then another sheet |
| formulas | an apostrophe before what a spreadsheet would run (below) | not needed: types are written, not guessed |
| beside the rows | nothing | a sheet that says when it was made, by which filters, what columns mean |

A spreadsheet runs text that begins with = + - or @ (also in full width), or with a control character before them.
Of several products or reasons a cell names all, with a semicolon between them. Control characters are left out of CSV.
The order of the columns stays as it is, and a new one comes at the end.

A million claims take no more memory than ten; `make bench ARGS=exports` measures how long they take.
"""

PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands,
    "cli.md": command_line,
    "lifecycle.md": life,
    "metrics.md": metrics,
    "export.md": export,
}


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
