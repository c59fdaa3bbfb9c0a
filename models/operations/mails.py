"""Which mails follow from what happened to a claim.

A mail is an outbox row, written with its cause, in a lane of its own: a mail server that is slow or away holds up
nothing else. Its words are made when it is sent.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from models.memory import Memory
from models.operations.deciding import decide_on
from models.operations.outbox import enqueue
from models.tables import Claim, History
from rules.lifecycle import Party, Status
from rules.notices import EVENTS

# Why a mail did not arrive, as a claim keeps it; after a colon may follow what the other mail server answered.
NO_SERVER = "no_server"
NO_ADDRESS = "no_address"
TOO_LATE = "too_late"
REFUSED = "refused"
WAITING = "waiting"

_REJECTED = (Status.REJECTED, Status.REJECTED_FINAL)
_BEFORE_A_DECISION = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.ACTION_REQUIRED)


class Mail(StrEnum):
    """The kinds of mail that there are."""

    ANNOUNCEMENT = "announcement"  # to the customer: a partner filed a claim
    NOTICE = "notice"  # to the customer: it is approved, and until when they may opt out
    OPTED_OUT = "opted_out"  # to the customer: they opted out
    REJECTION = "rejection"  # to the partner

    @property
    def to(self) -> Party:
        """Whose contact gets it."""
        return Party.PARTNER if self is Mail.REJECTION else Party.CUSTOMER


class Timing(StrEnum):
    """Whether a mail can still be sent when its turn comes."""

    NOW = "now"
    LATE = "late"  # the customer could not act on it any more
    OVERTAKEN = "overtaken"  # the claim has moved on, so it would say what is not so


def queue_mails(session: Session, memory: Memory, claim: Claim, entry: History, now: datetime) -> None:
    """Queue the mails that a history row makes necessary; what was wrong with earlier ones is forgotten."""
    for mail in _owed(session, memory, claim, entry, now):
        note(claim, mail.to, None)
        enqueue(
            session,
            kind="mail",
            team=claim.partner.team,
            lane=f"mail/{entry.id}/{mail}",
            payload={"mail": mail, "history": entry.id},
            unique_key=f"mail:{entry.id}:{mail}",
            now=now,
            claim=claim.id,
        )


def timing(mail: Mail, claim: Claim, entry: History, now: datetime) -> Timing:
    """Whether ``mail``, which ``entry`` made necessary, is still to be sent."""
    match mail:
        case Mail.ANNOUNCEMENT if claim.status not in _BEFORE_A_DECISION:
            return Timing.OVERTAKEN
        case Mail.NOTICE if claim.approved_at != entry.at:
            return Timing.OVERTAKEN
        case Mail.NOTICE if claim.due_at is None or now >= claim.due_at:
            return Timing.LATE
        case Mail.REJECTION if claim.status not in _REJECTED or claim.rejected_at != entry.at:
            return Timing.OVERTAKEN
    return Timing.NOW


def _owed(session: Session, memory: Memory, claim: Claim, entry: History, now: datetime) -> list[Mail]:
    """What the rule set ``notice`` says: which mails there are is ours, which of them are sent is staff's to decide."""
    event = EVENTS.get(entry.action)
    if event is None:
        return []
    decision = decide_on(memory, session, claim, "notice", now, event=event)
    mails = [Mail(what) for _, what in decision.notices]
    return [mail for mail, (whom, _) in zip(mails, decision.notices, strict=True) if mail.to == whom]


def note(claim: Claim, to: Party, problem: str | None) -> bool:
    """Keep on the claim what is wrong with the mail to a contact (None: nothing any more). Whether that is new."""
    column = f"{to}_mail_problem"
    changed: bool = getattr(claim, column) != problem
    setattr(claim, column, problem)
    return changed
