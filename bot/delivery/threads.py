"""Lines in the thread of a claim's card: the story, comments, and how a claim stands when somebody asks."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from bot.cards.card import Message, state_message
from bot.cards.comments import comment_message
from bot.cards.story import story
from bot.delivery.cards import place
from bot.delivery.posting import Poster
from bot.desk import Desk
from jobs.delivery import NotYet, Receipt
from models.operations.copies import Told
from models.operations.outbox import Taken
from models.queries.surroundings import surroundings
from models.tables import Claim, Comment, History
from rules.lifecycle import Party

Words = Callable[[Desk, Session, Taken], Message]


class ThreadLines:
    """Posts one kind of line into the threads of cards; ``words`` makes it from the database as it then stands."""

    def __init__(self, desk: Desk, poster: Poster, words: Words) -> None:
        self._desk = desk
        self._poster = poster
        self._words = words

    def deliver(self, row: Taken) -> Receipt:
        """Post the line. Raises NotYet while the card is not there."""
        card = place(self._desk, row)
        if card is None:
            raise NotYet
        with self._desk.memory.database.transaction() as session:
            message = self._words(self._desk, session, row)
        return self._poster.post(row, card.channel, message, thread=card.ts)

    def look_up(self, row: Taken) -> Receipt | None:
        """Where the line is."""
        card = place(self._desk, row)
        return self._poster.find(row, card.channel, thread=card.ts) if card is not None else None


def story_line(desk: Desk, session: Session, row: Taken) -> Message:
    """What happened to the claim."""
    return story(session.get_one(History, row.payload["history"]), desk.programme)


def comment_line(desk: Desk, session: Session, row: Taken) -> Message:
    """What was said on one side, or sent to it."""
    told, side, version = Told(row.payload["told"]), Party(row.payload["side"]), row.payload["version"]
    return comment_message(session.get_one(Comment, row.payload["comment"]), told, side, version)


def state_line(desk: Desk, session: Session, row: Taken) -> Message:
    """How the claim stands now, for the side that asked."""
    claim, side = session.get_one(Claim, row.claim_id), row.payload["side"]
    around = surroundings(session, desk.memory, claim) if side == "reviewer" else None
    return state_message(claim, side, desk.view(session), around)
