"""The long parts of a claim's page, read in a window of their own, and its files of proof by direct message."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError
from slack_bolt import Ack, App
from sqlalchemy.orm import Session

from bot.cards import parts
from bot.cards.card import Message
from bot.cards.parts import PAGE, PREFIX, SEND, Asked, Part
from bot.cards.text import Block, counted, escape, line, note, plain, words
from bot.desk import Body, Desk, press_key, who_of
from models.answers import Who
from models.operations.sending_proofs import send_proofs
from models.queries.claims import find
from models.queries.parts import last_comments, last_history
from models.queries.people import actor_for
from models.tables import Claim
from rules.permissions import Actor

CALLBACK = "part"


def register(app: App, desk: Desk) -> None:
    """Listen to the buttons that open a part, turn its page, or send a file."""

    def pressed(ack: Ack, body: dict[str, Any]) -> None:
        action = body["actions"][0]
        try:
            asked = Asked.model_validate_json(action.get("value") or "")
        except ValidationError:
            asked = None  # a button of an older version
        name = action["action_id"].removeprefix(PREFIX)
        if asked is None:
            pass
        elif name.startswith(SEND):
            _send(desk, body, asked)
        elif name.startswith("turn."):
            desk.show(body, _view(desk, who_of(body), asked))
        else:
            desk.lay_on_top(body, _view(desk, who_of(body), asked))
        ack()

    app.action(re.compile(rf"^{re.escape(PREFIX)}"))(pressed)


def _send(desk: Desk, body: Body, asked: Asked) -> None:
    count = send_proofs(desk.memory, who_of(body), asked.n, proof=asked.f, delivery=press_key(body))
    said = f"{counted(count, 'file')} of {asked.n} {'is' if count == 1 else 'are'} on the way to you by direct message."
    view = body.get("view", {})
    if view.get("callback_id") == CALLBACK:
        desk.show(body, _view(desk, who_of(body), asked, said))
    elif view.get("type") != "modal":  # in a window, the direct message itself tells
        desk.whisper(body, Message(escape(said), [line(words(said))]))


def _view(desk: Desk, who: Who, asked: Asked, said: str = "") -> dict[str, Any]:
    """The window with one page of a part. Raises Refused when this person cannot see the claim."""
    with desk.memory.database.reading() as session:
        actor = actor_for(session, who)
        claim = find(session, actor, asked.n, proofs=True)
        blocks = _blocks(desk, session, actor, claim, asked)
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(f"{asked.s} {claim.number}" if len(asked.s) < 14 else asked.s, 24),
        "close": plain("Close", 24),
        "blocks": [*([note(said)] if said else []), *blocks],
    }


def _blocks(desk: Desk, session: Session, actor: Actor, claim: Claim, asked: Asked) -> list[Block]:
    view = desk.view(session)
    if asked.s is Part.FIELDS:
        return parts.every_field(claim, view)
    if asked.s is Part.PROOF:
        return parts.every_proof(claim, view)
    size = PAGE[asked.s]
    skip = max(asked.p, 0) * size
    if asked.s is Part.HISTORY:
        entries = last_history(session, claim, size, skip=skip)
        return [*parts.history_page(entries, view), *parts.turning(asked, len(entries.rows), entries.total)]
    # Whoever belongs to the partner reads what the partner reads.
    internal = actor.membership(claim.partner_id) is None
    comments = last_comments(session, claim, size, internal=internal, skip=skip)
    if not comments.total:
        return [line(words("Nothing was said yet."))]
    page = parts.comments_page(comments, claim.partner.name)
    return [*page, *parts.turning(asked, len(comments.rows), comments.total)]
