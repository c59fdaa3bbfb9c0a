"""Reports are imported as a whole or not at all; what comes again changes nothing, what was corrected replaces."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from models.database import Database
from models.memory import Memory
from models.operations.reports import IMPORT_LOCK, MOST_FAULTS, BadLines, Busy
from models.tables import Claim, EarningLine, UsageLine
from rules.lifecycle import Status
from tests.cast import LONDON, Clock, claim_as_it_stands, claim_in
from tests.reports import earnings_line, import_earnings, import_usage, official_claim, usage_line


@pytest.fixture
def claim(memory: Memory, clock: Clock) -> Claim:
    """A claim for Exchange and Teams whose association is official."""
    return claim_as_it_stands(memory, official_claim(memory, clock))


def usage(database: Database) -> list[tuple[str, date, int, int]]:
    with database.transaction() as session:
        columns = (UsageLine.workload, UsageLine.month, UsageLine.monthly_active_users, UsageLine.paid_available_units)
        return [(*row,) for row in session.execute(select(*columns).order_by(UsageLine.workload, UsageLine.month))]


def test_the_same_file_again_changes_nothing_and_a_corrected_one_replaces(memory: Memory, claim: Claim, tmp_path: Path):
    october, november = usage_line(claim, "2026-10", 80, 100), usage_line(claim, "2026-11", 90, 100)
    first = import_usage(memory, tmp_path, october, november)
    assert (first.lines, first.added, first.changed, first.unchanged) == (2, 2, 0, 0)
    again = import_usage(memory, tmp_path, october, november)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    corrected = import_usage(
        memory, tmp_path, usage_line(claim, "2026-11", 95, 100), usage_line(claim, "2026-09", 1, 2)
    )
    assert (corrected.added, corrected.changed, corrected.unchanged) == (1, 1, 0)
    assert usage(memory.database) == [
        ("teams", date(2026, 9, 1), 1, 2),
        ("teams", date(2026, 10, 1), 80, 100),
        ("teams", date(2026, 11, 1), 95, 100),
    ]


def test_each_bad_line_is_named_with_what_is_wrong_and_none_is_imported(memory: Memory, claim: Claim, tmp_path: Path):
    draft = claim_as_it_stands(memory, claim_in(memory, Status.DRAFT))
    lines = [
        usage_line(claim, "2026-10"),
        usage_line(claim, "2026-10", WorkloadName="Exchange", MonthlyActiveUsers="many"),
        usage_line(claim, "2026-10", WorkloadName="SharePoint"),
        usage_line(claim, "2026-10", WorkloadName="Exchang"),
        usage_line(claim, "2026-10", WorkloadName="Exchange", CustomerTenantId=draft.customer_tenant_id),
        usage_line(claim, "2026-10", WorkloadName="Exchange", MpnId=LONDON),
        usage_line(claim, "2026-10", ClaimId="CL-000999"),
        usage_line(draft, "2026-10"),
        usage_line(claim, "2026-10", WorkloadName="teams"),
        usage_line(claim, "2026-12"),
    ]
    with pytest.raises(BadLines) as refused:
        import_usage(memory, tmp_path, *lines)
    assert list(map(str, refused.value.faults)) == [
        "report.csv:3: MonthlyActiveUsers must be a whole number, such as 1250, without separators; it is “many”.",
        f"report.csv:4: {claim.number} does not claim sharepoint.",
        "report.csv:5: WorkloadName must be a product of the catalogue. There is no product “Exchang”. "
        "Did you mean “Exchange”?",
        f"report.csv:6: {claim.number} is for another tenant.",
        f"report.csv:7: {claim.number} is of another location than {LONDON}.",
        "report.csv:8: There is no claim CL-000999.",
        f"report.csv:9: There is no claim {draft.number}.",
        "report.csv:10: The same stands in line 2 already.",
        "report.csv:11: 2026-12-01 is in the future.",
    ]
    assert (refused.value.count, refused.value.lines) == (9, 10)
    assert usage(memory.database) == []
    done = import_usage(memory, tmp_path, *lines, skip_bad_lines=True)
    assert (done.lines, done.added, done.bad) == (10, 1, 9)
    assert done.faults == refused.value.faults
    assert usage(memory.database) == [("teams", date(2026, 10, 1), 80, 100)]


def test_a_trial_counts_and_writes_nothing(memory: Memory, claim: Claim, tmp_path: Path):
    done = import_usage(memory, tmp_path, usage_line(claim, "2026-10"), dry_run=True)
    assert done.added == 1
    assert usage(memory.database) == []


def test_of_many_faults_the_first_are_named_and_all_are_counted(memory: Memory, claim: Claim, tmp_path: Path):
    lines = [usage_line(claim, "2026-10", ClaimId=f"CL-{number:06d}") for number in range(900, 1100)]
    with pytest.raises(BadLines) as refused:
        import_usage(memory, tmp_path, *lines)
    assert (len(refused.value.faults), refused.value.count) == (MOST_FAULTS, 200)


def test_two_imports_do_not_run_at_once(shared_memory: Memory, tmp_path: Path):
    with shared_memory.database.transaction() as session:
        session.execute(text(f"SELECT pg_advisory_xact_lock({IMPORT_LOCK})"))
        with pytest.raises(Busy):
            import_usage(shared_memory, tmp_path)


def test_earnings_are_known_by_their_ids_and_paid_later(memory: Memory, claim: Claim, tmp_path: Path):
    import_earnings(memory, tmp_path, earnings_line(claim, "E-1", "2026-11-25"))
    paid = earnings_line(claim, "E-1", "2026-11-25", PaymentDate="2026-11-26", PaymentId="P-7")
    done = import_earnings(memory, tmp_path, paid, earnings_line(claim, "E-2", "2026-11-25", "-3.5", ReasonCode="CAP"))
    assert (done.added, done.changed) == (1, 1)
    with memory.database.transaction() as session:
        one, other = session.scalars(select(EarningLine).order_by(EarningLine.external_id))
    assert (one.amount, one.currency, one.paid_on, one.payment) == (
        Decimal("1200.50"),
        "EUR",
        date(2026, 11, 26),
        "P-7",
    )
    assert (one.engagement, one.reason) == ("modern-work-usage", None)
    assert (other.amount, other.reason, other.paid_on) == (Decimal("-3.5"), "CAP", None)


def test_an_earning_of_another_tenant_location_or_subscription_is_a_bad_line(
    memory: Memory, clock: Clock, tmp_path: Path
):
    subscription, other = "7c0e0d55-3a0d-4f0e-9d70-8f8d3f3f3b21", "9e2f2f77-5c2f-4a2a-bf92-a0af5b5b5d43"
    sales = {"solution_area": "business-applications", "partner_role": "build-intent-advisor", "products": ["sales"]}
    number = official_claim(memory, clock, **sales, subscription_id=subscription)
    claim = claim_as_it_stands(memory, number)
    with pytest.raises(BadLines) as refused:
        import_earnings(
            memory,
            tmp_path,
            earnings_line(claim, "E-1", "2026-11-20"),
            earnings_line(claim, "E-2", "2026-11-20", SubscriptionId=other),
            earnings_line(claim, "E-3", "2026-11-20", CustomerTenantId=other),
            earnings_line(claim, "E-4", "2026-11-20", MpnId=LONDON),
            earnings_line(claim, "E-1", "2026-11-20"),
        )
    assert [(fault.line, fault.message) for fault in refused.value.faults] == [
        (3, f"{number} is for another subscription."),
        (4, f"{number} is for another tenant."),
        (5, f"{number} is of another location than {LONDON}."),
        (6, "The same stands in line 2 already."),
    ]
    with memory.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(EarningLine)) == 0
