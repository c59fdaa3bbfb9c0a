"""How fast claims become a file, beside PostgreSQL's own COPY and XlsxWriter's bare loop; and how much memory it takes.

With as many claims as one likes: ``python -m benchmarks.exports 1000000``. A workbook of a million takes some minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import psutil
from rich.console import Console
from sqlalchemy.orm import Session
from xlsxwriter import Workbook

from benchmarks.results import Figure, Result, show
from benchmarks.simulate import claims_of_partners
from models.exporting.columns import Column, Kind
from models.exporting.csv_copy import copied, write_csv
from models.exporting.source import Extract
from models.exporting.subjects import extract_of
from models.exporting.workbook import ROWS_OF_A_SHEET, write_workbook
from rules.permissions import CLOCK

LARGEST_RATIO_CSV, LARGEST_RATIO_XLSX = 1.5, 1.2
MOST_MEGABYTES = 150
_SAMPLE = 2_000  # rows that the bare loop writes again and again, so that it waits for no database


def run(*, claims: int = 20_000, rounds: int = 3) -> Result:
    """Measure with so many claims, each with a proof; the best of so many rounds counts, ours and theirs in turns."""
    with claims_of_partners(claims) as memory, TemporaryDirectory() as folder, memory.database.transaction() as session:
        extract = extract_of(session, memory, CLOCK, "")
        peaks = {"csv": [_resident()], "xlsx": [_resident()]}
        text, book = Path(folder) / "claims.csv", Path(folder) / "claims.xlsx"

        def csv() -> None:
            with text.open("wb", buffering=1 << 20) as file:
                write_csv(session, extract, file, lambda done: peaks["csv"].append(_resident()))

        def xlsx() -> None:
            write_workbook(session, extract, book, [], lambda done: peaks["xlsx"].append(_resident()))

        sample = session.execute(extract.rows().limit(_SAMPLE)).all()
        ours, theirs = _in_turns(rounds, csv, lambda: _copy(session, extract, text))
        bound, bare = _in_turns(rounds, xlsx, lambda: _loop(extract.columns, sample, claims, book))
        figures = (
            _speed("CSV", claims, ours, theirs, LARGEST_RATIO_CSV),
            _speed("XLSX", claims, bound, bare, LARGEST_RATIO_XLSX),
            _memory("CSV", peaks["csv"]),
            _memory("XLSX", peaks["xlsx"]),
        )
    about = (
        f"{claims:,} claims of {len(extract.columns)} columns; the baseline is COPY TO STDOUT of the same query, not "
        "defused, XlsxWriter's constant-memory loop over values in memory, or the memory before"
    )
    return Result("exports: claims as a file", about, figures)


def _speed(name: str, claims: int, ours: float, theirs: float, most: float) -> Figure:
    return Figure(f"{name}: {claims:,} claims", ours, "s", theirs, f"ratio <= {most}", ours <= most * theirs)


def _memory(name: str, seen: Sequence[float]) -> Figure:
    peak = max(seen)
    return Figure(f"{name}: memory at most", peak, "MB", seen[0], f"< {MOST_MEGABYTES} MB", peak < MOST_MEGABYTES)


def _in_turns(rounds: int, ours: Callable[[], None], theirs: Callable[[], None]) -> tuple[float, float]:
    # Whatever else the machine does befalls both; the best of each is the least disturbed.
    measured = [(_seconds(ours), _seconds(theirs)) for _ in range(rounds)]
    return min(one for one, _ in measured), min(other for _, other in measured)


def _seconds(act: Callable[[], None]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began


def _copy(session: Session, extract: Extract, path: Path) -> None:
    query = extract.texts(defused=False)
    with path.open("wb", buffering=1 << 20) as file, copied(session, query, extract.setting.timezone) as rows:
        for row in rows:
            file.write(row)


def _loop(columns: Sequence[Column], sample: Sequence[Sequence[Any]], count: int, path: Path) -> None:
    with Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)}) as book:
        book.use_zip64()
        dates = {
            Kind.DAY: book.add_format({"num_format": "yyyy-mm-dd"}),
            Kind.MOMENT: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        sheet = book.add_worksheet()
        formats = [dates.get(column.kind) for column in columns]
        for number, row in enumerate(islice(cycle(sample), min(count, ROWS_OF_A_SHEET))):
            for place, value in enumerate(row):
                if value is None:
                    continue
                if formats[place] is not None:
                    sheet.write_datetime(number, place, value, formats[place])
                elif isinstance(value, str):
                    sheet.write_string(number, place, value)
                else:
                    sheet.write_number(number, place, value)


def _resident() -> float:
    return float(psutil.Process().memory_info().rss) / 1_048_576


def main() -> None:
    """Measure with a number of claims of one's own, once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exports", description=__doc__)
    parser.add_argument("claims", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    show(run(claims=given.claims, rounds=given.rounds), Console())


if __name__ == "__main__":
    main()
