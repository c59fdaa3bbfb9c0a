"""An association that has been official for months, with usage and earnings, so that there are figures to look at."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import delete

from models.answers import Who
from models.memory import Memory
from models.operations import reviewing, settling
from models.operations.earnings_report import earnings_report
from models.operations.reports import Report, import_report
from models.operations.usage_report import usage_report
from models.tables import Outgoing, claim_id

if TYPE_CHECKING:
    from bot.demo.claims import Planter

_CLAIM = {
    "claim_name": "Relecloud: Microsoft 365 in every office",
    "mpn": "4711001",
    "solution_area": "modern-work",
    "partner_role": "use-or-consume",
    "customer_tenant_id": "6d8e4ca1-3209-4a1f-9b54-ac701e3f8d26",
    "customer_name": "Relecloud",
    "customer_domain": "relecloud.example",
    "customer_country": "DE",
    "products": ["teams", "exchange", "sharepoint"],
    "customer_contact_email": "cara@relecloud.example",
}
_FILED, _REVIEWED, _APPROVED, _OFFICIAL = 220, 217, 210, 200  # days ago
# By workload: active users in the first month, more of them each month, and sold seats.
_USAGE = {"Teams": (310, 95, 1050), "Exchange": (880, 25, 1200), "SharePoint": (120, 60, 900)}
_AMOUNT = 240.50


def plant_figures(planter: Planter, memory: Memory, ana: Who, rosa: Who) -> None:
    """File the claim, let its association become official, and import a report of usage and one of earnings."""
    number = planter.filed(ana, days_ago=_FILED, **_CLAIM)
    planter.at(_REVIEWED, lambda then: reviewing.start_review(then, rosa, number))
    planter.at(_APPROVED, lambda then: reviewing.approve(then, rosa, number))
    planter.at(_OFFICIAL, lambda then: settling.associate(then, number))
    with memory.database.transaction() as session:
        # The customer had this mail then. Sent now it would be too late, and whoever starts the demo would read so.
        session.execute(delete(Outgoing).where(Outgoing.kind == "mail", Outgoing.claim_id == claim_id(number)))
    catalogue, now = memory.programme.catalogue, memory.clock()
    with memory.database.reading() as session:
        today = memory.calendar(session).local_day(now)
    months = _months(now, today)
    _import(memory, usage_report(catalogue), [_USAGE_HEAD, *_usage(number, months)], today)
    _import(memory, earnings_report(catalogue), [_EARNINGS_HEAD, *_earnings(number, months, today)], today)


_USAGE_HEAD = "CustomerTenantId,WorkloadName,MonthlyActiveUsers,PaidAvailableUnits,ClaimId,MpnId,Date"
_EARNINGS_HEAD = (
    "EarningId,ClaimId,CustomerTenantId,MpnId,EngagementName,EarningDate,EarningAmount,Currency,PaymentDate,PaymentId"
)


def _months(now: datetime, today: date) -> list[date]:
    """The first days of the whole months since the association became official."""
    month = (now - timedelta(days=_OFFICIAL)).date().replace(day=1)
    found = []
    while (following := (month + timedelta(days=32)).replace(day=1)) <= today:
        found.append(month)
        month = following
    return found


def _usage(number: str, months: list[date]) -> list[str]:
    who = f"{number},{_CLAIM['mpn']}"
    return [
        f"{_CLAIM['customer_tenant_id']},{workload},{min(seats, users + nth * more)},{seats},{who},{month}"
        for nth, month in enumerate(months)
        for workload, (users, more, seats) in _USAGE.items()
    ]


def _earnings(number: str, months: list[date], today: date) -> list[str]:
    what = f"{number},{_CLAIM['customer_tenant_id']},{_CLAIM['mpn']},Modern Work and Security Usage"
    lines = []
    for nth, month in enumerate(months, 1):
        last = (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        paid = last + timedelta(days=45)
        payment = f"{paid},P-{4400 + nth}" if paid <= today else ","
        lines.append(f"E-{month:%Y%m}-{nth},{what},{last},{_AMOUNT * nth:.2f},EUR,{payment}")
    return lines


def _import(memory: Memory, report: Report, lines: list[str], today: date) -> None:
    with TemporaryDirectory(prefix="claimbot-") as folder:
        path = Path(folder) / "report.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        import_report(memory.database, report, path, today=today)
