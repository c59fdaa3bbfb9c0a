"""Everything that happened to a claim, page by page, newest first."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict
from slack_bolt import Ack, App

from bot.cards.card import Message
from bot.cards.history import claim_history
from bot.cards.text import Block, plain
from bot.desk import Desk, carried, who_of
from models.answers import Who
from models.queries.claims import find, history_of
from models.queries.people import actor_for

# Each entry shows what changed and what was written; so many stay within one message of Slack's.
PAGE = 8
_MORE = "history.more"


class _Asked(BaseModel):
    """What the button to the page before carries: the claim's number, and the last entry of this page."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    n: str
    b: int


def page_of(desk: Desk, who: Who, number: str, *, before: int | None = None) -> Message:
    """A page of the claim's history; ``before`` is the last entry of the page before. Raises Refused."""
    with desk.memory.database.reading() as session:
        claim = find(session, actor_for(session, who), number)
        every = history_of(session, claim)
        older = [entry for entry in reversed(every) if before is None or entry.id < before]
        shown = older[:PAGE]
        more = _more(claim.number, shown[-1].id) if len(older) > PAGE else None
        first = len(every) - len(older) + 1
        return claim_history(claim, shown, desk.programme, first=first, total=len(every), more=more)


def register(app: App, desk: Desk) -> None:
    """Listen to the button that leads to earlier entries."""

    def earlier(ack: Ack, body: dict[str, Any]) -> None:
        asked = carried(_Asked, body["actions"][0].get("value"))
        desk.whisper(body, page_of(desk, who_of(body), asked.n, before=asked.b))
        ack()

    app.action(_MORE)(earlier)


def _more(number: str, before: int) -> Block:
    value = _Asked(n=number, b=before).model_dump_json()
    button = {"type": "button", "action_id": _MORE, "text": plain("Earlier", 75), "value": value}
    return {"type": "actions", "elements": [button]}
