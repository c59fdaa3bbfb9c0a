"""A claim that is ready for review, to change one thing at a time."""

from dataclasses import replace
from datetime import date
from typing import Any

from rules.facts import ClaimFacts

TODAY = date(2026, 11, 20)
GUID = "8f2c1a54-7d3e-4b19-9c55-0a6e2f7b1d48"

READY = ClaimFacts(
    today=TODAY,
    claim_name="Fabrikam: Teams 2026",
    mpn="4711001",
    location_known=True,
    location_programmes=("modern-work", "business-applications"),
    solution_area="modern-work",
    partner_role="use-or-consume",
    customer_tenant_id=GUID,
    customer_name="Fabrikam",
    customer_domain="fabrikam.com",
    customer_country="DE",
    products=("teams", "exchange"),
    customer_contact_name="Cara Customer",
    customer_contact_title="Head of IT",
    customer_contact_email="cara@fabrikam.com",
    partner_contact_name="Ana Admin",
    partner_contact_email="ana@contoso.com",
    proof_count=1,
    acknowledgement_date=date(2026, 10, 1),
)

READY_REVENUE = replace(
    READY,
    solution_area="business-applications",
    partner_role="influenced-revenue",
    products=("sales",),
    subscription_id=GUID,
    solution_seller="Sam Seller",
    isv_solution="Fabrikam Invoices",
)


def ready(**changes: Any) -> ClaimFacts:
    """The claim that is ready for review, with these facts changed."""
    return replace(READY, **changes)
