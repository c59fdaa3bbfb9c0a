"""``usage``: active users and sold seats of what somebody is officially associated with."""

from __future__ import annotations

from bot.cards.card import Message
from bot.cards.export_buttons import with_file
from bot.cards.text import escape, line, words
from bot.cards.usage import customers_text, no_usage, usage_message
from bot.desk import Desk
from models.answers import Who
from models.exporting.subjects import Subject
from models.queries.claims import find
from models.queries.people import actor_for
from models.queries.usage import NUMBER, claims_asked_for, customers_of, newest_report, standing_claims, usage_of


def usage(desk: Desk, who: Who, asked: str) -> Message:
    """Usage of a claim (by number), of a customer (by words of the name, domain, tenant or subscription), or of all.

    Raises:
        Refused: the claim that is named cannot be seen by this person.
    """
    with desk.memory.database.reading() as session:
        actor = actor_for(session, who)
        if not asked and not actor.memberships and actor.reviewer:
            return _which(desk)
        if NUMBER.fullmatch(asked):
            find(session, actor, asked)
        which = claims_asked_for(session, asked)
        view = desk.view(session)
        used = usage_of(session, actor, view.calendar.timezone.key, *which)
        if not used:
            return no_usage(asked, standing_claims(session, actor, *which), view, newest_report(session))
        about = customers_text(*customers_of(session, actor, *which))
        return with_file(usage_message("Usage and sold seats", about, used, view), Subject.USAGE, asked)


def _which(desk: Desk) -> Message:
    text = f"Whose usage? Name a claim or a customer: {desk.command} usage CL-000123, {desk.command} usage northwind"
    return Message(escape(text), [line(words(text))])
