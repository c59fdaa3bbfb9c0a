"""Lines of the earnings and payout report, for whoever may see the claims that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.queries.claims import visible
from models.tables import Claim, EarningLine
from rules.permissions import Actor

# So many claims are answered for one by one, and so many of their lines stand in one table.
CLAIMS, LINES = 5, 20


@dataclass(frozen=True, slots=True)
class Total:
    """All lines in one currency; ``paid`` is what of ``earned`` has a day of payment."""

    currency: str
    lines: int
    earned: Decimal
    paid: Decimal


def claims_about(session: Session, actor: Actor, *which: ColumnElement[bool]) -> tuple[Sequence[Claim], int]:
    """The newest claims in ``which`` that ``actor`` may see, and how many there are."""
    seen = (visible(actor), *which)
    claims = session.scalars(select(Claim).where(*seen).order_by(Claim.id.desc()).limit(CLAIMS)).all()
    count = session.scalar(select(func.count()).select_from(Claim).where(*seen)) if len(claims) == CLAIMS else None
    return claims, len(claims) if count is None else count


def earnings_of(session: Session, claims: Sequence[Claim]) -> list[EarningLine]:
    """The newest lines of these claims."""
    of_them = EarningLine.claim_id.in_([one.id for one in claims])
    order = (EarningLine.earned_on.desc(), EarningLine.external_id.desc())
    return list(session.scalars(select(EarningLine).where(of_them).order_by(*order).limit(LINES)))


def totals_of(session: Session, claims: Sequence[Claim]) -> dict[int, list[Total]]:
    """What all lines of these claims come to, by claim and currency; nothing for a claim without lines."""
    amount, paid = EarningLine.amount, EarningLine.paid_on.is_not(None)
    query = (
        select(
            EarningLine.claim_id,
            EarningLine.currency,
            func.count(),
            func.sum(amount),
            func.coalesce(func.sum(amount).filter(paid), 0),
        )
        .where(EarningLine.claim_id.in_([one.id for one in claims]))
        .group_by(EarningLine.claim_id, EarningLine.currency)
        .order_by(EarningLine.claim_id, EarningLine.currency)
    )
    found: dict[int, list[Total]] = {}
    for claim, currency, lines, earned, paid_of_it in session.execute(query):
        found.setdefault(claim, []).append(Total(currency, lines, earned, paid_of_it))
    return found


def newest_earnings(session: Session) -> date | None:
    """The newest day on which anything was earned, of all that was imported."""
    return session.scalar(select(func.max(EarningLine.earned_on)))
