"""Looking claims up: one whole, and pages of many."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from slack_bolt import Ack, App

from bot.cards.buttons import offered_to
from bot.cards.card import Message
from bot.cards.details import LATEST, Latest, claim_details, claim_list, no_claims
from bot.cards.text import Block, line, plain, words
from bot.conversations import home
from bot.desk import Body, Desk, who_of
from models.answers import Refused, Who
from models.queries.claims import PAGE, find, newest, subject_of
from models.queries.parts import last_comments, last_decision, last_history
from models.queries.people import actor_for
from models.queries.surroundings import surroundings
from models.tables import claim_id
from rules.lifecycle import Status

_MORE = "list.more"
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
        home.show(desk, who_of(body))
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


def page_of(
    desk: Desk, who: Who, statuses: Sequence[Status] = (), *, before: str | None = None, label: str | None = None
) -> Message:
    """A page of the claims that this person may see, newest first.

    ``before`` is the last number of the page before; ``label`` names what can be done with claims in ``statuses``.
    """
    with desk.memory.database.reading() as session:
        actor = actor_for(session, who)
        claims = newest(session, actor, statuses=statuses, before=claim_id(before) if before else None)
        wanted = label or ", ".join(statuses)
        if not claims:
            if wanted or before:
                return no_claims("There are no more claims like that." if before else "There are none like that.", "")
            return no_claims("There are no claims yet that you can see.", f"{desk.command} new files one.")
        more = _more(claims[PAGE - 1].number, statuses, label) if len(claims) > PAGE else None
        title = f"Claims: {wanted}" if wanted else "Claims"
        return claim_list(claims[:PAGE], title, desk.view(session), more=more)


def register(app: App, desk: Desk) -> None:
    """Listen to the button that leads to the next page."""

    def next_page(ack: Ack, body: dict[str, Any]) -> None:
        asked = json.loads(body["actions"][0]["value"])
        statuses = [Status(one) for one in asked["s"]]
        desk.whisper(body, page_of(desk, who_of(body), statuses, before=asked["n"], label=asked.get("l")))
        ack()

    app.action(_MORE)(next_page)


def _window(number: str, blocks: list[Block]) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": _WINDOW,
        "title": plain(number, 24),
        "close": plain("Close", 24),
        "blocks": blocks,
    }


def _more(last: str, statuses: Sequence[Status], label: str | None) -> Block:
    value = json.dumps({"n": last, "s": list(statuses), "l": label})
    button = {"type": "button", "action_id": _MORE, "text": plain("Next page", 75), "value": value}
    return {"type": "actions", "elements": [button]}
