"""``earnings``: whether and where claims appear in the earnings and payout report, and why they do not."""

from __future__ import annotations

from bot.cards.card import Message
from bot.cards.earnings import earnings_message
from bot.cards.export_buttons import with_file
from bot.cards.text import cut, escape, line, words
from bot.desk import Desk
from models.answers import Who
from models.exporting.subjects import Subject
from models.queries.claims import find
from models.queries.earnings import claims_about, earnings_of, newest_earnings, totals_of
from models.queries.people import actor_for
from models.queries.usage import NUMBER, claims_asked_for


def earnings(desk: Desk, who: Who, asked: str) -> Message:
    """Earnings of a claim (by number) or a customer (by tenant, subscription, domain or words of the name).

    Raises:
        Refused: the claim that is named cannot be seen by this person.
    """
    if not asked:
        example = f"{desk.command} earnings CL-000123, or with a tenant ID, a subscription ID or a customer's name."
        return _said(f"Whose earnings? {example}")
    with desk.memory.database.reading() as session:
        actor = actor_for(session, who)
        if NUMBER.fullmatch(asked):
            find(session, actor, asked)
        claims, count = claims_about(session, actor, *claims_asked_for(session, asked))
        if not claims:
            return _said(f"There is no claim that you can see for “{cut(asked, 60)}”.")
        lines, totals = earnings_of(session, claims), totals_of(session, claims)
        message = earnings_message(claims, count, lines, totals, desk.view(session), newest_earnings(session))
        return with_file(message, Subject.EARNINGS, asked) if lines else message


def _said(text: str) -> Message:
    return Message(escape(text), [line(words(text))])
