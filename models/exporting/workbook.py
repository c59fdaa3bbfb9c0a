"""An export as an Excel workbook: dates are dates, numbers are numbers, and nothing is ever a formula or a link."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from models.exporting.columns import Column, Kind
from models.exporting.source import Extract

# Excel's own limit is 1,048,576 rows, and the first holds the headings.
ROWS_OF_A_SHEET = 1_048_575
_AT_ONCE = 1_000

Writer = Callable[[int, int, Any], object]


def write_workbook(
    session: Session,
    extract: Extract,
    path: Path,
    about: Sequence[tuple[str, str]],
    moved: Callable[[int], object],
    *,
    rows_of_a_sheet: int = ROWS_OF_A_SHEET,
) -> int:
    """Write the whole export; memory stays flat, on the disk it takes some room beside ``path``. How many rows.

    Args:
        about: what else people should know of the file, with a label each; on a sheet of its own behind the others.
        moved: called now and then with the number of rows that are written.
        rows_of_a_sheet: what does not fit goes on on another sheet.
    """
    count = 0
    # Without constant_memory every cell would be held until the end. The other options are belt and braces: cells are
    # written by their column's type, never by what they look like.
    options = {
        "constant_memory": True,
        "tmpdir": str(path.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(str(path), options) as book:
        book.use_zip64()  # a million claims are more than 4 GB before they are packed
        sheets = _Sheets(book, extract)
        for rows in _parts(session, extract):
            count = sheets.write(rows, count, rows_of_a_sheet)
            moved(count)
        sheets.finish()
        _tell(book, [*about, ("Rows", f"{count:,}")])
    return count


def _parts(session: Session, extract: Extract) -> Iterator[Sequence[Sequence[Any]]]:
    session.execute(text("SET LOCAL statement_timeout = 0"))
    # A cursor is planned for its first rows unless it is said that all of them are wanted.
    session.execute(select(func.set_config("cursor_tuple_fraction", "1", True)))
    result = session.connection().execute(extract.rows(), execution_options={"yield_per": _AT_ONCE})
    yield from result.partitions()


class _Sheets:
    """The sheets with what was found: the first is there even when there is nothing."""

    def __init__(self, book: Workbook, extract: Extract) -> None:
        self._book = book
        self._name = extract.name
        self._columns = extract.columns
        self._timezone = extract.setting.timezone
        self._bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._formats = {
            Kind.DAY: book.add_format({"num_format": "yyyy-mm-dd"}),
            Kind.MOMENT: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        self._number = 0
        self._rows = 0
        self._begin()

    def write(self, rows: Sequence[Sequence[Any]], count: int, most: int) -> int:
        """Write some more, of which ``count`` precede; how many that makes."""
        for row in rows:
            if self._rows == most:
                self.finish()
                self._begin()
            self._rows += 1
            number = self._rows
            for place, (value, write) in enumerate(zip(row, self._writers, strict=True)):
                if value is not None:
                    write(number, place, value)
        return count + len(rows)

    def finish(self) -> None:
        """The present sheet has all its rows."""
        self._sheet.autofilter(0, 0, max(self._rows, 1), len(self._columns) - 1)

    def _begin(self) -> None:
        self._number += 1
        self._rows = 0
        sheet = self._book.add_worksheet(self._name if self._number == 1 else f"{self._name} {self._number}")
        sheet.freeze_panes(1, 1)
        for place, column in enumerate(self._columns):
            sheet.set_column(place, place, column.width)
            zone = f" ({self._timezone})" if column.kind is Kind.MOMENT else ""
            sheet.write_string(0, place, column.heading + zone, self._bold)
        self._sheet = sheet
        self._writers = [self._writer(sheet, column) for column in self._columns]

    def _writer(self, sheet: Worksheet, column: Column) -> Writer:
        if column.kind is Kind.NUMBER:
            number: Writer = sheet.write_number
            return number
        if column.kind in self._formats:
            form = self._formats[column.kind]
            dated: Callable[..., object] = sheet.write_datetime
            return lambda row, place, value: dated(row, place, value, form)
        text: Writer = sheet.write_string
        return text


def _tell(book: Workbook, about: Sequence[tuple[str, str]]) -> None:
    sheet = book.add_worksheet("About this file")
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    for row, (label, value) in enumerate(about):
        sheet.write_string(row, 0, label, bold)
        sheet.write_string(row, 1, value)
