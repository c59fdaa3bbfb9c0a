"""What a person is told when their place in a team was changed."""

from __future__ import annotations

from typing import Any

from bot.cards.card import Message
from bot.cards.text import escape, line, words
from bot.delivery.posting import Poster
from bot.desk import Desk
from jobs.delivery import Receipt
from models.operations.outbox import Taken
from models.tables import JournalEntry, Partner, Person


class TeamNotes:
    """Tells somebody, by direct message, what they are now, and who said so."""

    def __init__(self, desk: Desk, poster: Poster) -> None:
        self._desk = desk
        self._poster = poster

    def deliver(self, row: Taken) -> Receipt:
        """Tell them."""
        with self._desk.memory.database.transaction() as session:
            entry = session.get_one(JournalEntry, row.payload["entry"])
            by = session.get(Person, entry.person_id) if entry.person_id is not None else None
            partner = session.get(Partner, entry.body.get("partner")) if "partner" in entry.body else None
            said = _said(by.name if by else "An administrator", partner.name if partner else None, entry.body)
        text = f"{said} {self._desk.command} help says what you can do." if entry.body["after"] else said
        return self._poster.post(row, row.payload["user"], Message(escape(text), [line(words(text))]))

    def look_up(self, row: Taken) -> None:
        """A message that was lost is better said twice than not at all."""


def _said(by: str, partner: str | None, body: dict[str, Any]) -> str:
    after = body["after"]
    if after is None:
        of = f"a member of {partner}" if partner else "a reviewer of this programme"
        return f"{by} removed you: you are not {of} any more."
    if partner is None:
        return f"{by} made you {'a lead reviewer' if after['lead'] else 'a reviewer'} of this programme."
    roles = ", ".join(role.replace("_", " ") for role in after["roles"])
    where = "for all locations" if after["locations"] is None else f"for {', '.join(after['locations'])}"
    return f"{by} says what you are at {partner}: {roles}, {where}."
