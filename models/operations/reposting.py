"""Everything anew in Slack: for a workspace that lost its messages, or a programme that moved its channels."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from models.memory import Memory
from models.operations.acting import tell
from models.queries.claims import history_of
from models.tables import Card, Claim, Outgoing


def repost(memory: Memory) -> int:
    """Forget where every card is and post all of them again, each with its story. How many claims that were.

    What still waited to be sent is dropped: the new cards and stories say it.
    """
    now = memory.clock()
    with memory.database.transaction() as session:
        session.execute(delete(Card))
        session.execute(
            update(Outgoing)
            .where(Outgoing.state.in_(("pending", "sending")), Outgoing.kind.in_(("card", "story")))
            .values(state="dead", problem="posted anew")
        )
        claims = session.scalars(select(Claim).where(Claim.discarded_at.is_(None)).order_by(Claim.id)).all()
        for claim in claims:
            tell(session, memory, claim, history_of(session, claim), now)
    return len(claims)
