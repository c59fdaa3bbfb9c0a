"""When who is reminded of what, as staff keep it in reminders.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from rules.catalogue import Sentence
from rules.faults import Fault
from rules.lifecycle import Party, Status
from rules.reading import Document, Part

Hour = Annotated[int, Field(ge=0, le=23)]
Days = Annotated[int, Field(ge=0, le=260)]
Count = Annotated[int, Field(ge=1, le=260)]
Countdown = Annotated[tuple[Days, ...], Field(max_length=20)]

# Statuses that have a limit; where the limit has nobody to remind there is simply no entry.
_WITH_A_LIMIT = frozenset(Status) - {Status.DRAFT, Status.REJECTED_FINAL}


class WorkingHours(Part):
    """The hours of a day in which people are written to: from `opens` until before `closes`, in their own zone."""

    opens: Hour
    closes: Annotated[int, Field(ge=1, le=24)]
    source: Sentence


class HourOfDay(Part):
    """An hour, in the zone of those addressed."""

    value: Hour
    source: Sentence


class DigestCadence(Part):
    """When the daily digest comes, and how far it looks ahead."""

    hour: Hour
    ahead_business_days: Days
    source: Sentence


class OverdueCadence(Part):
    """How often those are reminded who let a limit pass, and when somebody above them is."""

    every_business_days: Count
    at_most: Annotated[int, Field(ge=1, le=100)]
    escalate_after_business_days: Count | None = None


class LimitCadence(Part):
    """The reminders of the limit that runs in one status.

    `before_business_days` 1 is the business day before the limit's last one, 0 that last day itself. Escalation comes
    either before the limit passes or a while after; from then on a lead, or the partner's admins, are named as well.
    """

    status: Annotated[Status, Field(strict=False)]
    addressed: Literal["partner", "reviewer"]
    before_business_days: Countdown
    escalate_before_business_days: Days | None = None
    overdue: OverdueCadence | None = None
    source: Sentence

    @property
    def party(self) -> Party:
        """Who is reminded."""
        return Party(self.addressed)


class DraftCadence(Part):
    """How many business days after its last change a draft is mentioned."""

    after_business_days: Annotated[tuple[Count, ...], Field(max_length=20)]
    source: Sentence


class AcknowledgementCadence(Part):
    """How many business days before the customer's signature is too old that is mentioned."""

    before_business_days: Countdown
    source: Sentence


class Cadence(Part):
    """All that reminders.yaml says."""

    working_hours: WorkingHours
    reminder_hour: HourOfDay
    digest: DigestCadence
    limits: tuple[LimitCadence, ...]
    drafts: DraftCadence
    acknowledgement: AcknowledgementCadence

    def of(self, status: Status) -> LimitCadence | None:
        """The reminders of the limit that runs in this status; None where nobody is reminded of it."""
        return next((one for one in self.limits if one.status is status), None)

    def faults(self, document: Document) -> Iterator[Fault]:
        """What pydantic cannot see: hours outside the working hours, a status twice or without a limit."""
        hours = self.working_hours
        if hours.opens >= hours.closes:
            yield document.fault(("working_hours",), "“opens” must come before “closes”.")
        for place, hour in (
            (("reminder_hour", "value"), self.reminder_hour.value),
            (("digest", "hour"), self.digest.hour),
        ):
            if not hours.opens <= hour < hours.closes:
                message = f"{hour} is not within the working hours, {hours.opens} to {hours.closes}."
                yield document.fault(place, message)
        seen: set[Status] = set()
        for number, one in enumerate(self.limits):
            if one.status in seen:
                yield document.fault(("limits", number, "status"), f"“{one.status}” stands here twice.")
            seen.add(one.status)
            if one.status not in _WITH_A_LIMIT:
                yield document.fault(("limits", number, "status"), f"No limit runs in “{one.status}”.")
