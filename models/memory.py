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
from rules.loading import Programme


class NoDirectory(RuntimeError):
    """No directory file has been imported yet, so there is no programme to work for."""


@dataclass(frozen=True)
class Memory:
    """The database, the programme's rules, and the clock (aware, any zone)."""

    database: Database
    programme: Programme
    clock: Callable[[], datetime]

    def settings(self, session: Session) -> ProgrammeSettings:
        """The programme as the directory file describes it.

        Raises:
            NoDirectory: none has been imported.
        """
        settings = session.get(ProgrammeSettings, 1)
        if settings is None:
            raise NoDirectory("Import a directory file first: claimbot directory import FILE")
        return settings

    def calendar(self, session: Session) -> BusinessCalendar:
        """The business calendar of the programme: its country, its zone, its own closing days."""
        settings = self.settings(session)
        closing_days = tuple(day.date for day in self.programme.limits.closing_days)
        return _calendar(settings.country, settings.subdivision, closing_days, settings.timezone)


@lru_cache(maxsize=8)  # a calendar works its years out once
def _calendar(country: str, subdivision: str | None, closing_days: tuple[date, ...], timezone: str) -> BusinessCalendar:
    return BusinessCalendar(country, subdivision, closing_days, timezone)
