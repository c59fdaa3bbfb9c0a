"""Looking one claim up, whole."""

from __future__ import annotations

from typing import Any

from bot.cards.buttons import offered_to
from bot.cards.card import Message
from bot.cards.details import LATEST, Latest, claim_details
from bot.cards.text import Block, line, plain, words
from bot.conversations import home
from bot.desk import Body, Desk, team_of, who_of
from models.answers import Refused, Who
from models.queries.claims import find, subject_of
from models.queries.parts import last_comments, last_decision, last_history
from models.queries.people import actor_for
from models.queries.surroundings import surroundings
from rules.lifecycle import Status

_WINDOW = "details"


def show(desk: Desk, who: Who, number: str) -> Message:
    """The page of one claim, as this person may see it. Raises Refused."""
    with desk.memory.database.reading() as session:
        actor = actor_for(session, who)
        claim = find(session, actor, number, proofs=True)
        # Whoever belongs to the partner is shown the partner's view, and nothing of other partners.
        own = actor.membership(claim.partner_id) is not None
        latest = Latest(
            last_history(session, claim, LATEST),
            last_comments(session, claim, LATEST, internal=not own),
            last_decision(session, claim, reviewer=not own),
        )
        around = None if own else surroundings(session, desk.memory, claim)
        return claim_details(claim, latest, offered_to(actor, subject_of(claim)), desk.view(session), around)


def open_details(desk: Desk, body: Body, number: str) -> None:
    """Show one claim where the person pressed for it: in a window, or beside a message to them alone.

    Raises:
        Refused: this person cannot see it.
    """
    message = show(desk, who_of(body), number)
    if "view" in body:
        desk.lay_on_top(body, _window(number, message.blocks))
    else:
        desk.whisper(body, message)


def follow(desk: Desk, body: Body, number: str) -> None:
    """Draw Home, or the window with the claim, anew where that is where the person acted on it."""
    view = body.get("view", {})
    if view.get("type") == "home":
        home.show(desk, who_of(body), team_of(body))
    if view.get("callback_id") != _WINDOW:
        return
    try:
        blocks = show(desk, who_of(body), number).blocks
    except Refused:
        blocks = [line(words(f"{number} is gone."))]  # a draft that was discarded just now
    desk.show(body, _window(number, blocks))


def status_of(desk: Desk, who: Who, number: str) -> Status:
    """How the claim stands. Raises Refused when this person cannot see it."""
    with desk.memory.database.reading() as session:
        return find(session, actor_for(session, who), number).status


def _window(number: str, blocks: list[Block]) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": _WINDOW,
        "title": plain(number, 24),
        "close": plain("Close", 24),
        "blocks": blocks,
    }
