"""What is handed over: a claim, to a reviewer."""

from __future__ import annotations

from bot.cards.buttons import claim_button
from bot.cards.card import Message, due_text
from bot.cards.text import cut, escape, line, words
from bot.delivery.posting import Poster
from bot.desk import Desk
from jobs.delivery import Receipt
from models.operations.outbox import Taken
from models.tables import Claim, Person


class Duties:
    """Tells a reviewer, by direct message, of a claim that was handed to them."""

    def __init__(self, desk: Desk, poster: Poster) -> None:
        self._desk = desk
        self._poster = poster

    def deliver(self, row: Taken) -> Receipt:
        """Tell them, with a button that leads to the claim."""
        with self._desk.memory.database.transaction() as session:
            claim = session.get_one(Claim, row.claim_id)
            by = session.get(Person, row.payload["by"])
            who = by.name if by is not None else "Somebody"
            said = f"{who} handed you the review of {claim.number} · {cut(claim.claim_name, 200)}."
            due = due_text(claim, self._desk.view(session))
            number = claim.number
        text = f"{said} {due}".strip()
        button = {"type": "actions", "elements": [claim_button("show", "Details", number)]}
        return self._poster.post(row, row.payload["user"], Message(escape(text), [line(words(text)), button]))

    def look_up(self, row: Taken) -> None:
        """A message that was lost is better said twice than not at all."""
