"""What rules are told of a claim: its row, its files and its neighbours as plain values."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, String, and_, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from models.memory import Memory
from models.tables import Claim
from rules.catalogue import PartnerRole
from rules.facts import ClaimFacts
from rules.fields import FIELDS, Kind
from rules.lifecycle import Status

# A claim that still stands, or still may: drafts do not reserve anything, and rejected ones have given it up.
LIVE = (
    Status.SUBMITTED,
    Status.UNDER_REVIEW,
    Status.ACTION_REQUIRED,
    Status.APPROVED,
    Status.DISPUTE,
)


def facts_of(session: Session, memory: Memory, claim: Claim, now: datetime) -> ClaimFacts:
    """The claim at the moment ``now``, as rule sets see it."""
    calendar = memory.calendar(session)
    columns = [field for field in FIELDS if field.kind is not Kind.FILES]
    values = {field.id: getattr(claim, field.id) for field in columns}
    values = {name: value for name, value in values.items() if value is not None}
    values["products"] = tuple(claim.products)
    accepted = claim.accepted_proofs
    rejected_at = claim.rejected_at
    return ClaimFacts(
        today=calendar.local_day(now),
        location_known=claim.location.active,
        location_programmes=tuple(claim.location.programmes),
        proof_count=len(accepted) + len(claim.pending_proofs),
        proof_pending=len(claim.pending_proofs),
        new_proof_count=sum(rejected_at is not None and proof.added_at > rejected_at for proof in accepted),
        live_duplicates=tuple(other.number for other in duplicates(session, memory, claim)),
        competing_claims=len(competing(session, memory, claim)),
        status=claim.status,
        rejected_on=calendar.local_day(rejected_at) if rejected_at else None,
        disputes=claim.disputes,
        has_business_justification=bool(claim.business_justification),
        approved_on=calendar.local_day(claim.approved_at) if claim.approved_at else None,
        official=claim.associated_at is not None,
        **values,
    )


def duplicates(session: Session, memory: Memory, claim: Claim) -> list[Claim]:
    """The same partner's other live claims for the same, oldest first."""
    return _others(session, memory, claim, own=True)


def competing(session: Session, memory: Memory, claim: Claim) -> list[Claim]:
    """Live claims of other partners for the same, oldest first; whatever becomes of ``claim`` itself.

    For reviewers only: partners are shown nothing of each other.
    """
    return _others(session, memory, claim, own=False)


def one_at_a_time(session: Session, claim: Claim) -> None:
    """Until this transaction ends, nobody else submits a claim for the same customer: duplicates would not be seen."""
    key = func.hashtextextended(claim.customer_tenant_id or "", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))


def _others(session: Session, memory: Memory, claim: Claim, *, own: bool) -> list[Claim]:
    """Live claims for the same tenant, role, and workload or subscription: this partner's, or other partners'."""
    role = next((one for one in memory.programme.catalogue.partner_roles if one.id == claim.partner_role), None)
    if not claim.customer_tenant_id or role is None:
        return []
    same_partner = Claim.partner_id == claim.partner_id
    query = select(Claim).where(
        Claim.customer_tenant_id == claim.customer_tenant_id,
        Claim.partner_role == claim.partner_role,
        Claim.status.in_(LIVE),
        Claim.discarded_at.is_(None),
        Claim.id != claim.id,
        same_partner if own else ~same_partner,
        _same_thing(role, claim),
    )
    return list(session.scalars(query.order_by(Claim.id)))


def _same_thing(role: PartnerRole, claim: Claim) -> ColumnElement[bool]:
    if role.claim_level == "subscription":
        return and_(Claim.subscription_id.is_not(None), Claim.subscription_id == claim.subscription_id)
    return Claim.products.bool_op("&&")(cast(claim.products, ARRAY(String)))
