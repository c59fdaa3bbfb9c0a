"""The columns of exports of usage, earnings and statistics, as `models.exporting.claims` has those of claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Numeric, Select, String, column, func, literal, select, values
from sqlalchemy.orm import aliased

from models.exporting.columns import Column, Kind, Setting, by_id, named, plain
from models.queries.every_claim import number_of
from models.queries.stats import Ended, Stats
from models.tables import Claim, EarningLine, Partner, UsageLine
from rules.lifecycle import Action, Status
from rules.loading import Programme
from rules.periods import Period

PARTNER = aliased(Partner)


def _workload(setting: Setting) -> ColumnElement[Any]:
    return named(UsageLine.workload, by_id(*setting.programme.catalogue.products))


def _engagement(setting: Setting) -> ColumnElement[Any]:
    return named(EarningLine.engagement, by_id(*setting.programme.catalogue.engagements))


_CLAIM = (
    Column("Claim", "The claim's number.", Kind.WORD, plain(number_of(Claim.id)), width=12),
    Column("Partner", "The partner company.", Kind.TEXT, plain(PARTNER.name), width=24),
    Column("Partner location (MPN)", "The number of the location.", Kind.WORD, plain(Claim.mpn)),
    Column("Customer name", "As the claim has it.", Kind.TEXT, plain(Claim.customer_name), width=26),
    Column(
        "Customer tenant ID", "The customer's tenant, a GUID.", Kind.WORD, plain(Claim.customer_tenant_id), width=38
    ),
)
USAGE: tuple[Column, ...] = (
    Column("Month", "Its first day.", Kind.DAY, plain(UsageLine.month), width=12),
    *_CLAIM,
    Column("Product", "The workload, as the catalogue names it.", Kind.TEXT, _workload, width=26),
    Column("Monthly active users", "In that month.", Kind.NUMBER, plain(UsageLine.monthly_active_users)),
    Column("Sold seats", "Paid available units in that month.", Kind.NUMBER, plain(UsageLine.paid_available_units)),
)
EARNINGS: tuple[Column, ...] = (
    Column("Earned on", "The day.", Kind.DAY, plain(EarningLine.earned_on), width=12),
    *_CLAIM,
    Column("Subscription ID", "The claim's.", Kind.WORD, plain(Claim.subscription_id), width=38),
    Column("Line", "The report's own id of the line.", Kind.TEXT, plain(EarningLine.external_id)),
    Column("Engagement", "As the catalogue names it.", Kind.TEXT, _engagement, width=30),
    Column("Amount", "Negative for a correction.", Kind.NUMBER, plain(func.trim_scale(EarningLine.amount))),
    Column("Currency", "Three letters.", Kind.WORD, plain(EarningLine.currency), width=10),
    Column("Paid on", "Empty while it is not paid.", Kind.DAY, plain(EarningLine.paid_on), width=12),
    Column("Payment", "With which payment.", Kind.TEXT, plain(EarningLine.payment)),
    Column("Reason", "Why it is not paid, where the report says so.", Kind.TEXT, plain(EarningLine.reason), width=30),
)
STATS: tuple[Column, ...] = (
    Column("From", "The first day of the period.", Kind.DAY, plain(column("first", Date)), width=12),
    Column("To", "Its last day.", Kind.DAY, plain(column("last", Date)), width=12),
    Column(
        "Figure",
        "What is counted: as the heads of the table in Slack.",
        Kind.WORD,
        plain(column("figure", String)),
        width=24,
    ),
    Column("Of", "The status, the outcome, or the reviewer.", Kind.TEXT, plain(column("about", String)), width=40),
    Column("Value", "A number, of days with one decimal.", Kind.NUMBER, plain(column("value", Numeric)), width=12),
)

Told = tuple[str, str, Decimal]


def fields(columns: Sequence[Column], setting: Setting) -> list[tuple[Column, ColumnElement[Any]]]:
    """The columns with their values."""
    return [(one, one.value(setting)) for one in columns]


def beside(query: Select[Any]) -> Select[Any]:
    """What the columns of usage and earnings need beside the line and its claim."""
    return query.join(PARTNER, PARTNER.id == Claim.partner_id)


def decisions(ended: Sequence[Ended], programme: Programme) -> list[tuple[str, int]]:
    """Outcomes in words with their counts; what is called the same is one."""
    sums: Counter[str] = Counter()
    for one in ended:
        sums[_outcome(one, programme)] += one.count
    return list(sums.items())


def _outcome(one: Ended, programme: Programme) -> str:
    if one.action is Action.APPROVE:
        return "Approved"
    if one.action is Action.DISASSOCIATE:
        return "Given up by the partner"
    names = {reason.id: reason.name for reason in programme.reasons.rejection}
    return f"Rejected: {names.get(one.reason, one.reason) if one.reason else 'no reason'}"


def told(found: Stats, programme: Programme) -> Iterator[Told]:
    """Every figure: what is counted, of what, and how much that is."""
    for stay in found.stays:
        yield "Left it", stay.status, Decimal(stay.count)
        yield "Median days", stay.status, _days(stay.median)
        yield "90% within", stay.status, _days(stay.ninetieth)
    for status in Status:
        if status in found.overdue:
            yield "Overdue now", status, Decimal(found.overdue[status])
    for outcome, count in decisions(found.ended, programme):
        yield "Decisions", outcome, Decimal(count)
    for worked in found.work:
        yield _WORK[worked.action], worked.reviewer, Decimal(worked.count)


_WORK = {
    Action.START_REVIEW: "Reviews started",
    Action.REQUEST_INFORMATION: "Information requested",
    Action.APPROVE: "Claims approved",
    Action.REJECT: "Claims rejected",
}


def listed(figures: Iterator[Told], asked: Period) -> Select[Any]:
    """Figures as rows; where there are none, no row."""
    rows = [(place, figure, about, value) for place, (figure, about, value) in enumerate(figures)]
    kinds = {"place": Integer, "figure": String, "about": String, "value": Numeric}
    table = values(*(column(*one) for one in kinds.items()), name="told").data(rows or [(0, "", "", Decimal(0))])
    days = (literal(asked.first, Date).label("first"), literal(asked.last, Date).label("last"))
    inner = select(*days, *table.c).where(literal(bool(rows))).subquery("counted")
    return select(inner).order_by(inner.c.place)


def _days(value: float) -> Decimal:
    return round(Decimal(value), 1)
