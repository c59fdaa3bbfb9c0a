"""Posting a message so that it can be found again, and finding it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from slack_sdk import WebClient

from bot.cards.card import Message
from bot.desk import as_body
from bot.workspaces import Workspaces
from jobs.delivery import Receipt
from models.operations.outbox import Taken

# The name under which a message's metadata carries the id of its outbox row: ids only, since anybody can read it.
EVENT = "claimbot_outbox"
_PAGE = 200
# How far our clock may be ahead of Slack's, which gives a message its time.
_SKEW = timedelta(minutes=10)


class Poster:
    """Posts and finds messages of outbox rows."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    def slack(self, row: Taken) -> WebClient:
        """The client of the row's workspace. Raises NotInstalled."""
        return self._workspaces.client(row.team)

    def post(self, row: Taken, channel: str, message: Message, *, thread: str | None = None) -> Receipt:
        """Post a message, in the thread under ``thread`` if that is given."""
        answer = self.slack(row).chat_postMessage(
            channel=channel,
            thread_ts=thread,
            metadata={"event_type": EVENT, "event_payload": {"id": str(row.id)}},
            unfurl_links=False,
            unfurl_media=False,
            **as_body(message),
        )
        return Receipt(str(answer["channel"]), str(answer["ts"]))

    def find(self, row: Taken, channel: str, *, thread: str | None = None) -> Receipt | None:
        """Where this row's message is, among all that came to the channel or thread since the row was written."""
        where: dict[str, Any] = {
            "channel": channel,
            "limit": _PAGE,
            "include_all_metadata": True,
            "oldest": f"{(row.created_at - _SKEW).timestamp():.6f}",
        }
        slack = self.slack(row)
        first = slack.conversations_replies(ts=thread, **where) if thread else slack.conversations_history(**where)
        for message in (message for page in first for message in page["messages"]):
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == EVENT and metadata["event_payload"].get("id") == str(row.id):
                return Receipt(channel, str(message["ts"]))
        return None
