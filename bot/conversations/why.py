"""``Why?``: what the rules decided about a claim, rule by rule, for whoever may see the claim."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from slack_bolt import Ack, App

from bot.cards.text import Block, line, plain, words
from bot.cards.why import why_pages
from bot.desk import Body, Desk, who_of
from models.answers import Who
from models.queries.claims import find
from models.queries.decisions import Told, decisions_for
from models.queries.people import actor_for

_PREFIX = "why."


class _Place(BaseModel):
    """Where somebody reads: the claim, the rule set (None: the last that decided) and the page of its decision."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    n: str
    s: str | None = None
    p: int = 0


def open_why(desk: Desk, body: Body, number: str) -> None:
    """Open the explanation, on top of the form the person is in, if any. Raises Refused."""
    desk.lay_on_top(body, _view(desk, who_of(body), _Place(n=number)))


def register(app: App, desk: Desk) -> None:
    """Listen to the buttons that lead to other decisions and pages."""

    def turned(ack: Ack, body: dict[str, Any]) -> None:
        try:
            place = _Place.model_validate_json(body["actions"][0].get("value") or "")
        except ValidationError:
            pass  # a button of an older version
        else:
            desk.show(body, _view(desk, who_of(body), place))
        ack()

    app.action(re.compile(rf"^{re.escape(_PREFIX)}"))(turned)


def _view(desk: Desk, who: Who, place: _Place) -> dict[str, Any]:
    """The page of an explanation. Raises Refused when this person cannot see the claim."""
    with desk.memory.database.reading() as session:
        actor = actor_for(session, who)
        claim = find(session, actor, place.n)
        # Whoever belongs to the partner is shown the partner's view, and nothing of other partners.
        own = actor.membership(claim.partner_id) is not None
        every = decisions_for(session, desk.memory, claim, reviewer=actor.reviewer and not own)
        calendar = desk.memory.calendar(session)
    blocks: list[Block]
    if not every:
        blocks = [line(words("No rules have decided anything about this claim yet."))]
    else:
        shown = next((one for one in every if one.decision.rule_set == place.s), every[-1])
        pages = why_pages(shown, calendar)
        number = min(max(place.p, 0), len(pages) - 1)
        blocks = [*_choice(claim.number, every, shown), *pages[number], *_turning(claim.number, shown, number, pages)]
    return {
        "type": "modal",
        "callback_id": "why",
        "title": plain(f"Why? {claim.number}", 24),
        "close": plain("Close", 24),
        "blocks": blocks,
    }


def _choice(number: str, every: list[Told], shown: Told) -> list[Block]:
    """The decisions that there are, where there are several."""
    if len(every) < 2:
        return []
    others = [one.decision for one in every if one is not shown]
    buttons = [_button(f"set.{one.rule_set}", one.title, _Place(n=number, s=one.rule_set)) for one in others]
    return [{"type": "actions", "elements": buttons[:25]}]


def _turning(number: str, shown: Told, page: int, pages: list[list[Block]]) -> list[Block]:
    at = {"Previous page": page - 1, "Next page": page + 1}
    name = shown.decision.rule_set
    buttons = [
        _button(f"page.{place}", label, _Place(n=number, s=name, p=place))
        for label, place in at.items()
        if 0 <= place < len(pages)
    ]
    return [{"type": "actions", "elements": buttons}] if buttons else []


def _button(name: str, label: str, place: _Place) -> dict[str, Any]:
    return {
        "type": "button",
        "action_id": f"{_PREFIX}{name}",
        "text": plain(label, 75),
        "value": place.model_dump_json(exclude_none=True),
    }
