"""The customer's links: made when a mail is sent, looked up when one is opened, spent when the customer opts out."""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models.answers import Done
from models.memory import Memory
from models.operations import settling
from models.operations.acting import redraw
from models.operations.mails import note
from models.tables import Claim, Consent, claim_number
from rules.lifecycle import Party, Status


class Standing(StrEnum):
    """What a link is good for now."""

    OPEN = "open"
    NOT_YET = "not yet"  # the claim is not decided
    LATE = "late"  # the window is closed, the association perhaps official
    SPENT = "spent"  # the customer opted out
    ENDED = "ended"  # the claim came to nothing in another way


def remember(memory: Memory, claim: int, token: str) -> None:
    """From now on ``token`` opens the claim's page; only its SHA-256 is kept.

    Args:
        token: from a source that nobody can guess, at least 128 bits: whoever has it may opt out for the customer.
    """
    with memory.database.transaction() as session:
        row = session.get_one(Claim, claim)
        due_at = row.due_at if row.status is Status.APPROVED else None
        session.add(Consent(token_hash=_hash(token), claim_id=claim, created_at=memory.clock(), due_at=due_at))


def forget(memory: Memory, token: str) -> None:
    """The mail with this token was surely not sent."""
    with memory.database.transaction() as session:
        session.execute(delete(Consent).where(Consent.token_hash == _hash(token), Consent.spent_at.is_(None)))


def look(session: Session, memory: Memory, token: str) -> tuple[Consent, Standing] | None:
    """The link with this token and what it is good for now; None for a token that was never given out."""
    consent = session.get(Consent, _hash(token))
    if consent is None:
        return None
    claim = consent.claim
    if consent.spent_at is not None:
        return consent, Standing.SPENT
    if claim.status is Status.APPROVED:
        due = claim.due_at
        is_open = claim.associated_at is None and due is not None and memory.clock() < due
        return consent, Standing.OPEN if is_open else Standing.LATE
    if claim.status in (Status.REJECTED, Status.REJECTED_FINAL) or claim.discarded_at is not None:
        return consent, Standing.ENDED
    return consent, Standing.NOT_YET


def opt_out(memory: Memory, token: str, reason: str | None = None) -> Done:
    """The customer opts out by their link; the same link a second time changes nothing.

    Raises:
        LookupError: the token was never given out.
        Invalid: the reason is too long (key ``reason``).
        Refused: too late, or the claim is not approved any more.
    """
    with memory.database.transaction() as session:
        consent = session.get(Consent, _hash(token))
        if consent is None:
            raise LookupError("no such link")
        number = claim_number(consent.claim_id)
    return settling.opt_out(memory, number, reason, delivery=f"opt_out:{_hash(token)}")


def note_problem(memory: Memory, claim: int, to: Party, problem: str | None) -> None:
    """Keep on the claim what is wrong with the mail to a contact; None: nothing any more. The review card shows it."""
    with memory.database.transaction() as session:
        row = session.get_one(Claim, claim, with_for_update={"of": Claim}, populate_existing=True)
        if note(row, to, problem):
            redraw(session, memory, row, "reviewer", memory.clock())


def _hash(token: str) -> str:
    # A token is random and long, so a plain hash cannot be turned back; no salt is needed.
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
