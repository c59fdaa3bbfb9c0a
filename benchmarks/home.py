"""How long it takes to draw App Home, among ten thousand claims and among many.

With a million: ``python -m benchmarks.home 1000000`` (some minutes, most of which go into making the claims).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from time import perf_counter
from types import MappingProxyType
from typing import Any

from rich.console import Console
from slack_sdk import WebClient

from benchmarks.finding import PARTNER, REVIEWER, with_claims
from benchmarks.results import Figure, Result, show
from bot.conversations.home import home_view
from bot.desk import Desk
from bot.web import Metrics
from bot.workspaces import Workspaces
from models.answers import Who
from models.memory import Memory

LARGEST_RATIO = 1.5
# Who looks, and what they chose.
CASES: Mapping[str, tuple[Who, Mapping[str, Any]]] = MappingProxyType(
    {
        "partner": (PARTNER, {}),
        "partner: searched": (PARTNER, {"words": "fabrikam"}),
        "reviewer: queue": (REVIEWER, {}),
        "reviewer: mine": (REVIEWER, {"tab": "MINE"}),
        "reviewer: competing": (REVIEWER, {"tab": "COMPETING"}),
        "reviewer: all claims": (REVIEWER, {"tab": "ALL"}),
        "reviewer: all claims by customer": (REVIEWER, {"tab": "ALL", "sort": "customer"}),
    }
)


def run(*, small: int = 10_000, large: int = 100_000, rounds: int = 60) -> Result:
    """Measure.

    Args:
        small: so many claims in the baseline.
        large: so many claims.
        rounds: how often each Home is drawn of each, in turns.
    """
    with with_claims(small) as few, with_claims(large) as many:
        desks = [_desk(memory) for memory in (few, many)]
        figures = [figure for name, case in CASES.items() for figure in _figures(name, *case, desks, rounds)]
    about = f"among {large:,} claims; the baseline is among {small:,}; {rounds} times each, in turns"
    return Result("home: a drawing of App Home", about, tuple(figures))


def _figures(name: str, who: Who, choice: Mapping[str, Any], desks: Sequence[Desk], rounds: int) -> Iterator[Figure]:
    times: list[list[float]] = [[] for _ in desks]
    for desk in desks:
        _draw(desk, who, choice)  # statements are compiled
    for _ in range(rounds):
        for desk, taken in zip(desks, times, strict=True):
            taken.append(_draw(desk, who, choice))
    base, found = (sorted(taken) for taken in times)
    for label, share in (("p50", 0.5), ("p99", 0.99)):
        baseline, value = (one[min(len(one) - 1, int(share * len(one)))] * 1000 for one in (base, found))
        wanted = f"ratio <= {LARGEST_RATIO}" if label == "p50" else ""
        met = value <= LARGEST_RATIO * baseline if wanted else None
        yield Figure(f"{name}: {label}", value, "ms", baseline, wanted, met)


def _draw(desk: Desk, who: Who, choice: Mapping[str, Any]) -> float:
    began = perf_counter()
    home_view(desk, who, choice)
    return perf_counter() - began


def _desk(memory: Memory) -> Desk:
    # Nothing is sent: what is measured ends where Slack would be called.
    return Desk(memory, Workspaces(WebClient()), "/claim", lambda: "key", lambda call: None, Metrics())


def main() -> None:
    """Measure with a number of claims of one's own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.home", description=__doc__)
    parser.add_argument("claims", type=int, nargs="?", default=1_000_000)
    show(run(large=parser.parse_args().claims), Console(width=140))


if __name__ == "__main__":
    main()
