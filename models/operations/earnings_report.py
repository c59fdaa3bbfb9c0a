"""The report of earnings and payouts: what its columns mean, and when a line is bad.

The columns that matter are known from the documentation of the report (Field notes 7, D-INS); the others are ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import BigInteger, ColumnElement, Date, Numeric, String, Table

from models import csv_values as values
from models.csv_file import Column
from models.operations.reports import Report, Staged
from models.tables import Claim, EarningLine
from rules.catalogue import Catalogue
from rules.faults import unknown


def earnings_report(catalogue: Catalogue) -> Report:
    """The report, with the engagements of ``catalogue``."""
    return Report(
        columns=(
            Staged(Column("EarningId", values.text(100)), "external_id", String()),
            Staged(Column("ClaimId", values.claim), "claim_id", BigInteger()),
            Staged(Column("CustomerTenantId", values.guid), "customer_tenant_id", String()),
            Staged(Column("SubscriptionId", values.guid, required=False), "subscription_id", String()),
            Staged(Column("MpnId", values.mpn, also=("PartnerId", "ParticipantId")), "mpn", String()),
            Staged(Column("EngagementName", _engagement(catalogue), also=("Engagement",)), "engagement", String()),
            Staged(Column("EarningDate", values.day), "earned_on", Date()),
            Staged(Column("EarningAmount", values.amount), "amount", Numeric(18, 4)),
            Staged(
                Column("Currency", values.currency, also=("EarningCurrency", "TransactionCurrency")),
                "currency",
                String(),
            ),
            Staged(Column("PaymentDate", values.day, required=False), "paid_on", Date()),
            Staged(Column("PaymentId", values.text(100), required=False), "payment", String()),
            Staged(Column("ReasonCode", values.text(200), required=False, also=("Reason",)), "reason", String()),
        ),
        target=EarningLine,
        day="earned_on",
        problems=_problems,
    )


def _problems(staged: Table) -> Mapping[str, ColumnElement[bool]]:
    return {
        "{number} is for another tenant.": Claim.customer_tenant_id != staged.c.customer_tenant_id,
        "{number} is of another location than {mpn}.": Claim.mpn != staged.c.mpn,
        "{number} is for another subscription.": Claim.subscription_id != staged.c.subscription_id,
    }


def _engagement(catalogue: Catalogue) -> Callable[[str], str]:
    """Reads an engagement's name, a former name or its id, whatever the case of its letters."""
    ids = {name.casefold(): one.id for one in catalogue.engagements for name in (one.id, *one.former_names, one.name)}
    names = [one.name for one in catalogue.engagements]

    def read(cell: str) -> str:
        found = ids.get(" ".join(cell.split()).casefold())
        if found is None:
            raise ValueError(f"must be an engagement of the catalogue. {unknown('engagement', cell[:60], names)}")
        return found

    return read
