"""``stats``: how long claims take and how they are decided, in a period."""

from __future__ import annotations

from bot.cards.card import Message
from bot.cards.export_buttons import with_file
from bot.cards.stats import stats_message
from bot.cards.text import escape, line, words
from bot.desk import Desk
from models.answers import Who
from models.exporting.subjects import Subject
from models.queries.people import actor_for
from models.queries.stats import stats
from rules.periods import period


def figures(desk: Desk, who: Who, written: str) -> Message:
    """The statistics of a period: for reviewers of all claims, for a partner's members of those that they see."""
    with desk.memory.database.reading() as session:
        actor = actor_for(session, who)
        if not actor.reviewer and not actor.memberships:
            return _said("Statistics are for a partner's members and for reviewers, and you are not listed as one.")
        calendar, now = desk.memory.calendar(session), desk.memory.clock()
        try:
            asked = period(written, calendar.local_day(now))
        except ValueError as error:
            return _said(str(error))
        found = stats(session, actor, calendar.at(asked.first, 0), calendar.end_of(asked.last), now)
        message = stats_message(found, asked, desk.programme, reviewer=actor.reviewer)
        return with_file(message, Subject.STATS, written) if not found.empty else message


def _said(text: str) -> Message:
    return Message(escape(text), [line(words(text))])
