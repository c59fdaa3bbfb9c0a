"""Lists of claims: found by words, a page at a time, each page taking the place of the one before."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from pydantic import BaseModel
from slack_bolt import Ack, App

from bot.cards.card import Message
from bot.cards.details import no_claims
from bot.cards.listing import found_list, nothing_found
from bot.cards.text import Block, escape, line, plain, words
from bot.desk import Desk, Outdated, carried, who_of
from models.answers import Who
from models.queries.criteria import Criteria
from models.queries.filter_words import WordsError, read_words, write_words
from models.queries.finding import Page, page, without_each
from models.queries.people import actor_for
from models.queries.walking import Cursor
from rules import permissions
from rules.lifecycle import Status
from rules.permissions import Actor

_TURN = "list.turn."


class _Asked(BaseModel):
    """What a button to another page carries: the filter in words, where the page begins, and the list's label."""

    w: str
    c: str
    l: str | None = None  # noqa: E741 - buttons are short


def listed(desk: Desk, who: Who, typed: str) -> Message:
    """The first page of what the words ask for, or what is wrong with them."""
    try:
        criteria = read_words(typed, desk.programme.catalogue)
    except WordsError as error:
        said = f"{error} {desk.command} help list explains the filters."
        return Message(escape(said), [line(words(said))])
    return page_of(desk, who, criteria)


def possible(desk: Desk, who: Who, statuses: Sequence[Status], label: str) -> Message:
    """The claims in one of the statuses, in which the action called ``label`` can be taken."""
    return page_of(desk, who, Criteria(statuses=tuple(dict.fromkeys(statuses))), label=label)


def page_of(
    desk: Desk, who: Who, criteria: Criteria, cursor: Cursor | None = None, *, label: str | None = None
) -> Message:
    """A page of what this person may see and the criteria ask for; ``label`` names what can be done with the claims."""
    with desk.memory.database.reading() as session:
        actor = actor_for(session, who)
        found = page(session, desk.memory, actor, criteria, cursor)
        if not found.claims:
            if write_words(criteria):
                return nothing_found(criteria, without_each(session, desk.memory, actor, criteria), desk.command)
            return no_claims("There are no claims yet that you can see.", _how_one_comes(desk, actor))
        partners = actor.reviewer or len(actor.memberships) > 1
        title = f"Claims: {label}" if label else "Claims"
        turns = _turns(found, criteria, label)
        return found_list(found, title, criteria, desk.view(session), partners=partners, turns=turns)


def _how_one_comes(desk: Desk, actor: Actor) -> str:
    refusal = permissions.may_file_somewhere(actor)
    if refusal is None:
        return f"{desk.command} new files one."
    return "What partners submit appears here." if actor.reviewer else refusal.message


def register(app: App, desk: Desk) -> None:
    """Listen to the buttons that lead to other pages."""

    def turn(ack: Ack, body: dict[str, Any]) -> None:
        asked = carried(_Asked, body["actions"][0].get("value"))
        try:
            criteria = read_words(asked.w, desk.programme.catalogue)
        except WordsError:
            raise Outdated from None
        cursor = None
        with suppress(ValueError):  # of an older version: from the beginning
            cursor = Cursor.read(asked.c, criteria.sort)
        desk.replace(body, page_of(desk, who_of(body), criteria, cursor, label=asked.l))
        ack()

    app.action(re.compile(f"^{re.escape(_TURN)}"))(turn)


def _turns(found: Page, criteria: Criteria, label: str | None) -> list[Block]:
    ways = (("back", "Previous page", found.before), ("on", "Next page", found.after))
    return [
        {
            "type": "button",
            "action_id": _TURN + name,
            "text": plain(text, 75),
            "value": json.dumps({"w": write_words(criteria), "c": cursor.write(), "l": label}, ensure_ascii=False),
        }
        for name, text, cursor in ways
        if cursor is not None
    ]
