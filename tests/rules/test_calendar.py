"""Business days and the ends of limits: against numpy, over clock changes, and in the words of the programme."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendar import BusinessCalendar

COUNTRIES = ["US", "DE", "GB", "PL", "JP", "BR", "IE"]
FIRST, LAST = date(2021, 1, 1), date(2031, 12, 31)
US = BusinessCalendar("US", timezone="America/Los_Angeles")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def moments(first_year: int, last_year: int) -> st.SearchStrategy[datetime]:
    first, last = (utc(year, 1, 1).replace(tzinfo=None) for year in (first_year, last_year))
    return st.datetimes(first, last, timezones=st.just(UTC))


@cache
def calendar_of(country: str) -> BusinessCalendar:
    return BusinessCalendar(country)


@cache
def days_off(country: str) -> list[date]:
    return sorted(holidays.country_holidays(country, years=range(2019, 2034)))


@given(st.sampled_from(COUNTRIES), st.dates(FIRST, LAST), st.integers(1, 60))
def test_the_nth_business_day_is_numpys(country: str, day: date, n: int) -> None:
    expected = numpy.busday_offset(day, n, roll="backward", holidays=days_off(country))
    assert calendar_of(country).add_business_days(day, n) == expected.astype(object)


@given(st.sampled_from(COUNTRIES), st.dates(FIRST, LAST), st.integers(1, 60))
def test_counting_backwards_is_numpys_too(country: str, day: date, n: int) -> None:
    expected = numpy.busday_offset(day, -n, roll="forward", holidays=days_off(country))
    assert calendar_of(country).add_business_days(day, -n) == expected.astype(object)


@pytest.mark.parametrize("country", COUNTRIES)
def test_ten_years_of_business_days_are_numpys(country: str) -> None:
    calendar = calendar_of(country)
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    expected = numpy.is_busday(numpy.array(days, dtype="datetime64[D]"), holidays=days_off(country))
    assert [calendar.is_business_day(day) for day in days] == list(expected)


def test_a_new_year_kept_on_the_last_day_of_the_old_year_is_a_day_off() -> None:
    assert date(2028, 1, 1).isoweekday() == 6
    assert not US.is_business_day(date(2027, 12, 31))


def test_a_week_ends_where_the_country_ends_it() -> None:
    friday, sunday = date(2026, 11, 20), date(2026, 11, 22)
    gulf = BusinessCalendar("SA")
    assert (gulf.is_business_day(friday), gulf.is_business_day(sunday)) == (False, True)


def test_a_subdivision_has_holidays_of_its_own() -> None:
    epiphany = date(2027, 1, 6)
    assert BusinessCalendar("DE").is_business_day(epiphany)
    assert not BusinessCalendar("DE", "BY").is_business_day(epiphany)


def test_a_closing_day_of_the_programme_does_not_count() -> None:
    day = date(2026, 11, 25)
    assert US.is_business_day(day)
    assert not BusinessCalendar("US", closing_days=[day]).is_business_day(day)


def test_day_0_does_not_count_and_the_limit_ends_with_its_last_day() -> None:
    monday_morning = utc(2026, 11, 16, 17)  # 9 o'clock in Los Angeles
    # Tuesday to Friday are four, and the Monday after is the fifth; in Los Angeles it ends at 8 o'clock UTC.
    assert US.due(monday_morning, 5) == utc(2026, 11, 24, 8)
    assert US.last_day(US.due(monday_morning, 5)) == date(2026, 11, 23)


def test_the_day_of_the_start_is_the_programmes_not_that_of_utc() -> None:
    late_on_monday = utc(2026, 11, 17, 7, 59)
    early_on_tuesday = utc(2026, 11, 17, 8)
    assert US.due(early_on_tuesday, 1) - US.due(late_on_monday, 1) == timedelta(days=1)


def test_a_limit_that_starts_on_a_day_off_begins_to_count_with_the_next_business_day() -> None:
    saturday = utc(2026, 11, 21, 20)
    assert US.last_day(US.due(saturday, 1)) == date(2026, 11, 23)


def test_a_limit_of_no_days_ends_with_the_day_of_its_start() -> None:
    saturday = utc(2026, 11, 21, 20)
    assert US.last_day(US.due(saturday, 0)) == date(2026, 11, 21)


def test_calendar_days_count_days_off_too() -> None:
    start = utc(2026, 11, 16, 17)
    assert US.last_day(US.due_calendar_days(start, 30)) == date(2026, 12, 16)


# Havana and the Azores put the clock back at one to midnight; Beirut, Santiago and Cairo skip midnight; Samoa once
# skipped a whole day.
ODD_ZONES = [
    "America/Havana",
    "Atlantic/Azores",
    "Asia/Beirut",
    "America/Santiago",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "America/Los_Angeles",
    "Pacific/Apia",
]


@given(st.sampled_from(ODD_ZONES), moments(2010, 2032), st.integers(0, 40))
def test_a_limit_is_over_at_the_first_instant_of_a_local_day(zone: str, start: datetime, days: int) -> None:
    calendar = zoned(zone)
    due = calendar.due_calendar_days(start, days)
    before, after = due - timedelta(microseconds=1), due
    assert due.tzinfo is UTC
    assert before.astimezone(ZoneInfo(zone)).date() < after.astimezone(ZoneInfo(zone)).date()


@pytest.mark.parametrize(
    ("zone", "start", "due"),
    [
        ("Asia/Beirut", utc(2022, 3, 26, 10), utc(2022, 3, 26, 22)),  # 27 March begins at one o'clock
        ("America/Havana", utc(2026, 10, 31, 16), utc(2026, 11, 1, 4)),  # 1 November has two midnights
        ("Europe/Berlin", utc(2026, 3, 29, 0), utc(2026, 3, 29, 22)),
        ("Europe/Berlin", utc(2026, 10, 25, 0), utc(2026, 10, 25, 23)),
        ("Pacific/Apia", utc(2011, 12, 30, 0), utc(2011, 12, 30, 10)),  # there was no 30 December
    ],
)
def test_a_clock_change_moves_no_end_of_a_day(zone: str, start: datetime, due: datetime) -> None:
    assert zoned(zone).due_calendar_days(start, 0) == due


@cache
def zoned(zone: str) -> BusinessCalendar:
    return BusinessCalendar("US", timezone=zone)


@given(moments(2024, 2030), st.integers(0, 30))
def test_a_limit_just_begun_has_all_its_days_left(start: datetime, days: int) -> None:
    assert US.business_days_left(start, US.due(start, days)) == days


def test_on_the_last_day_none_are_left_and_afterwards_they_are_negative() -> None:
    due = US.due(utc(2026, 11, 16, 17), 4)  # ends with Friday the 20th
    left = {
        utc(2026, 11, 19, 17): 1,
        utc(2026, 11, 21, 7, 59): 0,  # the last minute of Friday
        utc(2026, 11, 21, 8): -1,  # Saturday
        utc(2026, 11, 23, 17): -1,  # Monday
        utc(2026, 11, 24, 17): -2,
    }
    assert {now: US.business_days_left(now, due) for now in left} == left


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        US.due(utc(2026, 11, 16).replace(tzinfo=None), 5)


@pytest.mark.parametrize(
    ("country", "subdivision", "timezone", "message"),
    [
        ("UX", None, "UTC", "no country “UX”"),
        ("DE", "BX", "UTC", "no subdivision of DE “BX”"),
        ("DE", None, "Europe/Berln", "Did you mean “Europe/Berlin”"),
    ],
)
def test_a_calendar_that_does_not_exist_is_refused_by_name(
    country: str, subdivision: str | None, timezone: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        BusinessCalendar(country, subdivision, timezone=timezone)
