"""What a benchmark answers with, and how it is printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One measured value, and the same of the baseline where there is one.

    ``target`` says in words what is wanted, and ``met`` whether it is; both only where something is wanted.
    """

    name: str
    value: float
    unit: str
    baseline: float | None = None
    target: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> float | None:
        """The value as a multiple of the baseline."""
        return self.value / self.baseline if self.baseline else None


@dataclass(frozen=True)
class Result:
    """All figures of one benchmark; ``about`` says what was measured against what."""

    title: str
    about: str
    figures: tuple[Figure, ...]


def show(result: Result, console: Console) -> None:
    """Print a table: figure, value, baseline, ratio, target."""
    table = Table(title=result.title, title_justify="left", caption=result.about, caption_justify="left")
    table.add_column("figure")
    for heading in ("value", "baseline", "ratio"):
        table.add_column(heading, justify="right")
    table.add_column("target")
    for figure in result.figures:
        table.add_row(*_cells(figure))
    console.print(table)


def _cells(figure: Figure) -> Iterable[str]:
    yield figure.name
    yield f"{_round(figure.value)} {figure.unit}"
    yield f"{_round(figure.baseline)} {figure.unit}" if figure.baseline is not None else ""
    yield f"{figure.ratio:.2f}" if figure.ratio is not None else ""
    yield f"{figure.target}: {'met' if figure.met else 'missed'}" if figure.target else ""


def _round(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
