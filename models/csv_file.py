"""CSV files as people have them: any usual encoding and delimiter, columns in any order, errors with line numbers.

A file is read once, line by line, and never held whole. What its lines mean is up to whoever reads it: columns say how
a cell becomes a value (`models.csv_values`), and a line with a fault comes with its faults in place of being skipped.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from rules.faults import Fault, ProgrammeError
from rules.fields import printable

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHUNK = 1 << 20
_DELIMITERS = ",;\t|"
_SHOWN = 40
# Most columns hold a few values again and again (products, locations, months): read once, they are known.
_REMEMBERED = 1024


class CsvError(ProgrammeError):
    """The file as a whole cannot be used; `faults` says why."""


@dataclass(frozen=True)
class Column:
    """A column that is looked for by its name, whatever the case of its letters, spaces and underscores.

    Args:
        read: makes the value of a cell that is not empty; raises ValueError with what the cell must be ("must be …").
            The same text is always the same value, which nobody changes: it may be remembered.
        required: the column must be there, and none of its cells may be empty. An empty cell is None otherwise.
        also: other names under which it is known.
    """

    name: str
    read: Callable[[str], Any]
    required: bool = True
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: its values by the names of the columns, or what is wrong with it.

    `line` is where it begins, counted from 1 as editors do; `values` has no entry for a cell that has a fault.
    """

    line: int
    values: Mapping[str, Any]
    faults: tuple[Fault, ...] = ()


class CsvFile:
    """An open CSV file whose head was found to be in order. A context manager: it closes the file.

    `ignored` are the columns that nobody asked for, `encoding` and `delimiter` how the file was read.

    Raises:
        CsvError: the file is empty, no CSV, lacks a column, or cannot be read as text.
        OSError: the file cannot be opened.
    """

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self.name = path.name
        self.size = path.stat().st_size
        self.encoding = _encoding(path)
        self._columns = columns
        self._binary: BinaryIO = path.open("rb")
        try:
            self._text = TextIOWrapper(self._binary, self.encoding, newline="")
            self._first, self.delimiter, head = self._head()
            self._places = self._find(head)
        except BaseException:
            self._binary.close()
            raise
        self._readers = [(one.name, self._places.get(one.name), _reader(one)) for one in columns]
        wanted = set(self._places.values())
        self.ignored = tuple(name for number, name in enumerate(head) if number not in wanted and name)
        self._width = len(head)

    def __enter__(self) -> CsvFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._binary.close()

    @property
    def position(self) -> int:
        """How many bytes of `size` were read."""
        return self._binary.tell()

    def rows(self) -> Iterator[Row]:
        """Every line after the head, once; empty ones are left out.

        Raises:
            CsvError: from this line on the file cannot be read.
        """
        reader = csv.reader(self._text, delimiter=self.delimiter, strict=True)
        line = self._first
        try:
            for cells in reader:
                if "".join(cells).strip():
                    yield self._row(line, cells)
                line = self._first + reader.line_num
        except csv.Error:
            raise self._unusable(
                line, "A quotation mark that opens in this line is not closed as it should be."
            ) from None
        except UnicodeError:
            raise self._unusable(line, "Behind this line is what no text can hold. Save the file as UTF-8.") from None

    def _head(self) -> tuple[int, str, list[str]]:
        """The number of the first line after the head, the delimiter, and the names of the columns."""
        known = {_plain(name) for column in self._columns for name in (column.name, *column.also)}
        told = None
        try:
            for number, text in enumerate(self._text, 1):
                line = text.strip("\r\n")
                if number == 1 and (said := re.fullmatch(r"sep=(.)", line)):  # how Excel notes its delimiter
                    told = said[1]
                elif line.strip(_DELIMITERS + ' "'):
                    heads = {one: next(csv.reader([line], delimiter=one)) for one in told or _DELIMITERS}
                    best = max(heads, key=lambda one: sum(_plain(name) in known for name in heads[one]))
                    return number + 1, best, [printable(name) for name in heads[best]]
        except (UnicodeError, csv.Error):
            raise self._unusable(1, "This is no CSV file. Save it as CSV, in UTF-8.") from None
        raise self._unusable(0, "The file is empty.")

    def _find(self, head: Sequence[str]) -> dict[str, int]:
        """Where each column stands. The faults name all that are missing, or there twice."""
        plain = [_plain(name) for name in head]
        places: dict[str, int] = {}
        faults: list[Fault] = []
        for column in self._columns:
            names = {_plain(name) for name in (column.name, *column.also)}
            found = [number for number, name in enumerate(plain) if name in names]
            if len(found) > 1:
                faults.append(Fault(self.name, self._first - 1, f"The column {column.name} stands here twice."))
            elif found:
                places[column.name] = found[0]
            elif column.required:
                faults.append(Fault(self.name, self._first - 1, f"The column {column.name} is missing."))
        if faults:
            have = ", ".join(name[:_SHOWN] for name in head[:_SHOWN] if name)
            faults.append(Fault(self.name, self._first - 1, f"The columns of the file are: {have}."))
            raise CsvError(faults)
        return places

    def _row(self, line: int, cells: Sequence[str]) -> Row:
        if len(cells) != self._width:
            message = f"This line has {len(cells)} cells, and the head has {self._width}."
            return Row(line, {}, (Fault(self.name, line, message),))
        values: dict[str, Any] = {}
        faults = []
        for name, place, read in self._readers:
            try:
                values[name] = read(cells[place].strip() if place is not None else "")
            except ValueError as error:
                faults.append(Fault(self.name, line, f"{name} {error}"))
        return Row(line, values, tuple(faults))

    def _unusable(self, line: int, message: str) -> CsvError:
        return CsvError([Fault(self.name, line, message)])


def _reader(column: Column) -> Callable[[str], Any]:
    """Reads a cell of the column, also an empty one."""

    def read(text: str) -> Any:
        if text:
            return column.read(text)
        if column.required:
            raise ValueError("is empty.")
        return None

    return lru_cache(_REMEMBERED)(read)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


def _encoding(path: Path) -> str:
    """UTF-8 or UTF-16 by its mark, UTF-8 where the whole file is; else what older Windows programs write."""
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith(b"PK\x03\x04"):
            raise CsvError([Fault(path.name, 0, "This is an Excel workbook. Save it as CSV (UTF-8).")])
        for mark, encoding in _BOMS:
            if start.startswith(mark):
                return encoding
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while start:
                decoder.decode(start)
                start = file.read(_CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"
