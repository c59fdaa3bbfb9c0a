"""The geometry of a `data_visualization` block: where its marks stand. The template draws them as SVG."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sandbox.objects import Json

WIDTH, HEIGHT = 600, 280
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 10, 34
LETTER = 6.2  # about how wide a letter of a label is
TICKS = 5
RADIUS = 110
# From this share of the circle on, one arc cannot be drawn as an arc.
WHOLE = 0.9999


@dataclass(frozen=True)
class Mark:
    """One shape: `kind` is rect, path, line or dot; `hue` the series' or segment's colour; `title` says what it is."""

    kind: str
    hue: int
    title: str = ""
    d: str = ""
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0


@dataclass(frozen=True)
class Chart:
    """A drawn chart; `table` holds the same numbers as rows under `head`."""

    kind: str
    head: list[str]
    table: list[list[str]]
    legend: list[str]
    marks: list[Mark]
    ticks: list[tuple[float, str]] = field(default_factory=list)
    labels: list[tuple[float, str]] = field(default_factory=list)
    x_label: str = ""
    y_label: str = ""


def number_text(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def chart_of(content: Json) -> Chart:
    return _pie(content) if content.get("type") == "pie" else _plot(content)


def _pie(content: Json) -> Chart:
    segments = [(str(one["label"]), float(one["value"])) for one in content["segments"]]
    total = sum(value for _, value in segments) or 1.0
    shares = [f"{number_text(value / total * 100)} %" for _, value in segments]
    marks, done = [], 0.0
    for hue, ((label, value), share) in enumerate(zip(segments, shares, strict=True)):
        path = _slice(done / total, (done + value) / total)
        marks.append(Mark("path", hue, f"{label}: {number_text(value)} ({share})", path))
        done += value
    rows = [[label, number_text(value), share] for (label, value), share in zip(segments, shares, strict=True)]
    legend = [f"{label} · {share}" for (label, _), share in zip(segments, shares, strict=True)]
    return Chart("pie", ["", "Value", "Share"], rows, legend, marks)


def _slice(start: float, end: float) -> str:
    """The path of a segment between two shares of the circle, clockwise from the top."""
    cx, cy = WIDTH / 2, HEIGHT / 2

    def at(share: float) -> str:
        angle = 2 * math.pi * share
        return f"{cx + RADIUS * math.sin(angle):.1f} {cy - RADIUS * math.cos(angle):.1f}"

    arc = f"A {RADIUS} {RADIUS} 0"
    if end - start > WHOLE:
        return f"M {at(0)} {arc} 1 1 {at(0.5)} {arc} 1 1 {at(0)} Z"
    return f"M {cx} {cy} L {at(start)} {arc} {int(end - start > 0.5)} 1 {at(end)} Z"


def _steps(low: float, high: float) -> list[float]:
    """Round numbers from at or under `low` to at or over `high`."""
    rough = (high - low or 1.0) / (TICKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    first = math.floor(low / step)
    return [number * step for number in range(first, math.ceil(high / step - 1e-9) + 1)]


def _plot(content: Json) -> Chart:
    axes = content["axis_config"]
    categories = [str(one) for one in axes["categories"]]
    series = [(str(one["name"]), [float(point["value"]) for point in one["data"]]) for one in content["series"]]
    every = [value for _, values in series for value in values]
    steps = _steps(min(0.0, *every), max(0.0, *every))
    low, high = steps[0], steps[-1] if len(steps) > 1 else steps[0] + 1
    band = (WIDTH - LEFT - RIGHT) / len(categories)

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low), 1)

    def middle(index: int) -> float:
        return round(LEFT + band * (index + 0.5), 1)

    titles = [
        [f"{name}, {one}: {number_text(v)}" for one, v in zip(categories, vs, strict=True)] for name, vs in series
    ]
    marks: list[Mark] = []
    for hue, (name, values) in enumerate(series):
        if content["type"] == "bar":
            marks += _bars(hue, len(series), values, titles[hue], band, y)
        else:
            points = [(middle(index), y(value)) for index, value in enumerate(values)]
            marks += _line(hue, name, points, titles[hue], y(0) if content["type"] == "area" else None)
    every_nth = math.ceil(max(map(len, categories)) * LETTER / (band - 4)) if band > 4 else len(categories)
    rows = [[one, *(number_text(values[index]) for _, values in series)] for index, one in enumerate(categories)]
    names = [name for name, _ in series]
    return Chart(
        kind=str(content["type"]),
        head=[str(axes.get("x_label") or ""), *names],
        table=rows,
        legend=names,
        marks=marks,
        ticks=[(y(step), number_text(step)) for step in steps],
        labels=[(middle(index), one) for index, one in enumerate(categories) if index % every_nth == 0],
        x_label=str(axes.get("x_label") or ""),
        y_label=str(axes.get("y_label") or ""),
    )


def _bars(
    hue: int, count: int, values: list[float], titles: list[str], band: float, y: Callable[[float], float]
) -> Iterator[Mark]:
    width = band * 0.7 / count
    for index, (value, title) in enumerate(zip(values, titles, strict=True)):
        x = LEFT + band * (index + 0.15) + width * hue
        top, bottom = sorted((y(value), y(0)))
        yield Mark("rect", hue, title, x=round(x, 1), y=top, width=round(width - 1, 1), height=round(bottom - top, 1))


def _line(
    hue: int, name: str, points: list[tuple[float, float]], titles: list[str], ground: float | None
) -> Iterator[Mark]:
    path = "M " + " L ".join(f"{x} {y}" for x, y in points)
    if ground is not None:
        yield Mark("path", hue, name, f"{path} L {points[-1][0]} {ground} L {points[0][0]} {ground} Z")
    yield Mark("line", hue, name, path)
    for (x, y), title in zip(points, titles, strict=True):
        yield Mark("dot", hue, title, x=x, y=y)
