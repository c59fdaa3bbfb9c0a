"""What a partner may be shown of a customer, and since when: as long as the association stands and is official.

"Partners get access to usage and sold seats data when a partner associates with a workload or subscription. They don't
get access to any other customer data", and the association is official once the customer's time to opt out is over
(both: Resources for customer association claims). `models.queries.usage` says the same in SQL; a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from rules.lifecycle import Status


class Standing(StrEnum):
    """How a claim's association stands."""

    UNDECIDED = "undecided"
    OPT_OUT_OPEN = "opt-out open"
    OFFICIAL = "official"
    REJECTED = "rejected"
    ENDED = "ended"


def standing(status: Status, *, associated: bool) -> Standing:
    """How the association stands for a claim in `status`; `associated`: it became official at some time."""
    match status:
        case Status.APPROVED:
            return Standing.OFFICIAL if associated else Standing.OPT_OUT_OPEN
        case Status.REJECTED | Status.REJECTED_FINAL:
            return Standing.ENDED if associated else Standing.REJECTED
    return Standing.UNDECIDED


def first_month(official_on: date) -> date:
    """The first month of usage that is shown, by its first day: the one in which the association became official.

    The report has one figure a month, so that month cannot be divided. To show it is our choice.
    """
    return official_on.replace(day=1)


def earnings_due(month: date, day: int) -> date:
    """When what was earned in the month of this day is in the report at the latest: on that day of the next month."""
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1, day=day)


def may_show_usage(
    status: Status, official_on: date | None, products: Collection[str], workload: str, month: date
) -> bool:
    """Whether the usage of `workload` in `month` (its first day) may be shown to whoever may see the claim.

    Args:
        official_on: the day, in the programme's zone, on which the association became official.
        products: what the claim claims; nothing else of the customer is shown.
    """
    if standing(status, associated=official_on is not None) is not Standing.OFFICIAL or official_on is None:
        return False
    return workload in products and month >= first_month(official_on)
