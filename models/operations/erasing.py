"""Erasing what people wrote in a claim: a transaction a claim, on record, and the chain of the history still proven.

What is left is the claim's number, its status and dates, whose it is (partner and location), what was claimed in the
words of the catalogue (solution area, partner role, products), who did what when, and the lines of earnings, which the
law has books kept of. Which text goes from which table is written down once, in ``models.queries.erasable``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, select, text, update
from sqlalchemy.orm import Session

from models.facts import competing
from models.memory import Memory
from models.operations.acting import SIDES, Act, finish, redraw
from models.operations.journal import note
from models.operations.outbox import enqueue
from models.operations.reminding import redraw as redraw_reminders
from models.operations.reviewing import note_rejection
from models.operations.unsharing import revoke
from models.tables import (
    Card,
    Claim,
    Comment,
    Consent,
    History,
    ImportedClaim,
    OldMessage,
    Outgoing,
    Proof,
    Reminder,
    StoredDecision,
    UsageLine,
)
from models.tables.messages import DIRECT
from rules.formats import readable_domain
from rules.lifecycle import Action, Party, Status, transition
from rules.permissions import CLOCK
from rules.reasons import PARTNER_REQUEST

# What stands where people had written something.
ERASED = "erased"
CLOSED = (Status.REJECTED, Status.REJECTED_FINAL)
# Fields that only name the customer or somebody: a word in their place says that there was something.
_NAMED = (
    "customer_contact_name",
    "customer_contact_title",
    "customer_contact_email",
    "partner_contact_name",
    "partner_contact_email",
    "solution_seller",
    "isv_solution",
    "comments",
    "asked_message",
    "rejection_message",
    "business_justification",
)
# Fields by which claims and reports are matched, or that can hold only what they are for: empty.
_EMPTIED = (
    "customer_tenant_id",
    "customer_domain",
    "customer_country",
    "subscription_id",
    "acknowledgement_date",
    "customer_mail_problem",
    "partner_mail_problem",
)


class Cause(StrEnum):
    """Why something is erased; it stands in the journal."""

    REQUEST = "request"
    RETENTION = "retention"
    AGAIN = "again"  # after a backup was restored that still had it


class StillOpen(Exception):
    """The claim is not at its end, so it is not erased; the text says what has to happen first."""


def erase_claim(
    memory: Memory, identity: int, cause: Cause, *, force: bool = False, only: ColumnElement[bool] | None = None
) -> bool:
    """Erase what people wrote in a claim, and have Slack's messages follow. False: there is nothing to do (any more).

    Its documents are taken out of the store by ``erasing_documents.sweep``.

    Args:
        force: end it first where it is open, as the lifecycle allows.
        only: what must hold of the claim still, now that nobody else can change it.

    Raises:
        StillOpen: it is open, and ``force`` was not given or cannot end it; nothing was changed.
    """
    now = memory.clock()
    with memory.database.transaction() as session:
        lock = select(Claim.id).where(Claim.id == identity).with_for_update(key_share=True)
        session.execute(lock)  # and looked at by a statement of its own, which sees what was committed meanwhile
        held = Claim.erased_at.is_(None) if only is None else and_(Claim.erased_at.is_(None), only)
        claim = session.scalars(select(Claim).where(Claim.id == identity, held)).one_or_none()
        if claim is None:
            return False
        if (why := why_open(claim, now)) is not None and not (force and can_end(claim)):
            raise StillOpen(why)
        rivals = competing(session, memory, claim) if claim.submitted_at is not None else []
        _end(memory, session, claim, now)
        session.flush()
        body = {"claim": claim.id, "created_at": claim.created_at.isoformat(), "cause": str(cause)}
        _erase(session, claim, note(session, "erasure", body, now), now)
        if cause is not Cause.RETENTION:  # which leaves exports the time that they have
            revoke(session, claim.partner_id, claim.created_at, now)
        _tell_slack(session, memory, claim, rivals, now)
    return True


def why_open(claim: Claim, now: datetime) -> str | None:
    """Why a claim is not at its end, and what ends it, as a sentence; None for one that may be erased."""
    if claim.discarded_at is not None or claim.status is Status.REJECTED_FINAL:
        return None
    match claim.status:
        case Status.REJECTED if claim.due_at is None or claim.disputes or now >= claim.due_at:
            return None
        case Status.REJECTED:
            why = "is Rejected, and its partner may still dispute that; --force takes that away"
        case Status.DRAFT:
            why = "is a Draft; --force discards it"
        case Status.APPROVED:
            why = "is Approved, an association that stands; --force disassociates the customer"
        case Status.DISPUTE:
            why = "is in Dispute, which only another reviewer can end: have it decided first"
        case _:
            why = f"is {claim.status}; --force withdraws it"
    return f"{claim.number} {why}."


def can_end(claim: Claim) -> bool:
    """Whether an open claim can be ended on its partner's behalf."""
    # To decide a dispute is for a reviewer who did not reject the claim, and nobody can stand in for them.
    return claim.status is not Status.DISPUTE


def _end(memory: Memory, session: Session, claim: Claim, now: datetime) -> None:
    """What its partner could do to end an open claim happens on the programme's behalf."""
    actions = {Status.DRAFT: Action.DISCARD, Status.APPROVED: Action.DISASSOCIATE}
    action = actions.get(claim.status, Action.WITHDRAW)
    row = transition(action, claim.status)
    if row is None or claim.discarded_at is not None:
        return
    acting = Act(memory, session, now, None, CLOCK, claim, replace(row, party=Party.CLOCK), claim.status)
    if action is not Action.DISCARD:
        acting.reasons = [PARTNER_REQUEST]
        note_rejection(acting, PARTNER_REQUEST, None)
    finish(acting, None)


