"""What every operation and query works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from models.database import Database
from models.tables import ProgrammeSettings
from rules.calendar import BusinessCalendar
from rules.loading import Programme as Rules


class NoDirectory(RuntimeError):
    """No directory file has been imported yet, so there is no programme to work for."""


@dataclass(frozen=True)
class Programme:
    """The programme that is served: what the directory file says of it, where no setting says otherwise."""

    name: str
    team: str
    country: str
    subdivision: str | None
    timezone: str
    review_channel: str


@dataclass(frozen=True)
class Memory:
    """The database, the programme's rules, and the clock (aware, any zone).

    ``review_channel``, ``country`` and ``timezone`` are settings that win over the directory file.
    """

    database: Database
    programme: Rules
    clock: Callable[[], datetime]
    review_channel: str | None = None
    country: str | None = None
    timezone: str | None = None

    def settings(self, session: Session) -> Programme:
        """The programme that is served.

        Raises:
            NoDirectory: no directory file has been imported.
        """
        row = session.get(ProgrammeSettings, 1)
        if row is None:
            raise NoDirectory("Import a directory file first: claimbot directory import FILE")
        return Programme(
            name=row.name,
            team=row.team,
            country=self.country or row.country,
            # A subdivision belongs to the country of the file.
            subdivision=row.subdivision if self.country in (None, row.country) else None,
            timezone=self.timezone or row.timezone,
            review_channel=self.review_channel or row.review_channel,
        )

    def calendar(self, session: Session) -> BusinessCalendar:
        """The business calendar of the programme: its country, its zone, its own closing days."""
        settings = self.settings(session)
        closing_days = tuple(day.date for day in self.programme.limits.closing_days)
        return _calendar(settings.country, settings.subdivision, closing_days, settings.timezone)


@lru_cache(maxsize=8)  # a calendar works its years out once
def _calendar(country: str, subdivision: str | None, closing_days: tuple[date, ...], timezone: str) -> BusinessCalendar:
    return BusinessCalendar(country, subdivision, closing_days, timezone)
