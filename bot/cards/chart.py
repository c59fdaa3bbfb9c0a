"""Figures as a picture and as numbers: one table of them, from which the chart, the table and the text are made.

A chart is never alone: its numbers stand in a table beside it, and in the text that screen readers read. Where a
workspace does not know the newer blocks yet, bars made of characters take the chart's place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Literal

from bot.cards.text import Block, cut, words

# Slack's limits: reference/slack.md 1.3.
TITLE, LABEL, AXIS = 50, 20, 50
SERIES, CATEGORIES = 6, 20
_BAR = 20
_BLOCKS = " ▏▎▍▌▋▊▉█"
_LEVELS = "▁▂▃▄▅▆▇█"

Number = int | float


@dataclass(frozen=True)
class Series:
    """A row of figures with a name; None where there is no figure."""

    name: str
    values: Sequence[Number | None]


@dataclass(frozen=True)
class Figures:
    """Figures by category (a month, a status …) and series (a workload …).

    Args:
        rows: what the categories are, such as “Month”: the head of the first column.
        unit: what is counted, for the axis.
        show: how a figure is written.
    """

    title: str
    rows: str
    categories: Sequence[str]
    series: Sequence[Series]
    unit: str
    kind: Literal["line", "bar"] = "bar"
    show: Callable[[Number], str] = "{:,}".format

    def cells(self) -> list[list[str]]:
        """The table as text, with its head; a dash where there is no figure."""
        head = [self.rows, *(one.name for one in self.series)]
        columns = [[_written(self, value) for value in one.values] for one in self.series]
        return [head, *([name, *row] for name, *row in zip_longest(self.categories, *columns, fillvalue="–"))]


def chart(figures: Figures) -> Block:
    """The picture: at most six series and twenty categories, the last ones."""
    names = _distinct(figures.categories[-CATEGORIES:])
    series = [
        {
            "name": name,
            "data": [
                {"label": label, "value": value or 0}
                for label, value in zip(names, one.values[-CATEGORIES:], strict=True)
            ],
        }
        for name, one in zip(_distinct([one.name for one in figures.series[:SERIES]]), figures.series, strict=False)
    ]
    axes = {"categories": names, "x_label": cut(figures.rows, AXIS), "y_label": cut(figures.unit, AXIS)}
    return {
        "type": "data_visualization",
        "title": cut(figures.title, TITLE),
        "chart": {"type": figures.kind, "series": series, "axis_config": axes},
    }


def table(rows: Sequence[Sequence[str]], wordy: Collection[str] = ()) -> Block:
    """A table with its head in the first row; figures stand on the right, all but the first column and ``wordy``."""
    left = {rows[0][0], *wordy}
    settings: list[dict[str, Any]] = [{"align": "left" if name in left else "right"} for name in rows[0]]
    cells = [[{"type": "raw_text", "text": cell or " "} for cell in row] for row in rows]
    return {"type": "table", "rows": cells, "column_settings": settings}


def drawn(figures: Figures) -> Block:
    """The picture made of characters: a line for each series over time, or a bar for each category."""
    if figures.kind == "line":
        rows = [f"{cut(one.name, LABEL):<{LABEL}} {_spark(one.values)}" for one in figures.series]
    else:
        largest = max((value or 0 for one in figures.series for value in one.values), default=0)
        rows = []
        for name, *values in zip(figures.categories, *(one.values for one in figures.series), strict=True):
            for number, value in enumerate(values):
                label = cut(name, LABEL) if not number else ""
                rows.append(f"{label:<{LABEL}} {_bar(value or 0, largest)} {_written(figures, value)}")
    return preformatted("\n".join([figures.title, *rows]))


def listed_cells(rows: Sequence[Sequence[str]]) -> Block:
    """The table made of characters, for where there are no tables."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    written = []
    for first, *rest in rows:
        figures = (f"{cell:>{width}}" for cell, width in zip(rest, widths[1:], strict=True))
        written.append("  ".join([f"{first:<{widths[0]}}", *figures]))
    return preformatted("\n".join(written))


def preformatted(text: str) -> Block:
    """Text in letters of one width."""
    element = {"type": "rich_text_preformatted", "elements": [words(text)]}
    return {"type": "rich_text", "elements": [element]}


def spoken(rows: Sequence[Sequence[str]]) -> str:
    """The table in words, for screen readers and notifications."""
    head, *body = rows
    said = []
    for name, *values in body:
        pairs = ", ".join(f"{what} {value}" for what, value in zip(head[1:], values, strict=True))
        said.append(f"{name}: {pairs}.")
    return " ".join(said)


def _written(figures: Figures, value: Number | None) -> str:
    return "–" if value is None else figures.show(value)


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, short enough for a label, and none of them twice."""
    seen: dict[str, int] = {}
    short = []
    for name in names:
        label = cut(name, LABEL)
        seen[label] = seen.get(label, 0) + 1
        short.append(label if seen[label] == 1 else f"{cut(name, LABEL - 3)} {seen[label]}")
    return short


def _bar(value: Number, largest: Number) -> str:
    eighths = round(value / largest * _BAR * 8) if largest else 0
    whole, part = divmod(eighths, 8)
    return (_BLOCKS[8] * whole + (_BLOCKS[part] if part else "")) or _BLOCKS[1]


def _spark(values: Sequence[Number | None]) -> str:
    largest = max((value or 0 for value in values), default=0)
    top = len(_LEVELS) - 1
    return "".join(
        " " if value is None else _LEVELS[round(value / largest * top) if largest else 0] for value in values
    )
