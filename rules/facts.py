"""What rules know of a claim: its facts, as plain values. What rules may ask of them is in rules.variables."""

from dataclasses import dataclass
from datetime import date

from rules.lifecycle import Status


@dataclass(frozen=True, kw_only=True)
class ClaimFacts:
    """A claim as plain values, at one moment. `""`, `()`, `0` and None stand for what is not filled in.

    `location_programmes`: where the claim's location is enrolled. `proof_count`: files of proof, checked or not;
    `proof_pending`: those of them still being checked; `new_proof_count`: those added since the rejection.
    `live_duplicates`: numbers of this partner's other live claims with the same tenant, workload or subscription,
    and role; `competing_claims`: how many live claims other partners have there, and `competing_proof_on` the day of
    the newest proof of any of them. `asked_reasons`: what the reviewers asked for last, and `proof_since_asked` the
    files added since. `transaction_on`: the customer's purchase. `event`: what has just happened, see rules.notices.
    `today` and every other day is a day in the programme's time zone.
    """

    today: date
    claim_name: str = ""
    mpn: str = ""
    location_known: bool = False
    location_programmes: tuple[str, ...] = ()
    solution_area: str = ""
    partner_role: str = ""
    customer_tenant_id: str = ""
    customer_name: str = ""
    customer_domain: str = ""
    customer_country: str = ""
    products: tuple[str, ...] = ()
    subscription_id: str = ""
    opt_out_of_payment: bool = False
    customer_contact_name: str = ""
    customer_contact_title: str = ""
    customer_contact_email: str = ""
    partner_contact_name: str = ""
    partner_contact_email: str = ""
    solution_seller: str = ""
    isv_solution: str = ""
    proof_count: int = 0
    proof_pending: int = 0
    new_proof_count: int = 0
    acknowledgement_date: date | None = None
    comments: str = ""
    live_duplicates: tuple[str, ...] = ()
    competing_claims: int = 0
    status: str = Status.DRAFT.value
    rejected_on: date | None = None
    disputes: int = 0
    has_business_justification: bool = False
    submitted_on: date | None = None
    approved_on: date | None = None
    official: bool = False
    newest_proof_on: date | None = None
    competing_proof_on: date | None = None
    proof_types: tuple[str, ...] = ()
    asked_reasons: tuple[str, ...] = ()
    proof_since_asked: int = 0
    transaction_on: date | None = None
    event: str = ""
