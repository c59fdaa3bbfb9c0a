"""Periods are read as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from rules.periods import period

TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("", date(2026, 8, 21), TODAY),
        (" Last  30 days ", date(2026, 10, 20), TODAY),
        ("1 day", TODAY, TODAY),
        ("7d", date(2026, 11, 12), TODAY),
        ("2026-10", date(2026, 10, 1), date(2026, 10, 31)),
        ("2025-12", date(2025, 12, 1), date(2025, 12, 31)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
    ],
)
def test_a_period_has_its_first_and_last_day(written: str, first: date, last: date):
    found = period(written, TODAY)
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize("written", ["0 days", "9999 days", "2026-13", "2026-12", "2027", "1999", "october", "٣ days"])
def test_anything_else_is_refused_with_what_can_be_written(written: str):
    with pytest.raises(ValueError, match="last 30 days"):
        period(written, TODAY)
