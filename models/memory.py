"""What every operation and query works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import Database
from models.operations import publishing
from models.operations.publishing import Published
from models.tables import Claim, Partner, ProgrammeSettings
from rules.calendar import BusinessCalendar
from rules.lifecycle import Party
from rules.loading import Programme as Rules

# How long a replica goes on with the rules that it knows before it looks whether others were published.
FRESH = timedelta(seconds=3)


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


# Every card needs it: plain columns are read in half the time of an object.
_PROGRAMME = select(ProgrammeSettings.__table__)
# Under this key a session knows it.
_READ = "programme"


@dataclass
class _Seen:
    """The publications as they were when this replica looked last."""

    publications: list[Published] | None = None
    looked_at: datetime | None = None


@dataclass(frozen=True)
class Memory:
    """The database, the programme's rules, and the clock (aware, any zone).

    ``shipped`` are the rules that hold until others are published. ``review_channel``, ``country`` and ``timezone`` are
    settings that win over the directory file.
    """

    database: Database
    shipped: Rules
    clock: Callable[[], datetime]
    review_channel: str | None = None
    country: str | None = None
    timezone: str | None = None
    _seen: _Seen = field(default_factory=_Seen, init=False, repr=False, compare=False)

    @property
    def programme(self) -> Rules:
        """The rules that hold now. What another process publishes is seen after ``FRESH``, by the clock."""
        now, seen = self.clock(), self._seen
        if seen.publications is None or seen.looked_at is None or abs(now - seen.looked_at) >= FRESH:
            # Set first: while this thread looks, the others go on with what is known.
            seen.looked_at = now
            try:
                with self.database.reading() as session:
                    seen.publications = publishing.publications(session)
            except BaseException:
                seen.looked_at = None
                raise
        if not seen.publications:
            return self.shipped
        with self.database.reading() as session:  # connects only for rules that were never read
            return publishing.usable(session, seen.publications, now, self.shipped)

    def rules_of(self, session: Session, claim: Claim) -> Rules:
        """The rules that decide about a claim: those under which it was first submitted, for a draft today's.

        Where this version of claimbot cannot use those any more, today's decide.
        """
        today = self.programme
        if claim.rules_version in (None, today.version):
            return today
        return publishing.find(session, claim.rules_version or "") or today

    def settings(self, session: Session) -> Programme:
        """The programme that is served; read once in a session.

        Raises:
            NoDirectory: no directory file has been imported.
        """
        row = session.info.get(_READ)
        if row is None:
            row = session.info[_READ] = session.execute(_PROGRAMME).one_or_none()
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

    def calendar_of(self, session: Session, party: Party, partner: Partner) -> BusinessCalendar:
        """The calendar of those who are addressed on one side of a claim: the partner's own, or the programme's."""
        if party is Party.PARTNER:
            return _calendar(partner.country, partner.subdivision, (), partner.timezone)
        return self.calendar(session)


@lru_cache(maxsize=1024)  # a calendar works its years out once
def _calendar(country: str, subdivision: str | None, closing_days: tuple[date, ...], timezone: str) -> BusinessCalendar:
    return BusinessCalendar(country, subdivision, closing_days, timezone)
