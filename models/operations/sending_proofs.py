"""Files of proof for somebody who asks for them: by direct message, to them alone."""

from __future__ import annotations

from models.answers import Refused, Who
from models.memory import Memory
from models.operations.inbox import answered
from models.operations.outbox import enqueue
from models.queries.claims import find
from models.queries.people import actor_for
from rules.permissions import Condition, Refusal


def send_proofs(memory: Memory, who: Who, number: str, *, proof: int | None = None, delivery: str | None = None) -> int:
    """Have the claim's files of proof sent to ``who``: one of them (its id), or all. How many that are.

    Whoever may see a claim may have its proofs; that is asked again when they are sent.

    Raises:
        Refused: this person cannot see the claim, or it has no such file.
    """
    now = memory.clock()
    with memory.database.transaction() as session:
        claim = find(session, actor_for(session, who), number, proofs=True)
        wanted = [one.id for one in claim.accepted_proofs if proof in (None, one.id)]
        if not wanted:
            raise Refused(Refusal(Condition.STATUS, f"{claim.number} has no such file any more."), claim.status)
        if answered(session, delivery, now) is None:
            enqueue(
                session,
                kind="proof_files",
                team=who.team,
                lane=f"{who.team}/{who.user}",
                payload={"team": who.team, "user": who.user, "proofs": wanted},
                unique_key=f"proof_files:{claim.id}:{who.team}:{who.user}:{proof or 'all'}",
                now=now,
                claim=claim.id,
            )
        return len(wanted)
