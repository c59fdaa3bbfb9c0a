"""Claims with cards, whose threads are written in, and what waits to be told of it."""

from __future__ import annotations

from itertools import count
from typing import Any

from sqlalchemy import select

from models.memory import Memory
from models.operations import commenting, copies
from models.operations.commenting import Message
from models.operations.proofs import SlackFile
from models.queries.comments import comments_of
from models.tables import Card, Claim, Comment, Outgoing, claim_id
from rules.lifecycle import Status
from tests.cast import REVIEW_CHANNEL, TEAM, WHO, claim_in

PARTNER, REVIEWER = "partner", "reviewer"
CHANNEL = {PARTNER: "C0CONTOSO", REVIEWER: REVIEW_CHANNEL}
SIDE = {"Ana": PARTNER, "Ivo": PARTNER, "Bill": PARTNER, "Rosa": REVIEWER, "Remy": REVIEWER}

_stamps = count(1)


def card_ts(number: str, side: str) -> str:
    return f"{claim_id(number)}.{side}"


def claim_with_cards(memory: Memory, status: Status, **values: Any) -> str:
    """A claim whose cards stand in both channels, and nothing waits to be told."""
    number = claim_in(memory, status, **values)
    with memory.database.transaction() as session:
        for side, channel in CHANNEL.items():
            if side == PARTNER or status is not Status.DRAFT:
                card = Card(claim_id=claim_id(number), side=side, team=TEAM, channel=channel, ts=card_ts(number, side))
                session.add(card)
    return number


def message(number: str, side: str, text: str, *files: SlackFile, ts: str | None = None) -> Message:
    return Message(TEAM, CHANNEL[side], card_ts(number, side), ts or f"m{next(_stamps)}", text, files)


def write(memory: Memory, who: str, number: str, text: str = "Hello", side: str | None = None, **more: Any) -> Any:
    return commenting.hear(memory, WHO[who], message(number, side or SIDE[who], text), **more)


def recorded(memory: Memory, number: str) -> list[Comment]:
    with memory.database.transaction() as session:
        return comments_of(session, session.get_one(Claim, claim_id(number)))


def told(memory: Memory, side: str | None = None) -> list[tuple[str, str, str]]:
    """What waits to be posted of comments: (side, what is told, in which words), in order."""
    with memory.database.transaction() as session:
        rows = session.scalars(select(Outgoing).where(Outgoing.kind == "comment").order_by(Outgoing.id))
        found = []
        for row in rows:
            comment = session.get_one(Comment, row.payload["comment"])
            words = copies.words_of(comment, row.payload["version"])
            assert row.lane == f"{TEAM}/{CHANNEL[row.payload['side']]}"
            found.append((row.payload["side"], row.payload["told"], words))
    return [one for one in found if side in (None, one[0])]
