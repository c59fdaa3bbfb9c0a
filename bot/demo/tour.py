"""The first minute with the demo: a claim is filed, reviewed, and somebody is reminded. The page shows it in steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from bot.demo.claims import DRAFT, planted_at
from bot.demo.moves import NEXT_REMINDER
from models.memory import Memory
from models.tables import History, Reminder
from rules.lifecycle import Action

ENDING = (
    "That was the way of a claim: filed, reviewed, reminded. The mailbox above holds what the customer was sent. "
    "Look around; `/claim help` says what else there is."
)


@dataclass(frozen=True)
class Step:
    """What the page asks of a step."""

    title: str
    text: str
    user: str
    place: str
    link: str
    done: Callable[[], bool]
    action: str = ""


def steps(memory: Memory) -> list[Step]:
    """Three steps; each is done when it happened after the demo's own claims, whoever did it."""
    customer = DRAFT["customer_name"]
    return [
        Step(
            "File a claim",
            f"Ana works with a customer, {customer}, and has a draft ready. Find its card in *#contoso-claims*, press "
            "*Submit for review*, confirm the acknowledgements and submit. (`/claim new` begins an empty one.)",
            "U0ANA",
            "c/C0CONTOSO",
            "Be Ana in #contoso-claims",
            lambda: _happened(memory, Action.SUBMIT),
        ),
        Step(
            "Review it",
            f"Now be Rosa, who reviews claims. On the card of {customer} in *#claim-reviews* press *Start review*, "
            "look at the proof, then press *Approve*. Ana's card changes by itself, and the customer gets a mail.",
            "U0ROSA",
            "c/C0REVIEW",
            "Be Rosa in #claim-reviews",
            lambda: _happened(memory, Action.APPROVE, Action.REJECT),
        ),
        Step(
            "Let a reminder come",
            "Another claim still waits for a review. Nobody has to remember its date: let time pass, and see who is "
            "told, and where. The clock above does that whenever you like.",
            "U0ROSA",
            "c/C0REVIEW",
            "Be Rosa in #claim-reviews",
            lambda: _reminded(memory),
            action=NEXT_REMINDER,
        ),
    ]


def _happened(memory: Memory, *actions: Action) -> bool:
    with memory.database.transaction() as session:
        later = select(History.id).where(History.action.in_(actions), History.at >= planted_at(session))
        return session.scalar(later.limit(1)) is not None


def _reminded(memory: Memory) -> bool:
    with memory.database.transaction() as session:
        later = select(Reminder.id).where(Reminder.state.in_(("done", "over")))
        return session.scalar(later.where(Reminder.remind_at > planted_at(session)).limit(1)) is not None
