"""Run the benchmarks that are named, or all: `python -m benchmarks [name …]`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from rich.console import Console

from benchmarks import acks, audit, deliveries, exports, figures, finding, home, rules, simulate, sweeps
from benchmarks.results import Result, show
from bot.logs import configure_logging

ALL: dict[str, Callable[..., Result]] = {
    "acks": acks.run,
    "audit": audit.run,
    "deliveries": deliveries.run,
    "exports": exports.run,
    "figures": figures.run,
    "finding": finding.run,
    "home": home.run,
    "rules": rules.run,
    "simulate": simulate.run,
    "sweeps": sweeps.run,
}


def main() -> None:
    """Nothing is asserted here: figures depend on the machine, so they are read, not tested."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure how fast claimbot is.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(ALL)}; none: all of them")
    names = parser.parse_args().names
    if unknown := set(names) - set(ALL):
        parser.error(f"There is no benchmark {', '.join(sorted(unknown))}. There are: {', '.join(ALL)}")
    configure_logging("WARNING")
    console = Console()
    for name in names or ALL:
        show(ALL[name](), console)


if __name__ == "__main__":
    main()
