"""Digests on their way: worded when they are posted, as everything stands by then."""

from __future__ import annotations

from bot.cards.digest import digest_message
from bot.delivery.posting import Poster
from bot.desk import Desk
from jobs.delivery import Receipt
from models.operations.outbox import Taken
from models.queries.digests import audiences, digest_of


class Digests:
    """Posts the digest of a channel, or of a person by direct message."""

    def __init__(self, desk: Desk, poster: Poster) -> None:
        self._desk = desk
        self._poster = poster

    def deliver(self, row: Taken) -> Receipt:
        """Post it; nothing, where nothing is left to say or nobody is left to read it."""
        memory, channel = self._desk.memory, row.payload["channel"]
        with memory.database.transaction() as session:
            every = {(one.team, one.channel): one for one in audiences(session, memory)}
            audience = every.get((row.team, channel))
            digest = digest_of(session, memory, audience, memory.clock()) if audience is not None else None
            if audience is None or not digest:
                return Receipt(channel)
            view = self._desk.view(session)
            message = digest_message(digest, view, command=self._desk.command, direct=audience.person)
        return self._poster.post(row, channel, message)

    def look_up(self, row: Taken) -> Receipt | None:
        """Where it is; a direct message that was lost is better said twice than not at all."""
        channel = row.payload["channel"]
        return self._poster.find(row, channel) if channel.startswith(("C", "G")) else None
