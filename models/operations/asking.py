"""What is asked of claimbot in a claim's thread, beside actions: how the claim stands, and what was not clear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from models.answers import Who
from models.memory import Memory
from models.operations.acting import whereabouts
from models.operations.inbox import answer_with, answered
from models.operations.outbox import enqueue
from models.queries.claims import find
from models.queries.people import actor_for
from models.tables import Inbound


def tell_state(memory: Memory, who: Who, number: str, side: str, *, delivery: str) -> None:
    """Have the thread of the claim's card on this side told how the claim stands, once for each delivery.

    Raises:
        Refused: this person cannot see the claim.
    """
    now = memory.clock()
    with memory.database.transaction() as session:
        if answered(session, delivery, now) is not None:
            return
        claim = find(session, actor_for(session, who), number)
        team, channel = whereabouts(session, memory, claim, side)
        enqueue(
            session,
            kind="state",
            team=team,
            lane=f"{team}/{channel}",
            payload={"side": side, "channel": channel},
            unique_key=f"state:{delivery}",
            now=now,
            claim=claim.id,
        )


def keep_unclear(memory: Memory, who: Who, delivery: str, typed: str) -> bool:
    """Remember what was answered in private to a delivery, and what the person had typed. False: it was before."""
    now = memory.clock()
    with memory.database.transaction() as session:
        if answered(session, delivery, now) is not None:
            return False
        answer_with(session, delivery, {"team": who.team, "user": who.user, "typed": typed})
        return True


def kept(memory: Memory, who: Who, delivery: str) -> str:
    """What this person had typed then; empty where it is nobody's, somebody else's, or long gone."""
    answer = _answer(memory, delivery) or {}
    return str(answer.get("typed", "")) if (answer.get("team"), answer.get("user")) == (who.team, who.user) else ""


def was_answered(memory: Memory, delivery: str) -> bool:
    """Whether this delivery was answered in private before."""
    return _answer(memory, delivery) is not None


def _answer(memory: Memory, delivery: str) -> Mapping[str, Any] | None:
    with memory.database.transaction() as session:
        return session.scalar(select(Inbound.answer).where(Inbound.key == delivery))
