"""Usage and sold seats of what is associated now and officially: nothing before, nothing after, nothing else.

What may be shown is said by ``rules.association``; here it stands once more as SQL, and a test holds the two equal. The
picture and the table come from ``usage_of``, the file from the same conditions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Date, and_, any_, cast, func, or_, select
from sqlalchemy.orm import Session, load_only

from models.queries.claims import visible
from models.queries.searching import has_words, words_of_customer
from models.tables import Claim, UsageLine, claim_id
from rules.lifecycle import Status
from rules.permissions import Actor

# A claim's number as people write it, and nothing else.
NUMBER = re.compile(r"(cl-)?\d{1,18}", re.IGNORECASE)
# More customers than these a message does not name.
NAMED = 5


@dataclass(frozen=True, slots=True)
class Used:
    """A workload (product id) in a month (its first day), over all claims that were asked about."""

    workload: str
    month: date
    users: int
    seats: int


def official() -> ColumnElement[bool]:
    """Claims whose association stands and is official (``rules.association.Standing.OFFICIAL``)."""
    return and_(Claim.status == Status.APPROVED, Claim.associated_at.is_not(None))


def shown(zone: str) -> ColumnElement[bool]:
    """Lines of usage that may be shown to whoever may see the claim (``rules.association.may_show_usage``)."""
    begins = cast(func.date_trunc("month", func.timezone(zone, Claim.associated_at)), Date)
    return and_(official(), UsageLine.workload == any_(Claim.products), UsageLine.month >= begins)


def about(session: Session, asked: str) -> ColumnElement[bool]:
    """Claims about a customer: by words of the name, by domain, tenant or subscription."""
    by_subscription = Claim.subscription_id == asked.strip().strip("{}").lower()
    return or_(has_words(words_of_customer(session, [asked])), by_subscription)


def claims_asked_for(session: Session, asked: str) -> list[ColumnElement[bool]]:
    """Claims by number, or about a customer; without words there is no condition."""
    if not asked:
        return []
    return [Claim.id == claim_id(asked)] if NUMBER.fullmatch(asked) else [about(session, asked)]


def usage_of(session: Session, actor: Actor, zone: str, *which: ColumnElement[bool]) -> list[Used]:
    """Usage by workload and month, oldest first, of the claims in ``which`` that ``actor`` may see.

    Args:
        zone: the programme's; in it an association becomes official on some day.
    """
    query = (
        select(
            UsageLine.workload,
            UsageLine.month,
            func.sum(UsageLine.monthly_active_users),
            func.sum(UsageLine.paid_available_units),
        )
        .join(Claim, Claim.id == UsageLine.claim_id)
        .where(visible(actor), shown(zone), *which)
        .group_by(UsageLine.workload, UsageLine.month)
        .order_by(UsageLine.month, UsageLine.workload)
    )
    return [Used(workload, month, int(users), int(seats)) for workload, month, users, seats in session.execute(query)]


def customers_of(session: Session, actor: Actor, *which: ColumnElement[bool]) -> tuple[list[str], int]:
    """The first names of officially associated customers in ``which``, and how many there are."""
    seen = (visible(actor), official(), *which)
    name = func.coalesce(Claim.customer_name, Claim.customer_domain, Claim.customer_tenant_id)
    names = select(func.min(name)).where(*seen).group_by(Claim.customer_tenant_id).order_by(func.min(name)).limit(NAMED)
    count = select(func.count(Claim.customer_tenant_id.distinct())).where(*seen)
    return list(session.scalars(names)), session.scalar(count) or 0


def standing_claims(session: Session, actor: Actor, *which: ColumnElement[bool]) -> Sequence[Claim]:
    """The newest claims in ``which`` that ``actor`` may see, with how each stands and nothing more."""
    columns = (Claim.id, Claim.version, Claim.status, Claim.due_at, Claim.associated_at, Claim.customer_name)
    query = select(Claim).where(visible(actor), *which).order_by(Claim.id.desc()).limit(NAMED)
    return session.scalars(query.options(load_only(*columns, raiseload=True))).all()


def newest_report(session: Session) -> date | None:
    """The newest month of which any usage was imported."""
    return session.scalar(select(func.max(UsageLine.month)))
