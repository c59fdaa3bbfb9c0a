"""Periods of whole days, as people write them: “last 30 days”, “2026-10”, “2026”."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

DEFAULT_DAYS, MOST_DAYS = 90, 3660


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to `last`, both included; `name` is what it is called."""

    first: date
    last: date
    name: str


def period(written: str, today: date) -> Period:
    """The period that is meant; the last 90 days for nothing. Today is the last day of “last …”.

    Raises:
        ValueError: it is none of the three, or lies wholly in the future; says what can be written.
    """
    text = " ".join(written.lower().split())
    if not text:
        return _last(DEFAULT_DAYS, today)
    if (found := re.fullmatch(r"(?:last )?(\d{1,4}) ?(?:days?|d)", text, re.ASCII)) is not None:
        days = int(found[1])
        if 1 <= days <= MOST_DAYS:
            return _last(days, today)
    elif (found := re.fullmatch(r"(\d{4})(?:-(\d\d))?", text, re.ASCII)) is not None:
        year, month = int(found[1]), int(found[2] or 1)
        if 2000 <= year <= today.year and 1 <= month <= 12 and (first := date(year, month, 1)) <= today:
            following = date(year + month // 12, month % 12 + 1, 1) if found[2] else date(year + 1, 1, 1)
            name = f"{first:%B %Y}" if found[2] else str(year)
            return Period(first, following - timedelta(days=1), name)
    raise ValueError("Write a period as “last 30 days”, “2026-10” or “2026”. Without one it is the last 90 days.")


def _last(days: int, today: date) -> Period:
    return Period(today - timedelta(days=days - 1), today, f"the last {days} days" if days > 1 else "today")
