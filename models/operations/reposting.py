"""Posting anew in Slack: everything in a workspace that lost its messages."""

from __future__ import annotations

from sqlalchemy import delete, select

from models.memory import Memory
from models.operations.acting import tell
from models.queries.claims import history_of
from models.tables import Card, Claim, Outgoing


def repost(memory: Memory) -> int:
    """Forget where every card is and post all of them again, each with its story. How many claims that were.

    What was not sent yet is dropped: the new cards and stories say it.
    """
    now = memory.clock()
    with memory.database.transaction() as session:
        session.execute(delete(Card))
        session.execute(delete(Outgoing).where(Outgoing.state != "sent", Outgoing.kind.in_(("card", "story"))))
        claims = session.scalars(select(Claim).where(Claim.discarded_at.is_(None)).order_by(Claim.id)).all()
        for claim in claims:
            tell(session, memory, claim, history_of(session, claim), now)
    return len(claims)
