"""An export as CSV, written by PostgreSQL itself: COPY takes a fraction of the time that reading rows takes."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from io import StringIO
from typing import Any, BinaryIO

from psycopg import ClientCursor, Copy
from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from models.exporting.source import Extract

# By this mark Excel knows that a file is UTF-8.
BOM = b"\xef\xbb\xbf"
EVERY = 1_000
# Control characters, of which none belongs in a file of text but tab and line ends.
_CONTROLS = bytes(sorted({*range(32), 127} - {9, 10, 13}))


def write_csv(session: Session, extract: Extract, file: BinaryIO, moved: Callable[[int], object]) -> int:
    """Write the whole export; memory stays flat. How many rows are in it.

    Args:
        session: in a transaction, whose time zone is the programme's from now on.
        moved: called now and then with the number of rows that are written.
    """
    file.write(BOM + _head([column.heading for column in extract.columns]))
    count = 0
    with copied(session, extract.texts(), extract.setting.timezone) as rows:
        for row in rows:  # the server sends one at a time
            file.write(bytes(row).translate(None, _CONTROLS))
            count += 1
            if count % EVERY == 0:
                moved(count)
    moved(count)
    return count


@contextmanager
def copied(session: Session, query: Select[Any], timezone: str) -> Iterator[Copy]:
    """The rows of a query as PostgreSQL's COPY writes them in CSV, moments in this zone."""
    session.execute(select(func.set_config("TimeZone", timezone, True)))
    session.execute(text("SET LOCAL statement_timeout = 0"))  # it takes as long as it takes; nobody's row is held
    connection = session.connection()
    compiled = query.compile(connection.engine, compile_kwargs={"render_postcompile": True})
    # COPY takes no parameters from the server's side, so psycopg writes them into the statement, quoted.
    values = {name: one.value if isinstance(one, Enum) else one for name, one in compiled.construct_params().items()}
    driver: Any = connection.connection.driver_connection
    with ClientCursor(driver) as cursor, cursor.copy(f"COPY ({compiled}) TO STDOUT (FORMAT csv)", values) as rows:
        yield rows


def _head(headings: list[str]) -> bytes:
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow(headings)
    return line.getvalue().encode()
