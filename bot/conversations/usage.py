"""``usage``: active users and sold seats of what somebody is officially associated with."""

from __future__ import annotations

import re

from bot.cards.card import Message
from bot.cards.text import escape, line, words
from bot.cards.usage import customers_text, no_usage, usage_message
from bot.desk import Desk
from models.answers import Who
from models.queries.claims import find
from models.queries.people import actor_for
from models.queries.usage import about, customers_of, newest_report, standing_claims, usage_of
from models.tables import Claim

# A number as people write it, and nothing else.
NUMBER = re.compile(r"(cl-)?\d{1,18}", re.IGNORECASE)


def usage(desk: Desk, who: Who, asked: str) -> Message:
    """Usage of a claim (by number), of a customer (by words of the name, domain, tenant or subscription), or of all.

    Raises:
        Refused: the claim that is named cannot be seen by this person.
    """
    with desk.memory.database.reading() as session:
        actor = actor_for(session, who)
        if not asked and not actor.memberships and actor.reviewer:
            return _which(desk)
        which = []
        if NUMBER.fullmatch(asked):
            which.append(Claim.id == find(session, actor, asked).id)
        elif asked:
            which.append(about(session, asked))
        view = desk.view(session)
        used = usage_of(session, actor, view.calendar.timezone.key, *which)
        if not used:
            return no_usage(asked, standing_claims(session, actor, *which), view, newest_report(session))
        return usage_message("Usage and sold seats", customers_text(*customers_of(session, actor, *which)), used, view)


def _which(desk: Desk) -> Message:
    text = f"Whose usage? Name a claim or a customer: {desk.command} usage CL-000123, {desk.command} usage northwind"
    return Message(escape(text), [line(words(text))])
