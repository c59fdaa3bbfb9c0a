"""Moving the demo's time, and letting happen at once what the bot does by itself as time goes by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import func, select

from bot.demo.clock import SettableClock
from jobs.ticker import Beat
from models.memory import Memory
from models.tables import Claim, Reminder

NEXT_REMINDER = "When the next reminder is due"
# When people are at work: reminders and digests come then.
_MORNING = time(9, 5)
# Shorter than anybody's working hours.
_STEP = timedelta(hours=4)


class Moves:
    """What a newcomer can do with the demo's time; each answers with what there is to be said of it.

    Args:
        beats: what happens by itself; each is run after every move.
    """

    def __init__(self, clock: SettableClock, memory: Memory, beats: Sequence[Beat]) -> None:
        self._clock = clock
        self._memory = memory
        self._beats = beats

    def __iter__(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Each move, with its name."""
        yield "An hour later", self.an_hour
        yield "The next business day, in the morning", self.a_business_day
        yield NEXT_REMINDER, self.next_reminder
        yield "When the next deadline has passed", self.next_deadline

    def an_hour(self) -> str:
        """An hour passes."""
        return self._to(self._clock() + timedelta(hours=1))

    def a_business_day(self) -> str:
        """It becomes the next business day, in the morning where the programme is."""
        with self._memory.database.transaction() as session:
            calendar = self._memory.calendar(session)
        day = calendar.add_business_days(calendar.local_day(self._clock()), 1)
        return self._to(datetime.combine(day, _MORNING, calendar.timezone))

    def next_deadline(self) -> str:
        """The limit that ends first is over, and so is everything that ends with it."""
        with self._memory.database.transaction() as session:
            running = select(func.min(Claim.due_at)).where(Claim.due_at > self._clock(), Claim.discarded_at.is_(None))
            due = session.scalar(running)
        if due is None:
            return "No claim has a deadline ahead."
        return self._to(due + timedelta(minutes=1))

    def next_reminder(self) -> str:
        """Somebody is reminded of something. Plans of which nothing comes (the matter is done) are passed over."""
        before, said = self._reminded(), ""
        while self._reminded() == before:
            with self._memory.database.transaction() as session:
                planned = select(func.min(Reminder.remind_at)).where(Reminder.state == "planned")
                next_one = session.scalar(planned.where(Reminder.remind_at > self._clock()))
            if next_one is None:
                return "Nobody is to be reminded of anything."
            said = self._to(next_one + timedelta(minutes=1))
        return said

    def _reminded(self) -> int:
        with self._memory.database.transaction() as session:
            return session.scalar(select(func.count()).where(Reminder.state.in_(("done", "over")))) or 0

    def _to(self, moment: datetime) -> str:
        # Not in one leap: on the way it is morning in every zone, and whoever works there is reminded.
        while (left := moment - self._clock()) > _STEP:
            self._step(_STEP)
        self._step(left)
        with self._memory.database.transaction() as session:
            zone = self._memory.calendar(session).timezone
        now = moment.astimezone(zone)
        return f"It is now {now:%A, %B} {now.day}, {now:%H:%M} where the programme is ({zone.key})."

    def _step(self, by: timedelta) -> None:
        self._clock.move(by)
        for beat in self._beats:
            beat.job()
