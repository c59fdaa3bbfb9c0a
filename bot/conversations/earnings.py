"""``earnings``: whether and where claims appear in the earnings and payout report, and why they do not."""

from __future__ import annotations

from bot.cards.card import Message
from bot.cards.earnings import earnings_message
from bot.cards.text import cut, escape, line, words
from bot.conversations.usage import NUMBER
from bot.desk import Desk
from models.answers import Who
from models.queries.claims import find
from models.queries.earnings import claims_about, earnings_of, newest_earnings, totals_of
from models.queries.people import actor_for
from models.queries.usage import about
from models.tables import Claim


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
        named = NUMBER.fullmatch(asked) is not None
        which = Claim.id == find(session, actor, asked).id if named else about(session, asked)
        claims, count = claims_about(session, actor, which)
        if not claims:
            return _said(f"There is no claim that you can see for “{cut(asked, 60)}”.")
        lines, totals = earnings_of(session, claims), totals_of(session, claims)
        return earnings_message(claims, count, lines, totals, desk.view(session), newest_earnings(session))


def _said(text: str) -> Message:
    return Message(escape(text), [line(words(text))])
