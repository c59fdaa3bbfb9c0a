"""Asking a rule set about a claim, under the rules that decide about that claim; and keeping what it said."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from models.facts import facts_of
from models.memory import Memory
from models.operations.publishing import keep
from models.tables import Claim, StoredDecision
from rules.decision import Decision
from rules.engine import decide

if TYPE_CHECKING:
    from models.operations.acting import Act


def decide_on(
    memory: Memory, session: Session, claim: Claim, rule_set: str, now: datetime, *, event: str = ""
) -> Decision:
    """What ``rule_set`` says of the claim at the moment ``now``; nothing is stored.

    Raises:
        KeyError: the claim's rules have no such set.
    """
    rules = memory.rules_of(session, claim).rule_sets[rule_set]
    return decide(rules, facts_of(session, memory, claim, now, event=event))


def keep_today(acting: Act) -> str:
    """Keep today's rules for as long as there is a claim that they decide about; their version."""
    today = acting.memory.programme
    keep(acting.session, today)
    return today.version


def remember(acting: Act, decision: Decision) -> None:
    """Keep with the claim what was decided, with everything it rests on."""
    acting.session.add(
        StoredDecision(
            claim_id=acting.claim.id,
            at=acting.now,
            rule_set=decision.rule_set,
            version=decision.version,
            outcome=decision.outcome,
            body=decision.to_json(),
        )
    )
