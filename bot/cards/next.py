"""What happens next to a claim, in one sentence: for whoever asks how it stands."""

from __future__ import annotations

from bot.cards.card import View, last_day
from bot.cards.text import cut, day_text
from models.tables import Claim
from rules.lifecycle import Status


def what_next(claim: Claim, view: View) -> str:
    """The next thing that can happen, and by whom, as the lifecycle has it."""
    partner, last = cut(claim.partner.name, 100), last_day(claim, view)
    if claim.erased_at is not None:
        return "Nothing more can happen to it: what people wrote in it was erased."
    match claim.status:
        case Status.DRAFT:
            return f"{partner} completes the draft and submits it for review."
        case Status.SUBMITTED:
            return "A reviewer starts the review."
        case Status.UNDER_REVIEW:
            return "The reviewer approves it, rejects it, or asks for more information."
        case Status.ACTION_REQUIRED:
            return f"{partner} answers and resubmits it; without an answer in time it is rejected."
        case Status.APPROVED if claim.associated_at is not None:
            return "Nothing has to be done. The association lasts until the partner gives it up."
        case Status.APPROVED:
            return "Unless the customer opts out in time, the association becomes official."
        case Status.REJECTED if last is None or claim.disputes:
            return "Nothing more can happen to it. A new claim can be filed."
        case Status.REJECTED if last is not None and claim.due_at is not None and view.now >= claim.due_at:
            return f"The time to dispute it ended on {day_text(last)}. A new claim can be filed."
        case Status.REJECTED:
            return f"{partner} can dispute it once; otherwise it stays rejected."
        case Status.DISPUTE:
            return "Another reviewer than the one who rejected it decides for good."
        case Status.REJECTED_FINAL:
            return "Nothing more can happen to it. A new claim can be filed."


def dates(claim: Claim, view: View) -> str:
    """The days on which it came as far as it did, in the programme's zone."""
    moments = {
        "Created": claim.created_at,
        "submitted": claim.submitted_at,
        "approved": claim.approved_at,
        "rejected": claim.rejected_at,
        "official": claim.associated_at,
    }
    days = (f"{what} {day_text(view.calendar.local_day(at))}" for what, at in moments.items() if at is not None)
    return " · ".join(days)
