"""One export, made: what a person may see of what they look for, as a file in the format that they want."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from sqlalchemy.orm import Session

from models.exporting.csv_copy import write_csv
from models.exporting.source import Extract
from models.exporting.subjects import Subject
from models.exporting.workbook import write_workbook
from models.memory import Memory

Moved = Callable[[int, int], object]


class Format(StrEnum):
    """What an export can be; the values are also the endings of its file's name."""

    CSV = "csv"
    XLSX = "xlsx"


def make(session: Session, memory: Memory, extract: Extract, words: str, form: Format, path: Path, moved: Moved) -> int:
    """Write the export to ``path``; how many rows are in it. Memory stays flat, however many they are.

    Args:
        words: the filters, for the sheet that tells about the file.
        moved: called now and then with how many rows are written, of how many.
    """
    total = extract.count(session)
    moved(0, total)
    if form is Format.XLSX:
        return write_workbook(session, extract, path, _about(memory, extract, words), lambda done: moved(done, total))
    with path.open("wb", buffering=1 << 20) as file:
        return write_csv(session, extract, file, lambda done: moved(done, total))


def file_name(session: Session, memory: Memory, subject: Subject, form: Format) -> str:
    """Such as ``claims-2026-11-18.csv``: the day in the programme's zone."""
    today = memory.calendar(session).local_day(memory.clock())
    return f"{subject}-{today.isoformat()}.{form}"


def _about(memory: Memory, extract: Extract, words: str) -> list[tuple[str, str]]:
    timezone = extract.setting.timezone
    made = memory.clock().astimezone(extract.setting.zone)
    return [
        ("Made on", f"{made:%Y-%m-%d %H:%M}"),
        ("Time zone of all times", timezone),
        ("Filters", words or "none"),
        *((f"Column: {column.heading}", column.meaning) for column in extract.columns),
    ]
