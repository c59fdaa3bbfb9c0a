"""The business calendar: which days count, and when a limit ends.

A limit ends with the last of its business days in the programme's zone; the day on which it starts is day 0 and
does not count (design, section 3). Which calendar "business day" means is said nowhere: country and zone are settings.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import holidays

from rules.faults import unknown

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


@cache
def countries() -> Mapping[str, Sequence[str]]:
    """Every country whose holidays are known (ISO 3166-1), with its subdivisions.

    The first time in a process it takes a second, since all that is known of them is read.
    """
    return holidays.list_supported_countries(include_aliases=False)


class BusinessCalendar:
    """The working days of a country, without public holidays and without the programme's own closing days.

    `country` is an ISO 3166-1 code such as "US"; `subdivision` one that the holidays library knows for it, such as
    "CA"; `timezone` an IANA name. Raises ValueError, naming the nearest right value, for one that does not exist.
    """

    def __init__(
        self,
        country: str,
        subdivision: str | None = None,
        closing_days: Iterable[date] = (),
        timezone: str = "UTC",
    ) -> None:
        known = countries()
        if country not in known:
            raise ValueError(unknown("country", country, known))
        if subdivision is not None and subdivision not in known[country]:
            raise ValueError(unknown(f"subdivision of {country}", subdivision, known[country]))
        zones = available_timezones()
        if timezone not in zones:
            raise ValueError(unknown("time zone", timezone, zones))
        self.country = country
        self.subdivision = subdivision
        self.timezone = ZoneInfo(timezone)
        self._closing_days = frozenset(closing_days)
        self._business_days: dict[int, frozenset[date]] = {}

    def is_business_day(self, day: date) -> bool:
        """Whether `day` counts."""
        table = self._business_days.get(day.year)
        if table is None:
            table = self._business_days[day.year] = self._of_year(day.year)
        return day in table

    def add_business_days(self, day: date, n: int) -> date:
        """The nth business day after `day` (before it for a negative n); `day` itself for 0.

        `day` never counts, whether it is a business day or not.
        """
        step = _DAY if n > 0 else -_DAY
        for _ in range(abs(n)):
            day += step
            while not self.is_business_day(day):
                day += step
        return day

    def due(self, start: datetime, business_days: int) -> datetime:
        """When a limit of `business_days` that starts at `start` is over: in UTC, the first instant after its last day.

        Raises ValueError when `start` has no time zone.
        """
        return self.end_of(self.add_business_days(self.local_day(start), business_days))

    def due_calendar_days(self, start: datetime, days: int) -> datetime:
        """Like `due`, for a limit that counts every day."""
        return self.end_of(self.local_day(start) + timedelta(days=days))

    def last_day(self, due: datetime) -> date:
        """The last day, in the programme's zone, of a limit that is over at `due`: the day to show to people."""
        return self.local_day(due - _INSTANT)

    def business_days_left(self, now: datetime, due: datetime) -> int:
        """How many business days come after today and before `due`: 0 on the last day.

        Once the limit is over, minus the business days since its last one, and never less far than -1.
        """
        today, last = self.local_day(now), self.last_day(due)
        if now >= due:
            return -max(1, self._between(last, today))
        return self._between(today, last)

    def local_day(self, moment: datetime) -> date:
        """The date at `moment` in the programme's zone. Raises ValueError when `moment` has no time zone."""
        if moment.tzinfo is None:
            raise ValueError(f"{moment!r} has no time zone")
        return moment.astimezone(self.timezone).date()

    def at(self, day: date, hour: int) -> datetime:
        """The moment, in UTC, at which the clocks of the zone show `hour` o'clock on `day`.

        Where a clock change skips that hour it is as long after midnight as on other days; where it comes twice, it is
        the first.
        """
        return datetime.combine(day, time(hour), self.timezone).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """The first instant after `day`, in UTC."""
        # Where a clock change skips midnight, fold=0 reads it with the offset before the change, which is the very
        # instant of the change; where midnight comes twice, it is the first. Either way the first of the new day.
        return datetime.combine(day + _DAY, time.min, self.timezone).astimezone(UTC)

    def _between(self, first: date, last: date) -> int:
        """How many business days come after `first`, up to and with `last`."""
        days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
        return sum(map(self.is_business_day, days))

    def _of_year(self, year: int) -> frozenset[date]:
        table = holidays.country_holidays(self.country, self.subdivision, years=year)
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
        return frozenset(
            day for day in days if day.year == year and table.is_working_day(day) and day not in self._closing_days
        )
