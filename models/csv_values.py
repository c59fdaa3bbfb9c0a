"""How the cells of a CSV file are read. Each raises ValueError with the end of a sentence that begins with the column.

Strict where a guess could be wrong: a number is never taken for another one because of where its commas stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from models.tables import claim_id
from rules import formats
from rules.fields import printable

_SHOWN = 60


def text(longest: int = 200) -> Callable[[str], str]:
    """Text of at most so many characters; what cannot be printed is taken out of it."""

    def read(cell: str) -> str:
        kept = printable(cell)
        if len(kept) > longest:
            raise ValueError(f"may have {longest} characters; it has {len(kept)}.")
        if not kept:
            raise ValueError("is empty.")
        return kept

    return read


def guid(cell: str) -> str:
    """A GUID, in small letters."""
    bare = cell.strip("{}")
    if not formats.is_guid(bare):
        raise ValueError(f"must be an id such as 8f2c1a54-7d3e-4b19-9c55-0a6e2f7b1d48; it is {_quoted(cell)}.")
    return bare.lower()


def mpn(cell: str) -> str:
    """The id of a partner location."""
    if not re.fullmatch(r"[0-9]{1,18}", cell):
        raise ValueError(f"must be a partner location's number, such as 4711001; it is {_quoted(cell)}.")
    return cell


def claim(cell: str) -> int:
    """The identity of the claim with this number."""
    identity = claim_id(cell)
    if identity is None:
        raise ValueError(f"must be a claim's number, such as CL-000123; it is {_quoted(cell)}.")
    return identity


def count(cell: str) -> int:
    """A whole number, 0 or more."""
    if not re.fullmatch(r"[0-9]{1,12}(\.0+)?", cell):  # some programs write every number with a point
        raise ValueError(f"must be a whole number, such as 1250, without separators; it is {_quoted(cell)}.")
    return int(cell.partition(".")[0])


def amount(cell: str) -> Decimal:
    """An amount of money, with a point or a comma before its decimals."""
    # “1,234” is a thousand to some, and a little more than one to others.
    if not re.fullmatch(r"-?[0-9]{1,13}(\.[0-9]{1,10}|,[0-9]{1,2}|,[0-9]{4})?", cell):
        raise ValueError(f"must be an amount such as 1234.50, without separators of thousands; it is {_quoted(cell)}.")
    return Decimal(cell.replace(",", "."))


def day(cell: str) -> date:
    """A day, year first; a time behind it is left out."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:[T ]\d\d:\d\d.*)?", cell, re.ASCII)
    try:
        return date.fromisoformat(found[1] if found else "")
    except ValueError:
        raise ValueError(f"must be a day such as 2026-10-01; it is {_quoted(cell)}.") from None


def month(cell: str) -> date:
    """A month, by its first day or without one."""
    if re.fullmatch(r"\d{4}-\d\d", cell, re.ASCII):
        cell += "-01"
    try:
        first = day(cell)
    except ValueError:
        first = None
    if first is None or first.day != 1:
        raise ValueError(f"must be the first day of a month, such as 2026-10-01; it is {_quoted(cell)}.")
    return first


def currency(cell: str) -> str:
    """A currency by its three letters (ISO 4217)."""
    if not re.fullmatch(r"[A-Za-z]{3}", cell):
        raise ValueError(f"must be three letters, such as EUR; it is {_quoted(cell)}.")
    return cell.upper()


def _quoted(cell: str) -> str:
    shown = printable(cell)
    return f"“{shown[:_SHOWN]}…”" if len(shown) > _SHOWN else f"“{shown}”"
