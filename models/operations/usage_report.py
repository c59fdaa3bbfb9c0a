"""The monthly report of usage and sold seats: what its columns mean, and when a line is bad.

The columns are those of the report “CPOR - Microsoft 365 usage” (Field notes 7, D-INS).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import BigInteger, ColumnElement, Date, String, Table, any_

from models import csv_values as values
from models.csv_file import Column
from models.operations.reports import Report, Staged
from models.tables import Claim, UsageLine
from rules.catalogue import Catalogue
from rules.faults import unknown


def usage_report(catalogue: Catalogue) -> Report:
    """The report, with the workloads of ``catalogue``."""
    return Report(
        columns=(
            Staged(Column("CustomerTenantId", values.guid), "customer_tenant_id", String()),
            Staged(Column("WorkloadName", _workload(catalogue)), "workload", String()),
            Staged(Column("MonthlyActiveUsers", values.count), "monthly_active_users", BigInteger()),
            Staged(Column("PaidAvailableUnits", values.count), "paid_available_units", BigInteger()),
            Staged(Column("ClaimId", values.claim), "claim_id", BigInteger()),
            Staged(Column("MpnId", values.mpn, also=("PartnerId",)), "mpn", String()),
            Staged(Column("Date", values.month, also=("Month",)), "month", Date()),
        ),
        target=UsageLine,
        day="month",
        problems=_problems,
    )


def _problems(staged: Table) -> Mapping[str, ColumnElement[bool]]:
    return {
        "{number} is for another tenant.": Claim.customer_tenant_id != staged.c.customer_tenant_id,
        "{number} is of another location than {mpn}.": Claim.mpn != staged.c.mpn,
        "{number} was erased.": Claim.erased_at.is_not(None),
        "{number} does not claim {workload}.": ~(staged.c.workload == any_(Claim.products)),
    }


def _workload(catalogue: Catalogue) -> Callable[[str], str]:
    """Reads a product's name or id, whatever the case of its letters."""
    ids = {one.name.casefold(): one.id for one in catalogue.products}
    ids |= {one.id.casefold(): one.id for one in catalogue.products}
    names = [one.name for one in catalogue.products]

    def read(cell: str) -> str:
        found = ids.get(" ".join(cell.split()).casefold())
        if found is None:
            raise ValueError(f"must be a product of the catalogue. {unknown('product', cell[:60], names)}")
        return found

    return read
