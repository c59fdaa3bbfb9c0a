"""What ends a claim or reopens it, beside a reviewer's decision: the partner, the customer, the clock."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from models.answers import Blocked, Done, Invalid, Refused, Who
from models.facts import one_at_a_time
from models.memory import Memory
from models.operations import proofs
from models.operations.acting import Act, act
from models.operations.deciding import decide_on, remember
from models.operations.proofs import SlackFile
from models.operations.reviewing import MESSAGE_LENGTH, note_rejection
from models.tables import Consent
from rules.fields import printable
from rules.lifecycle import Action
from rules.permissions import CLOCK, CUSTOMER, Condition, Refusal
from rules.reasons import CUSTOMER_DECLINED, NO_PARTNER_RESPONSE, PARTNER_REQUEST


def withdraw(
    memory: Memory, who: Who, number: str, reason: str, *, version: int | None = None, delivery: str | None = None
) -> Done:
    """The partner asks for the rejection itself, for one of the three partner-request reasons.

    Raises:
        Invalid: no reason, or an unknown one (key ``reason``).
        Refused: not this person, or not now.
        Overtaken: somebody changed the claim since ``version``.
    """

    def change(acting: Act) -> None:
        if all(one.id != reason for one in memory.programme.reasons.partner_request):
            raise Invalid({"reason": "Please choose a reason."})
        acting.reasons = [PARTNER_REQUEST, reason]
        note_rejection(acting, PARTNER_REQUEST, None)

    return act(memory, who, Action.WITHDRAW, number, change, version=version, delivery=delivery)


def dispute(
    memory: Memory,
    who: Who,
    number: str,
    justification: str,
    *,
    files: Sequence[SlackFile] = (),
    version: int | None = None,
    delivery: str | None = None,
) -> Done:
    """The partner disputes a rejection: within the window, once, with a justification or a new proof.

    Args:
        files: handed in with it. They still have to be checked, so a dispute does not rest on them.

    Raises:
        Blocked: the rule set ``dispute`` says no.
        Invalid: the justification is too long, or there are too many files (the field's id).
        Refused: not this person, or not now.
        Overtaken: somebody changed the claim since ``version``.
    """

    def change(acting: Act) -> None:
        claim = acting.claim
        acting.message = claim.business_justification = _text("business_justification", justification)
        one_at_a_time(acting.session, claim)
        decision = decide_on(memory, acting.session, claim, "dispute", acting.now)
        if decision.blocks:
            raise Blocked(decision)
        remember(acting, decision)
        proofs.hand_in(acting, files, None)  # after the decision, which would wait for their check
        claim.disputes += 1
        # Whoever rejected it may not decide it: it waits for somebody else to take it.
        claim.reviewer_id = None

    return act(memory, who, Action.DISPUTE, number, change, version=version, delivery=delivery)


def disassociate(
    memory: Memory, who: Who, number: str, reason: str, *, version: int | None = None, delivery: str | None = None
) -> Done:
    """The partner gives the customer up; there is no way back.

    Raises:
        Invalid: no reason, or too long a one (key ``reason``).
        Refused: not this person, or not now.
        Overtaken: somebody changed the claim since ``version``.
    """

    def change(acting: Act) -> None:
        acting.message = _text("reason", reason)
        if acting.message is None:
            raise Invalid({"reason": "Please say why."})
        note_rejection(acting, PARTNER_REQUEST, acting.message)

    return act(memory, who, Action.DISASSOCIATE, number, change, version=version, delivery=delivery)


def opt_out(memory: Memory, number: str, reason: str | None = None, *, delivery: str | None = None) -> Done:
    """The customer declines, while the window is open; that spends every link of the claim.

    Raises:
        Refused: the window has closed, or the claim is not approved any more.
    """

    def change(acting: Act) -> None:
        due = acting.claim.due_at
        if acting.claim.associated_at is not None or due is None or acting.now >= due:
            raise Refused(Refusal(Condition.LIMIT, "The time to opt out is over."), acting.claim.status)
        acting.reasons, acting.message = [CUSTOMER_DECLINED], _text("reason", reason or "")
        note_rejection(acting, CUSTOMER_DECLINED, acting.message)
        links = update(Consent).where(Consent.claim_id == acting.claim.id, Consent.spent_at.is_(None))
        acting.session.execute(links.values(spent_at=acting.now))

    return act(memory, CUSTOMER, Action.OPT_OUT, number, change, delivery=delivery)


def no_response(memory: Memory, number: str) -> Done:
    """The partner's time to answer has passed: the claim is rejected. Raises Refused if it has not."""

    def change(acting: Act) -> None:
        _passed(acting)
        acting.reasons = [NO_PARTNER_RESPONSE]
        note_rejection(acting, NO_PARTNER_RESPONSE, None)

    return act(memory, CLOCK, Action.NO_RESPONSE, number, change)


def associate(memory: Memory, number: str) -> Done:
    """The customer's time to opt out has passed: the association is official. Raises Refused if it has not."""

    def change(acting: Act) -> None:
        _passed(acting)
        acting.claim.associated_at = acting.now
        remember(acting, decide_on(memory, acting.session, acting.claim, "incentive", acting.now))

    return act(memory, CLOCK, Action.ASSOCIATE, number, change)


def _passed(acting: Act) -> None:
    due = acting.claim.due_at
    if due is None or acting.now < due:
        raise Refused(Refusal(Condition.LIMIT, "The limit has not passed."), acting.claim.status)


def _text(field: str, typed: str) -> str | None:
    text = printable(typed, lines=True)
    if len(text) > MESSAGE_LENGTH:
        raise Invalid({field: f"Please shorten this to {MESSAGE_LENGTH:,} characters; it has {len(text):,}."})
    return text or None
