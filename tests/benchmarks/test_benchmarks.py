"""Benchmarks run; what they measure is for people to read."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from benchmarks import endurance
from benchmarks.__main__ import ALL
from benchmarks.results import Figure, Result, show

TINY: dict[str, dict[str, Any]] = {
    "acks": {"claims": 2, "requests": 4, "users": (1, 2)},
    "audit": {"rows": 20, "operations": 2},
    "deliveries": {"messages": 8, "channels": 4, "threads": 2},
    "exports": {"claims": 40, "rounds": 1},
    "finding": {"small": 400, "large": 800, "rounds": 1, "depth": 300},
    "home": {"small": 400, "large": 800, "rounds": 1},
    "figures": {"claims": 800, "rounds": 1},
    "rules": {"claims": 50, "rules": 5},
    "simulate": {"claims": 30},
    "sweeps": {"small": 20, "large": 40, "due": 6, "over": 3},
}


@pytest.mark.parametrize("name", ALL)
def test_a_benchmark_runs_on_a_tiny_size_and_measures_each_figure_against_its_baseline(name: str):
    result = ALL[name](**TINY[name])
    assert result.figures
    for figure in result.figures:
        assert figure.value > 0, figure
        assert figure.baseline is not None, figure
        assert figure.baseline > 0, figure


@pytest.mark.slow
def test_replicas_are_tried_under_a_steady_load():
    result = endurance.run(claims=400, seconds=2, rate=40, replicas=1, talked_about=1, due=3)
    assert [figure.name for figure in result.figures if figure.target == "0" and not figure.met] == []
    assert next(figure.value for figure in result.figures if figure.name == "comments confirmed") == 1


def test_a_result_is_printed_with_its_ratio_and_with_what_was_wanted():
    figures = (Figure("p99", 30.0, "ms", 10.0, "< 20 ms", False), Figure("size", 1234.5, "kB"))
    console = Console(width=120, record=True, file=StringIO())
    show(Result("title", "about", figures), console)
    printed = console.export_text()
    for expected in ("30.0 ms", "10.0 ms", "3.00", "< 20 ms: missed", "1,234 kB"):
        assert expected in printed
