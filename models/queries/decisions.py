"""What rule sets decided about a claim: what is kept, and what they would say now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.facts import facts_of
from models.memory import Memory
from models.operations.deciding import decide_on
from models.tables import Claim, StoredDecision
from rules.decision import Decision
from rules.engine import decide
from rules.facts import ClaimFacts
from rules.lifecycle import Status

# What these say of other partners' claims is for reviewers alone.
OF_OTHERS = frozenset({"competing_claims", "competing_proof_on"})


@dataclass(frozen=True)
class Told:
    """A decision, and when it was made and kept; ``at`` is None for what the rules say at this moment."""

    decision: Decision
    at: datetime | None


def kept(session: Session, claim: Claim) -> list[Told]:
    """The last decision of each rule set that is kept, in the order in which they were made."""
    query = select(StoredDecision).where(StoredDecision.claim_id == claim.id).order_by(StoredDecision.id)
    last = {row.rule_set: row for row in session.scalars(query)}
    return [Told(Decision.from_json(row.body), row.at) for row in sorted(last.values(), key=lambda row: row.id)]


def decisions_for(session: Session, memory: Memory, claim: Claim, *, reviewer: bool) -> list[Told]:
    """What somebody who sees the claim may be told; what is kept first, and then what is not decided yet.

    A partner is told nothing that rests on claims of other partners, and no hints to reviewers.
    """
    now = memory.clock()
    told = kept(session, claim)
    if claim.submitted_at is None:
        told.append(Told(decide_on(memory, session, claim, "submission", now), None))
    if claim.status is Status.APPROVED and claim.associated_at is None:
        told.append(Told(decide_on(memory, session, claim, "incentive", now), None))
    if reviewer:
        told.append(Told(hints(session, memory, claim), None))
        return told
    return [Told(without_others(one.decision), one.at) for one in told]


def hints(session: Session, memory: Memory, claim: Claim) -> Decision:
    """What the rule set ``review`` says of the claim now: for reviewers alone."""
    return decide_on(memory, session, claim, "review", memory.clock())


def incentive(session: Session, memory: Memory, claim: Claim) -> Decision:
    """Whether the association can bring money: as was decided when it became official, before that as it looks now."""
    if claim.associated_at is not None:
        for told in kept(session, claim):
            if told.decision.rule_set == "incentive":
                return told.decision
    return decide_on(memory, session, claim, "incentive", memory.clock())


def decided_today(session: Session, memory: Memory, claim: Claim, told: Told) -> Decision | None:
    """What today's rules say of the facts on which a kept decision rests; None where they have no such set.

    What those rules ask beyond that is taken from the claim as it now stands.
    """
    rules = memory.programme.rule_sets.get(told.decision.rule_set)
    if rules is None:
        return None
    return decide(rules, _facts_then(facts_of(session, memory, claim, told.at or memory.clock()), told.decision))


def same(one: Decision, other: Decision) -> bool:
    """Whether two decisions come to the same, for the same rules."""
    return (one.outcome, set(one.fired)) == (other.outcome, set(other.fired))


def _facts_then(facts: ClaimFacts, decision: Decision) -> ClaimFacts:
    stood: dict[str, Any] = {}
    for finding in decision.findings:
        for leaf in finding.leaves:
            if hasattr(facts, leaf.variable):
                stood[leaf.variable] = _value(leaf.variable, leaf.actual)
    return replace(facts, **stood)


_DAYS = frozenset(name for name, kind in ClaimFacts.__annotations__.items() if "date" in str(kind))


def _value(name: str, actual: Any) -> Any:
    return date.fromisoformat(actual) if name in _DAYS and isinstance(actual, str) else actual


def without_others(decision: Decision) -> Decision:
    """The decision without what rests on claims of other partners: as a partner may read it."""
    findings = [one for one in decision.findings if OF_OTHERS.isdisjoint(leaf.variable for leaf in one.leaves)]
    return replace(decision, findings=tuple(findings))
