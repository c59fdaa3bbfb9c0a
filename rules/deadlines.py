"""Which limit runs in which status, and when it ends."""

from __future__ import annotations

from datetime import datetime

from rules.calendar import BusinessCalendar
from rules.lifecycle import Status
from rules.limits import Limits


def due(
    status: Status,
    since: datetime,
    *,
    limits: Limits,
    calendar: BusinessCalendar,
    disputes: int = 0,
    associated: bool = False,
) -> datetime | None:
    """When the limit of ``status``, which holds since ``since``, is over: in UTC, exclusive; None where none runs.

    In *Rejected* it is the window for a dispute, unless the claim's disputes are used up; in *Approved* the window in
    which the customer may opt out, unless the association is official already. Sources: limits.yaml.
    """
    match status:
        case Status.SUBMITTED:
            return calendar.due(since, limits.submitted_business_days)
        case Status.UNDER_REVIEW:
            return calendar.due(since, limits.under_review_business_days)
        case Status.ACTION_REQUIRED:
            return calendar.due(since, limits.partner_action_business_days)
        case Status.DISPUTE:
            return calendar.due(since, limits.dispute_result_business_days)
        case Status.REJECTED if disputes < limits.disputes_per_claim:
            return calendar.due_calendar_days(since, limits.dispute_window_calendar_days)
        case Status.APPROVED if not associated:
            return calendar.due(since, limits.customer_opt_out_business_days)
    return None
