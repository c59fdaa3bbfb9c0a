"""Which reminders a claim has, and at which moments. Pure: what is done with them is for others.

A reminder belongs to a *matter*: the limit that runs, a draft that nobody touches, a signature that grows old. When a
matter is done, so are its reminders. Every moment is a business day of those addressed, at an hour in their own zone:
what falls on their day off comes earlier while a limit still runs, and later once it has passed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from rules.cadence import Cadence, LimitCadence
from rules.calendar import BusinessCalendar
from rules.lifecycle import Status
from rules.operators import months_later

SUBMITTABLE = (Status.DRAFT, Status.ACTION_REQUIRED)


class Matter(StrEnum):
    """What a reminder is about."""

    LIMIT = "limit"
    STALE = "stale"
    ACKNOWLEDGEMENT = "acknowledgement"


@dataclass(frozen=True, slots=True, order=True)
class Planned:
    """A reminder at the moment `at` (UTC). `due` tells one matter of a claim from the next of its kind."""

    at: datetime
    matter: Matter
    due: datetime


def plan(
    status: Status,
    since: datetime,
    due: datetime,
    cadence: Cadence,
    programme: BusinessCalendar,
    addressed: BusinessCalendar,
) -> tuple[Planned, ...]:
    """The reminders of the limit that runs in `status` since `since` and is over at `due`, the earliest first.

    Args:
        programme: the calendar in which the limit's days are counted.
        addressed: that of those who are reminded.
    """
    rule = cadence.of(status)
    if rule is None:
        return ()
    hour = cadence.reminder_hour.value
    moments = {_before(n, due, hour, programme, addressed) for n in rule.before_business_days}
    if rule.overdue is not None:
        every = (1 + n * rule.overdue.every_business_days for n in range(rule.overdue.at_most))
        moments |= {_after(n, due, hour, programme, addressed) for n in every}
    if (escalation := escalates_at(status, due, cadence, programme, addressed)) is not None:
        moments.add(escalation)
    return _planned(Matter.LIMIT, due, moments, since)


def escalates_at(
    status: Status, due: datetime, cadence: Cadence, programme: BusinessCalendar, addressed: BusinessCalendar
) -> datetime | None:
    """From when on somebody above those addressed is named in the reminders as well; None: never."""
    rule, hour = cadence.of(status), cadence.reminder_hour.value
    if rule is None:
        return None
    moments = []
    if rule.escalate_before_business_days is not None:
        moments.append(_before(rule.escalate_before_business_days, due, hour, programme, addressed))
    if (after := _escalates_after(rule)) is not None:
        moments.append(_after(after, due, hour, programme, addressed))
    return min(moments, default=None)


def plan_stale(changed: datetime, cadence: Cadence, addressed: BusinessCalendar) -> tuple[Planned, ...]:
    """The reminders of a draft that was last changed at `changed`, which is also their `due`."""
    first, hour = addressed.local_day(changed), cadence.reminder_hour.value
    days = {addressed.add_business_days(first, n) for n in cadence.drafts.after_business_days}
    return _planned(Matter.STALE, changed, {addressed.at(day, hour) for day in days}, changed)


def acknowledged_until(signed: date, months: int, programme: BusinessCalendar) -> datetime:
    """From when on (UTC) a claim whose customer signed on `signed` cannot be submitted any more."""
    return programme.end_of(months_later(signed, months))


def plan_acknowledgement(
    due: datetime, now: datetime, cadence: Cadence, programme: BusinessCalendar, addressed: BusinessCalendar
) -> tuple[Planned, ...]:
    """The reminders, from `now` on, that a signature is too old from `due` on."""
    hour = cadence.reminder_hour.value
    moments = {_before(n, due, hour, programme, addressed) for n in cadence.acknowledgement.before_business_days}
    return _planned(Matter.ACKNOWLEDGEMENT, due, moments, now)


def working(moment: datetime, cadence: Cadence, addressed: BusinessCalendar) -> datetime:
    """`moment` itself where it lies in the working hours of those addressed, or else when they next begin (UTC)."""
    local = moment.astimezone(addressed.timezone)
    hours, today = cadence.working_hours, local.date()
    if addressed.is_business_day(today):
        if hours.opens <= local.hour < hours.closes:
            return moment
        if local.hour < hours.opens:
            return addressed.at(today, hours.opens)
    return addressed.at(addressed.add_business_days(today, 1), hours.opens)


def _before(n: int, due: datetime, hour: int, programme: BusinessCalendar, addressed: BusinessCalendar) -> datetime:
    """The nth business day before the limit's last one, or the nearest earlier one on which they work."""
    day = programme.add_business_days(programme.last_day(due), -n)
    if not addressed.is_business_day(day):
        day = addressed.add_business_days(day, -1)
    # Where they are half a world away, the hour on that day may come after the limit's end.
    while (at := addressed.at(day, hour)) >= due:
        day = addressed.add_business_days(day, -1)
    return at


def _after(n: int, due: datetime, hour: int, programme: BusinessCalendar, addressed: BusinessCalendar) -> datetime:
    """The nth business day after the limit's last one, or the nearest later one on which they work."""
    day = programme.add_business_days(programme.last_day(due), n)
    if not addressed.is_business_day(day):
        day = addressed.add_business_days(day, 1)
    while (at := addressed.at(day, hour)) < due:
        day = addressed.add_business_days(day, 1)
    return at


def _escalates_after(rule: LimitCadence) -> int | None:
    return rule.overdue.escalate_after_business_days if rule.overdue is not None else None


def _planned(matter: Matter, due: datetime, moments: Iterable[datetime], since: datetime) -> tuple[Planned, ...]:
    return tuple(sorted(Planned(at, matter, due) for at in moments if at > since))
