"""What is in an export, as statements: what was looked for, column by column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from models.exporting.columns import Column, Kind, Setting

# What a spreadsheet takes for a formula, by the first character: = + - @, the same in full width, and what is no
# character to see (OWASP, "CSV Injection").
_STARTS = [ord(char) for char in "=+-@＝＋－＠"]
_MARK = "'"


def defused(text: str) -> str:
    """Text for a cell of a CSV file, with an apostrophe before it where a spreadsheet would run it."""
    return f"{_MARK}{text}" if _dangerous(text[:1]) else text


def undefused(cell: str) -> str:
    """A cell of a CSV export as the text was: without the apostrophe that keeps it from being run."""
    return cell[1:] if cell.startswith(_MARK) and _dangerous(cell[1:2]) else cell


def _dangerous(first: str) -> bool:
    return first != "" and (ord(first) in _STARTS or 1 <= ord(first) <= 31)


@dataclass(frozen=True)
class Extract:
    """What goes into a file: the rows that ``found`` selects, in its order (what it selects of them is no matter).

    Args:
        name: what the rows are, such as “Claims”.
        fields: the columns with their values, in their order.
        beside: joins what the values need beside what ``found`` selects from.
    """

    name: str
    found: Select[Any]
    setting: Setting
    fields: Sequence[tuple[Column, ColumnElement[Any]]]
    beside: Callable[[Select[Any]], Select[Any]] = lambda query: query

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, in their order."""
        return tuple(column for column, _ in self.fields)

    def count(self, session: Session) -> int:
        """How many rows these are."""
        rows = self.found.with_only_columns(literal(1), maintain_column_froms=True).order_by(None).subquery()
        return session.scalar(select(func.count()).select_from(rows)) or 0

    def rows(self) -> Select[Any]:
        """The values, typed; a moment as clocks of the programme's zone show it, without zone."""
        return self._select(lambda column, value: self._local(value) if column.kind is Kind.MOMENT else value)

    def texts(self, *, defused: bool = True) -> Select[Any]:
        """The values, as COPY writes them under the programme's time zone; ``defused``: no cell can be a formula."""
        seconds = self._select(lambda column, value: _whole_seconds(value) if column.kind is Kind.MOMENT else value)
        if not defused:
            return seconds
        # OFFSET 0: PostgreSQL must not put the inner expressions, some of which are costly, wherever they are named.
        inner = seconds.offset(0).subquery("exported")
        kinds = (column.kind for column in self.columns)
        return select(
            *(
                _defused(value).label(value.key) if kind is Kind.TEXT else value
                for kind, value in zip(kinds, inner.c, strict=True)
            )
        )

    def _select(self, write: Any) -> Select[Any]:
        values = [write(column, value).label(f"c{number}") for number, (column, value) in enumerate(self.fields)]
        return self.beside(self.found.with_only_columns(*values, maintain_column_froms=True))

    def _local(self, moment: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.timezone(self.setting.timezone, moment)


def _whole_seconds(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.date_trunc("second", moment)


def _defused(value: ColumnElement[Any]) -> ColumnElement[str]:
    """Text with an apostrophe before it where a spreadsheet would run it; `undefused` takes it off again."""
    first = func.ascii(value)
    return case((or_(first.between(1, 31), first.in_(_STARTS)), literal(_MARK, Text) + cast(value, Text)), else_=value)
