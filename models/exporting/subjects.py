"""What an export can be about, and which rows that is for one person: exactly what the answer in Slack is made from."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exporting import claims, figures
from models.exporting.columns import Setting
from models.exporting.source import Extract
from models.memory import Memory
from models.queries.claims import visible
from models.queries.filter_words import WordsError, read_words, write_words
from models.queries.finding import matching
from models.queries.stats import stats
from models.queries.usage import claims_asked_for, shown
from models.tables import Claim, EarningLine, UsageLine
from rules.periods import Period, period
from rules.permissions import Actor


class Subject(StrEnum):
    """What an export is about; the values are the words by which people ask for it."""

    CLAIMS = "claims"
    USAGE = "usage"
    EARNINGS = "earnings"
    STATS = "stats"


def tidy_words(memory: Memory, subject: Subject, words: str) -> str:
    """What was asked for, as it is understood. Raises WordsError."""
    match subject:
        case Subject.CLAIMS:
            return write_words(read_words(words, memory.programme.catalogue))
        case Subject.STATS:
            with memory.database.reading() as session:
                _period(session, memory, words)
    return " ".join(words.split())


def extract_of(
    session: Session, memory: Memory, actor: Actor, words: str, subject: Subject = Subject.CLAIMS
) -> Extract:
    """What ``actor`` may see, now, of what ``words`` ask for. Raises WordsError."""
    setting = Setting(memory.programme, memory.settings(session).timezone)
    match subject:
        case Subject.CLAIMS:
            found = matching(session, memory, actor, read_words(words, memory.programme.catalogue))
            return Extract("Claims", found, setting, claims.fields_for(actor, setting), claims.beside)
        case Subject.USAGE:
            which = (visible(actor), shown(setting.timezone), *claims_asked_for(session, words))
            lines = select(UsageLine).join(Claim, Claim.id == UsageLine.claim_id).where(*which)
            lines = lines.order_by(UsageLine.month, UsageLine.claim_id, UsageLine.workload)
            return Extract("Usage", lines, setting, figures.fields(figures.USAGE, setting), figures.beside)
        case Subject.EARNINGS:
            of_claims = (visible(actor), *claims_asked_for(session, words))
            earned = select(EarningLine).join(Claim, Claim.id == EarningLine.claim_id).where(*of_claims)
            earned = earned.order_by(EarningLine.earned_on, EarningLine.external_id)
            return Extract("Earnings", earned, setting, figures.fields(figures.EARNINGS, setting), figures.beside)
        case Subject.STATS:
            asked = _period(session, memory, words)
            calendar = memory.calendar(session)
            begin, end = calendar.at(asked.first, 0), calendar.end_of(asked.last)
            told = figures.told(stats(session, actor, begin, end, memory.clock()), memory.programme)
            return Extract("Statistics", figures.listed(told, asked), setting, figures.fields(figures.STATS, setting))


def _period(session: Session, memory: Memory, words: str) -> Period:
    try:
        return period(words, memory.calendar(session).local_day(memory.clock()))
    except ValueError as error:
        raise WordsError(str(error)) from None
