"""What the bot said of a claim whose data was erased is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.delivery.cards import place
from bot.delivery.posting import EVENT, Poster
from bot.desk import Desk
from jobs.delivery import Receipt, RetryLater
from models.operations.outbox import Taken
from models.tables import Outgoing

# Slack lets a bot delete some fifty messages a minute; one delivery must end within half a minute.
_AT_ONCE = 15
_THEN = timedelta(seconds=20)
_PAGE = 200
# Somebody deleted it, or with it the thread or the whole channel.
_GONE = ("message_not_found", "thread_not_found", "channel_not_found")


class ErasedThreads:
    """Deletes every line of the bot's in the thread of a claim's card. What people wrote there only they can delete.

    A card that was left where the claim no longer belongs goes with its thread.
    """

    def __init__(self, desk: Desk, poster: Poster) -> None:
        self._desk = desk
        self._poster = poster

    def deliver(self, row: Taken) -> Receipt:
        """Delete what is there; the rest of a long thread after a pause."""
        if (left := row.payload.get("ts")) is not None:
            channel, thread = row.payload["channel"], left
        elif (card := place(self._desk, row)) is not None:
            channel, thread = card.channel, card.ts
        else:
            return Receipt(row.lane)
        try:
            lines = list(self._lines(row, channel, thread))
        except SlackApiError as error:
            if error.response.get("error") not in _GONE:
                raise
            lines = []
        for ts in lines[:_AT_ONCE]:
            _delete(self._poster.slack(row), channel, ts)
        if len(lines) > _AT_ONCE:
            raise RetryLater(_THEN)
        if left is not None:  # last: by it the thread is found
            _delete(self._poster.slack(row), channel, thread)
        return Receipt(channel, thread)

    def look_up(self, row: Taken) -> None:
        """Nothing is posted, so nothing is to be found."""

    def _lines(self, row: Taken, channel: str, thread: str) -> Iterator[str]:
        pages = self._poster.slack(row).conversations_replies(
            channel=channel, ts=thread, limit=_PAGE, include_all_metadata=True
        )
        for message in (message for page in pages for message in page["messages"]):
            ours = (message.get("metadata") or {}).get("event_type") == EVENT
            if ours and message["ts"] != thread:
                yield str(message["ts"])


class ErasedMessages:
    """Deletes a message that the bot sent to somebody alone, or an old reminder."""

    def __init__(self, desk: Desk, poster: Poster) -> None:
        self._desk = desk
        self._poster = poster

    def deliver(self, row: Taken) -> Receipt:
        """Delete it, if it was sent and is still there."""
        channel, ts = row.payload.get("channel"), row.payload.get("ts")
        if ts is None:  # it was still on its way when the claim was erased
            with self._desk.memory.database.transaction() as session:
                said = session.get(Outgoing, row.payload["message"])
                channel, ts = (said.channel, said.ts) if said is not None else (None, None)
        if channel is None or ts is None:
            return Receipt(row.lane)
        _delete(self._poster.slack(row), channel, ts)
        return Receipt(channel, ts)

    def look_up(self, row: Taken) -> None:
        """Nothing is posted, so nothing is to be found."""


def _delete(slack: WebClient, channel: str, ts: str) -> None:
    try:
        slack.chat_delete(channel=channel, ts=ts)
    except SlackApiError as error:
        if error.response.get("error") not in _GONE:
            raise
