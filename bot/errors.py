"""What a person is told when something cannot be done: where they are, to them alone, and what they typed survives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt import App, BoltResponse
from sqlalchemy.exc import OperationalError

from bot.cards.card import Message
from bot.cards.text import escape, line, plain, words
from bot.desk import Desk, Outdated, who_of
from bot.stale import caught_up
from models.answers import Invalid, Overtaken, Refused, Who
from models.memory import NoDirectory

log = structlog.get_logger("claimbot.errors")


def register(app: App, desk: Desk) -> None:
    """Answer for every handler that raises."""

    @app.error
    def failed(error: Exception, body: dict[str, Any]) -> BoltResponse:
        text = said(desk, error, _who(body))
        if body.get("type") == "event_callback" and not isinstance(error, Refused):
            # Nobody is told, and nobody tries again but Slack: an event is acknowledged once it had its effect.
            return BoltResponse(status=500, body="")
        return answer(desk, body, text)


def said(desk: Desk, error: Exception, who: Who | None = None) -> str:
    """What happened, whether anything was saved, and what to do next: plain words, nothing of our insides.

    Whoever used a card that was out of date is told how the claim stands, and the card is drawn anew; ``who`` says
    what may be told.
    """
    match error:
        case Refused():
            desk.metrics.refused(error.refusal.condition)
            return _refused(desk, error, who)
        case Overtaken():
            return f"{error.by} changed {error.number} meanwhile. Nothing was changed; please look again."
        case Invalid():
            return " ".join(error.errors.values())
        case Outdated():
            return "This is from another version of claimbot. Nothing was changed; please open it again."
        case NoDirectory():
            return "claimbot is not set up yet: an administrator has to import the directory. Nothing was changed."
        case OperationalError():
            log.error("database_unreachable", error=type(error).__name__)
            return "claimbot cannot reach its database right now. Nothing was changed; please try again in a minute."
    reference = desk.new_key()[:8]
    log.error("unexpected", reference=reference, exc_info=error)
    return (
        "Something went wrong on our side, and nothing was changed. Please try again; if it happens again, "
        f"tell your administrator this reference: {reference}"
    )


def answer(desk: Desk, body: Mapping[str, Any], text: str) -> BoltResponse:
    """The acknowledgement that says ``text`` where the person is, or an empty one after saying it another way."""
    kind = body.get("type")
    message = Message(escape(text), [line(words(text))])
    if "command" in body:
        return _ack({"response_type": "ephemeral", "text": message.text, "blocks": message.blocks})
    if kind == "view_submission":
        # On top of the form, so that what was typed is still there below.
        return _ack({"response_action": "push", "view": notice(text)})
    if kind == "block_suggestion":
        return _ack({"options": []})
    if kind in ("shortcut", "message_action"):
        desk.later(lambda: desk.client(body).views_open(trigger_id=body["trigger_id"], view=notice(text)))
    elif kind == "block_actions":
        if body.get("view", {}).get("type") == "modal":
            desk.later(lambda: desk.client(body).views_push(trigger_id=body["trigger_id"], view=notice(text)))
        else:
            desk.whisper(body, message)
    return BoltResponse(status=200, body="")


def _who(body: Mapping[str, Any]) -> Who | None:
    try:
        return who_of(body)
    except KeyError:
        return None  # an event that nobody caused


def _refused(desk: Desk, error: Refused, who: Who | None) -> str:
    if who is None or error.refusal.moved_on is None:
        return error.refusal.message
    try:
        return caught_up(desk, who, error.refusal)
    except OperationalError:
        return error.refusal.message  # true all the same, and nothing else can be found out now


def notice(text: str, *, title: str = "That did not work", close: str = "Back") -> dict[str, Any]:
    """A form that only says something."""
    return {
        "type": "modal",
        "callback_id": "notice",
        "title": plain(title, 24),
        "close": plain(close, 24),
        "blocks": [line(words(text))],
    }


def _ack(body: Mapping[str, Any]) -> BoltResponse:
    return BoltResponse(status=200, body=json.dumps(body), headers={"Content-Type": "application/json"})
