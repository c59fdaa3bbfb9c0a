"""Comments on their way into the threads of claims' cards."""

from __future__ import annotations

from bot.cards.comments import comment_message
from bot.delivery.cards import place
from bot.delivery.posting import Poster
from bot.desk import Desk
from jobs.delivery import NotYet, Receipt
from models.operations.copies import Told
from models.operations.outbox import Taken
from models.tables import Comment
from rules.lifecycle import Party


class Comments:
    """Posts what was said on one side, or sent to it, as a line in the thread of the claim's card."""

    def __init__(self, desk: Desk, poster: Poster) -> None:
        self._desk = desk
        self._poster = poster

    def deliver(self, row: Taken) -> Receipt:
        """Post the line. Raises NotYet while the card is not there."""
        card = place(self._desk, row)
        if card is None:
            raise NotYet
        told, side, version = Told(row.payload["told"]), Party(row.payload["side"]), row.payload["version"]
        with self._desk.memory.database.transaction() as session:
            message = comment_message(session.get_one(Comment, row.payload["comment"]), told, side, version)
        return self._poster.post(row, card.channel, message, thread=card.ts)

    def look_up(self, row: Taken) -> Receipt | None:
        """Where the line is."""
        card = place(self._desk, row)
        return self._poster.find(row, card.channel, thread=card.ts) if card is not None else None
