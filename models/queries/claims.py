"""Finding claims. Everything a person is shown goes through ``visible``."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, select
from sqlalchemy.orm import Session, joinedload

from models.answers import Refused
from models.tables import Claim, History, StoredDecision, claim_id, claim_number
from rules.decision import Decision
from rules.fields import printable
from rules.lifecycle import Action, Transition
from rules.permissions import Actor, Condition, Refusal, Subject, check, sees

# With what hangs on one claim and is always shown with it. Built once: that takes longer than to read it.
_CLAIM = (
    select(Claim)
    .where(Claim.id == bindparam("id"), Claim.discarded_at.is_(None))
    .options(joinedload(Claim.partner), joinedload(Claim.location), joinedload(Claim.reviewer))
)
_WITH_PROOFS = _CLAIM.options(joinedload(Claim.proofs))
# The row only: what hangs on it is read by others meanwhile. And not its key: whoever has the claim beside it queues a
# redraw of this one's card, which names it.
_LOCKED = _CLAIM.with_for_update(of=Claim, key_share=True).execution_options(populate_existing=True)
_HISTORY = (
    select(History)
    .where(History.claim_id == bindparam("claim"))
    .order_by(History.id)
    .options(joinedload(History.person))
)


def subject_of(claim: Claim) -> Subject:
    """As much of a claim as permissions depend on."""
    return Subject(
        number=claim.number,
        status=claim.status,
        partner=claim.partner_id,
        mpn=claim.mpn,
        submitted=claim.submitted_at is not None,
        rejected_by=claim.rejected_by_id,
        reviewer=claim.reviewer_id,
        erased=claim.erased_at is not None,
    )


def permitted(actor: Actor, action: Action, claim: Claim) -> Transition:
    """The row of the lifecycle by which this person may do that to the claim now. Raises Refused."""
    row = check(actor, action, subject_of(claim))
    if isinstance(row, Refusal):
        raise Refused(row, claim.status)
    return row


def visible(actor: Actor) -> ColumnElement[bool]:
    """The one visibility rule as SQL; the same as ``rules.permissions.sees``, held equal by a test."""
    if actor.party is not None:
        return Claim.discarded_at.is_(None)
    ways: list[ColumnElement[bool]] = []
    for one in actor.memberships:
        own = Claim.partner_id == one.partner
        ways.append(own if one.locations is None else and_(own, Claim.mpn.in_(sorted(one.locations))))
    if actor.reviewer:
        ways.append(Claim.submitted_at.is_not(None))
    return and_(Claim.discarded_at.is_(None), or_(false(), *ways))


def find(session: Session, actor: Actor, number: str, *, lock: bool = False, proofs: bool = False) -> Claim:
    """The claim with this number, if ``actor`` may see it; ``lock`` holds its row until the transaction ends.

    ``proofs`` are read in the same statement (not with ``lock``); otherwise when they are first asked for.

    Raises:
        Refused: there is none that this person can see. The answer is the same whether there is none or it is hidden.
    """
    identity = claim_id(number)
    query = _LOCKED if lock else _WITH_PROOFS if proofs else _CLAIM
    claim = session.scalars(query, {"id": identity}).unique().one_or_none() if identity is not None else None
    if claim is None or not sees(actor, subject_of(claim)):
        # In one form for both, or how it is written would tell a hidden claim from a missing one.
        shown = claim_number(identity) if identity is not None else printable(number)[:20]
        raise Refused(Refusal(Condition.VISIBLE, f"There is no claim {shown} that you can see."))
    return claim


def history_of(session: Session, claim: Claim) -> list[History]:
    """Everything that happened to the claim, oldest first."""
    return list(session.scalars(_HISTORY, {"claim": claim.id}))


def last_decision(session: Session, claim: Claim, rule_set: str) -> Decision | None:
    """What the rule set decided last about the claim."""
    stored = session.scalar(
        select(StoredDecision)
        .where(StoredDecision.claim_id == claim.id, StoredDecision.rule_set == rule_set)
        .order_by(StoredDecision.id.desc())
        .limit(1)
    )
    return None if stored is None else Decision.from_json(stored.body)
