"""For how long data is kept."""

from __future__ import annotations

from datetime import datetime

from rules.operators import months_later


def kept_from(now: datetime, months: int) -> datetime:
    """The moment since which everything is kept, where it is kept for so many calendar months.

    31 March less a month is the last day of February, as everywhere in the rules.
    """
    return datetime.combine(months_later(now.date(), -months), now.timetz())
