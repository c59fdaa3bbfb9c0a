"""Reminders on their way: worded when they are posted, and drawn anew when what they were about is done."""

from __future__ import annotations

from slack_sdk.errors import SlackApiError

from bot.cards.card import Message
from bot.cards.reminders import reminder_message
from bot.delivery.cards import GONE
from bot.delivery.posting import Poster
from bot.desk import Desk, as_body
from jobs.delivery import Receipt
from models.operations.outbox import Taken
from models.queries.reminders import reminded
from models.tables import Outgoing
from rules.lifecycle import Party


class Reminders:
    """Posts a reminder, of one claim or of many."""

    def __init__(self, desk: Desk, poster: Poster) -> None:
        self._desk = desk
        self._poster = poster

    def deliver(self, row: Taken) -> Receipt:
        """Post it in the words that fit now. Nothing is posted, and nothing has to be, where all of it is settled."""
        memory, channel = self._desk.memory, row.payload["channel"]
        with memory.database.transaction() as session:
            items = reminded(session, memory, row.id, Party(row.payload["side"]), memory.clock())
            waiting = [one for one in items if one.matters and one.asleep is None]
            if not waiting:
                return Receipt(channel)
            message = reminder_message(waiting, self._desk.view(session))
        return self._poster.post(row, channel, message)

    def look_up(self, row: Taken) -> Receipt | None:
        """Where it is."""
        return self._poster.find(row, row.payload["channel"])


class ReminderRedraws:
    """Draws a reminder that was posted as the database now says."""

    def __init__(self, desk: Desk, poster: Poster) -> None:
        self._desk = desk
        self._poster = poster

    def deliver(self, row: Taken) -> Receipt:
        """Draw it anew. One that was never posted, or that somebody deleted, stays away."""
        channel = row.payload["channel"]
        place, message = self._drawn(row)
        if place is None or place.ts is None or message is None:
            return Receipt(channel)
        try:
            self._poster.slack(row).chat_update(channel=place.channel, ts=place.ts, **as_body(message))
        except SlackApiError as error:
            if error.response.get("error") not in GONE:
                raise
        return place

    def look_up(self, row: Taken) -> None:
        """Nothing is posted, so nothing is to be found."""

    def _drawn(self, row: Taken) -> tuple[Receipt | None, Message | None]:
        memory = self._desk.memory
        with memory.database.transaction() as session:
            posted = session.get(Outgoing, row.payload["message"])
            if posted is None or posted.channel is None or posted.ts is None:
                return None, None
            items = reminded(session, memory, posted.id, Party(posted.payload["side"]), memory.clock())
            message = reminder_message(items, self._desk.view(session)) if items else None
            return Receipt(posted.channel, posted.ts), message
