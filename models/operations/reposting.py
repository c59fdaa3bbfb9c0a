"""Posting anew in Slack: a claim that moved to another channel, or everything in a workspace that lost its messages."""

from __future__ import annotations

from sqlalchemy import delete, select

from models.memory import Memory
from models.operations.acting import Act, tell, whereabouts
from models.operations.outbox import enqueue
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


def follow_location(acting: Act) -> None:
    """Move the partner's card where the claim's location now has it: who is in a channel sees its cards.

    The card that stood elsewhere keeps its place and shows nothing of the claim any more.
    """
    session, claim = acting.session, acting.claim
    card = session.get(Card, (claim.id, "partner"))
    if card is None:
        return
    team, channel, ts = card.team, card.channel, card.ts
    session.flush()
    session.refresh(claim, ["location"])
    session.delete(card)
    session.flush()
    if whereabouts(session, acting.memory, claim, "partner") == (team, channel):
        session.add(Card(claim_id=claim.id, side="partner", team=team, channel=channel, ts=ts))
        return
    enqueue(
        session,
        kind="card_left",
        team=team,
        lane=f"{team}/{channel}",
        payload={"channel": channel, "ts": ts},
        unique_key=f"card_left:{channel}:{ts}",
        now=acting.now,
        claim=claim.id,
    )
    tell(session, acting.memory, claim, history_of(session, claim), acting.now, on=("partner",))
