"""Reports of usage and earnings, as the programme sends them, for every kind of test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from models.memory import Memory
from models.operations import settling
from models.operations.earnings_report import earnings_report
from models.operations.reports import Imported, Report, import_report
from models.operations.usage_report import usage_report
from models.tables import Claim
from rules.lifecycle import Status
from tests.cast import Clock, claim_as_it_stands, claim_in

USAGE_HEAD = (
    "CustomerTenantId,CustomerName,WorkloadName,MonthlyActiveUsers,PaidAvailableUnits,ClaimId,MpnId,DateAssociated,"
    "PartnerAttributionType,Date"
)
EARNINGS_HEAD = (
    "EarningId,ClaimId,CustomerTenantId,SubscriptionId,MpnId,EngagementName,PartnerRole,EarningDate,EarningAmount,"
    "Currency,PaymentDate,PaymentId,ReasonCode"
)


def official_claim(memory: Memory, clock: Clock, **values: Any) -> str:
    """The number of a claim whose association has become official, a moment ago."""
    number = claim_in(memory, Status.APPROVED, **values)
    due = claim_as_it_stands(memory, number).due_at
    assert due is not None
    clock.set(max(clock(), due + timedelta(minutes=1)))
    settling.associate(memory, number)
    return number


def usage_line(claim: Claim, month: str, users: object = 80, seats: object = 100, **other: object) -> str:
    """A line of the usage report; ``other`` gives columns another value, by their names."""
    cells: Mapping[str, object] = {
        "CustomerTenantId": claim.customer_tenant_id,
        "CustomerName": claim.customer_name,
        "WorkloadName": "Teams",
        "MonthlyActiveUsers": users,
        "PaidAvailableUnits": seats,
        "ClaimId": claim.number,
        "MpnId": claim.mpn,
        "DateAssociated": "2026-11-26",
        "PartnerAttributionType": "CPOR",
        "Date": f"{month}-01",
        **other,
    }
    return ",".join(str(cells[name]) for name in USAGE_HEAD.split(","))


def earnings_line(claim: Claim, identity: str, day: str, amount: object = "1200.50", **other: object) -> str:
    """A line of the earnings report; ``other`` gives columns another value, by their names."""
    cells: Mapping[str, object] = {
        "EarningId": identity,
        "ClaimId": claim.number,
        "CustomerTenantId": claim.customer_tenant_id,
        "SubscriptionId": claim.subscription_id or "",
        "MpnId": claim.mpn,
        "EngagementName": "Modern Work and Security Usage",
        "PartnerRole": "Use or consume",
        "EarningDate": day,
        "EarningAmount": amount,
        "Currency": "EUR",
        "PaymentDate": "",
        "PaymentId": "",
        "ReasonCode": "",
        **other,
    }
    return ",".join(str(cells[name]) for name in EARNINGS_HEAD.split(","))


def written(folder: Path, head: str, lines: Iterable[str]) -> Path:
    """A file with these lines."""
    path = folder / "report.csv"
    path.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    return path


def import_usage(memory: Memory, folder: Path, *lines: str, **how: bool) -> Imported:
    """Import a usage report of these lines."""
    return _import(memory, usage_report(memory.programme.catalogue), written(folder, USAGE_HEAD, lines), how)


def import_earnings(memory: Memory, folder: Path, *lines: str, **how: bool) -> Imported:
    """Import an earnings report of these lines."""
    return _import(memory, earnings_report(memory.programme.catalogue), written(folder, EARNINGS_HEAD, lines), how)


def _import(memory: Memory, report: Report, path: Path, how: Mapping[str, Any]) -> Imported:
    with memory.database.reading() as session:
        today = memory.calendar(session).local_day(memory.clock())
    return import_report(memory.database, report, path, today=today, **how)