def _erase(session: Session, claim: Claim, entry: int, now: datetime) -> None:
    what = {"claim": claim.id, "domain": readable_domain(claim.customer_domain or "")}
    session.execute(text(_SEARCHES), what)  # first: it compares with what is still there
    session.execute(
        text(
            "UPDATE history SET message = NULL, changes = '{}', salts = '{}', erasure_id = :entry, "
            "erased = history_digests(message, changes, salts, erased) "
            "WHERE claim_id = :claim AND (message IS NOT NULL OR changes <> '{}')"
        ),
        {"entry": entry, "claim": claim.id},
    )
    _update(session, Comment, claim, text=ERASED, versions=[], files=[])
    _update(session, Proof, claim, file_name=ERASED, sha256=None, slack_file=None, problem=None)
    session.execute(update(Proof).where(Proof.claim_id == claim.id, Proof.state == "checking").values(state="refused"))
    _update(session, ImportedClaim, claim, file_name=ERASED, prints={})
    for table in (Consent, StoredDecision, UsageLine):
        session.execute(delete(table).where(table.claim_id == claim.id))
    session.execute(delete(Reminder).where(Reminder.claim_id == claim.id, Reminder.state == "planned"))
    session.execute(delete(Outgoing).where(Outgoing.claim_id == claim.id, Outgoing.state.in_(("pending", "dead"))))
    session.expire(claim, ["proofs"])
    claim.claim_name = claim.customer_name = ERASED
    for name in _NAMED:
        setattr(claim, name, ERASED if getattr(claim, name) is not None else None)
    for name in _EMPTIED:
        setattr(claim, name, None)
    claim.due_at, claim.erased_at, claim.updated_at, claim.version = None, now, now, claim.version + 1
    session.flush()
    session.add(
        History(
            claim_id=claim.id,
            at=now,
            action=Action.ERASE,
            party=Party.CLOCK,
            from_status=claim.status,
            to_status=claim.status,
            version=claim.version,
        )
    )
    session.flush()


def _update(session: Session, table: type[Comment | Proof | ImportedClaim], claim: Claim, **values: object) -> None:
    session.execute(update(table).where(table.claim_id == claim.id).values(**values))


def _tell_slack(session: Session, memory: Memory, claim: Claim, rivals: list[Claim], now: datetime) -> None:
    """Have the cards drawn anew, what the bot said in their threads and to people taken back, reminders drawn anew."""
    for side in SIDES:
        card = session.get(Card, (claim.id, side))
        if card is not None:
            redraw(session, memory, claim, side, now)
            _enqueue(session, claim, "thread_erased", card.team, f"{card.team}/{card.channel}", {"side": side}, now)
    for rival in sorted(rivals, key=lambda one: one.id):  # always in the same order: each row is locked
        redraw(session, memory, rival, Party.REVIEWER, now)
    said = select(Outgoing).where(Outgoing.claim_id == claim.id, Outgoing.kind.in_(DIRECT)).order_by(Outgoing.id)
    for row in session.scalars(said):
        where = {"message": row.id, "channel": row.channel, "ts": row.ts}
        _enqueue(session, claim, "message_erased", row.team, row.lane, where, now)
    # Afterwards: clean-up may move one from there to here just now, and is then found twice rather than never.
    for old in session.scalars(select(OldMessage).where(OldMessage.claim_id == claim.id).order_by(OldMessage.id)):
        kind, place = "thread_erased" if old.thread else "message_erased", {"channel": old.channel, "ts": old.ts}
        _enqueue(session, claim, kind, old.team, f"{old.team}/{old.channel}", place, now)
        session.delete(old)
    reminded = select(Reminder.message_id).where(Reminder.claim_id == claim.id, Reminder.message_id.is_not(None))
    redraw_reminders(session, {one for one in session.scalars(reminded) if one is not None}, now)


def _enqueue(
    session: Session, claim: Claim, kind: str, team: str, lane: str, payload: Mapping[str, object], now: datetime
) -> None:
    which = "/".join(str(value) for value in payload.values())
    key = f"{kind}:{claim.id}:{which}"
    enqueue(session, kind=kind, team=team, lane=lane, payload=dict(payload), unique_key=key, now=now, claim=claim.id)


# What people typed to find this customer: each word of it that stands in the customer's names. A word too many is no
# harm: somebody's list is unfiltered again.
_SEARCHES = r"""
WITH erased AS (
    SELECT lower(concat_ws(' ', claim_name, customer_name, CAST(:domain AS text), customer_tenant_id, subscription_id,
        customer_contact_name, customer_contact_email, partner_contact_name, partner_contact_email)) AS words
    FROM claims WHERE id = :claim
),
searched AS (
    UPDATE exports SET words = 'erased' FROM erased
    WHERE exports.words <> '' AND EXISTS (
        SELECT FROM regexp_split_to_table(lower(exports.words), '[\s:"]+') word
        WHERE length(word) >= 3 AND strpos(erased.words, word) > 0)
),
chosen AS (
    UPDATE homes SET choice = '{}', digest = NULL FROM erased
    WHERE EXISTS (
        SELECT FROM jsonb_each_text(choice) one, regexp_split_to_table(lower(one.value), '[\s:"]+') word
        WHERE length(word) >= 3 AND strpos(erased.words, word) > 0)
)
UPDATE inbox SET answer = jsonb_set(answer, '{typed}', '""') FROM erased
WHERE answer ? 'typed' AND EXISTS (
    SELECT FROM regexp_split_to_table(lower(answer ->> 'typed'), '[\s:"]+') word
    WHERE length(word) >= 3 AND strpos(erased.words, word) > 0)
"""
