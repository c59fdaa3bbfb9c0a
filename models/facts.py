"""What rules are told of a claim: its row, its files and its neighbours as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, String, and_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from models.memory import Memory
from models.tables import Claim, History, Proof
from rules.catalogue import Catalogue
from rules.facts import ClaimFacts
from rules.fields import FIELDS, Kind
from rules.lifecycle import Action, Status

# A claim that still stands, or still may: drafts do not reserve anything, and rejected ones have given it up.
LIVE = (
    Status.SUBMITTED,
    Status.UNDER_REVIEW,
    Status.ACTION_REQUIRED,
    Status.APPROVED,
    Status.DISPUTE,
)

_OTHERS = (
    select(Claim)
    .where(
        Claim.customer_tenant_id == bindparam("tenant"),
        Claim.partner_role == bindparam("role"),
        Claim.status.in_(LIVE),
        Claim.discarded_at.is_(None),
        Claim.id != bindparam("id"),
    )
    .order_by(Claim.id)
)
_SAME_SUBSCRIPTION = _OTHERS.where(Claim.subscription_id == bindparam("subscription"))
_SAME_WORKLOAD = _OTHERS.where(Claim.products.bool_op("&&")(bindparam("products", type_=ARRAY(String))))


def facts_of(session: Session, memory: Memory, claim: Claim, now: datetime, *, event: str = "") -> ClaimFacts:
    """The claim at the moment ``now``, as rule sets see it; ``event`` is what has just happened (`rules.notices`).

    `models.queries.every_claim` gathers the same for many claims at once, and a test holds the two equal.
    """
    calendar = memory.calendar(session)
    columns = [field for field in FIELDS if field.kind is not Kind.FILES]
    values = {field.id: getattr(claim, field.id) for field in columns}
    values = {name: value for name, value in values.items() if value is not None}
    values["products"] = tuple(claim.products)
    accepted = claim.accepted_proofs
    files = [*accepted, *claim.pending_proofs]
    own, rivals = _others(session, memory, claim)
    asked = _asked_last(session, claim)

    def day(moment: datetime | None) -> date | None:
        return calendar.local_day(moment) if moment else None

    def since(moment: datetime | None) -> int:
        return sum(moment is not None and proof.added_at > moment for proof in accepted)

    return ClaimFacts(
        today=calendar.local_day(now),
        location_known=claim.location.active and claim.location.partner_id == claim.partner_id,
        location_programmes=tuple(claim.location.programmes),
        proof_count=len(files),
        proof_pending=len(claim.pending_proofs),
        proof_types=tuple(sorted({ending(proof.file_name) for proof in files})),
        new_proof_count=since(claim.rejected_at),
        newest_proof_on=day(max((proof.added_at for proof in files), default=None)),
        live_duplicates=tuple(other.number for other in own),
        competing_claims=len(rivals),
        competing_proof_on=day(_newest_proof(session, rivals)),
        asked_reasons=tuple(asked.reasons) if asked else (),
        proof_since_asked=since(asked.at if asked else None),
        status=claim.status,
        submitted_on=day(claim.submitted_at),
        rejected_on=day(claim.rejected_at),
        disputes=claim.disputes,
        has_business_justification=bool(claim.business_justification),
        approved_on=day(claim.approved_at),
        official=claim.associated_at is not None,
        event=event,
        **values,
    )


def ending(file_name: str) -> str:
    """The ending of a file's name in small letters, such as ``pdf``; empty where it has none."""
    return file_name.rpartition(".")[2].lower() if "." in file_name else ""


def _asked_last(session: Session, claim: Claim) -> History | None:
    """When the reviewers asked for more the last time, and why."""
    query = select(History).where(History.claim_id == claim.id, History.action == Action.REQUEST_INFORMATION)
    return session.scalar(query.order_by(History.id.desc()).limit(1)) if claim.submitted_at else None


def _newest_proof(session: Session, claims: Sequence[Claim]) -> datetime | None:
    if not claims:
        return None
    of_them = Proof.claim_id.in_([claim.id for claim in claims])
    accepted = (Proof.state == "accepted", Proof.removed_at.is_(None))
    return session.scalar(select(func.max(Proof.added_at)).where(of_them, *accepted))


def duplicates(session: Session, memory: Memory, claim: Claim) -> list[Claim]:
    """The same partner's other live claims for the same, oldest first."""
    return _others(session, memory, claim)[0]


def competing(session: Session, memory: Memory, claim: Claim) -> list[Claim]:
    """Live claims of other partners for the same, oldest first; whatever becomes of ``claim`` itself.

    For reviewers only: partners are shown nothing of each other.
    """
    return _others(session, memory, claim)[1]


def one_at_a_time(session: Session, claim: Claim) -> None:
    """Until this transaction ends, nobody else submits a claim for the same customer: duplicates would not be seen."""
    key = func.hashtextextended(claim.customer_tenant_id or "", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))


def _others(session: Session, memory: Memory, claim: Claim) -> tuple[list[Claim], list[Claim]]:
    """Other live claims for the same tenant, role, and workload or subscription, oldest first.

    This partner's, and other partners': in one statement, since rules are told of both.
    """
    role = memory.rules_of(session, claim).catalogue.roles_by_id.get(claim.partner_role)
    if not claim.customer_tenant_id or role is None:
        return [], []
    asked = {"id": claim.id, "tenant": claim.customer_tenant_id, "role": claim.partner_role}
    if role.claim_level == "subscription":
        every = session.scalars(_SAME_SUBSCRIPTION, {**asked, "subscription": claim.subscription_id}).all()
    else:
        every = session.scalars(_SAME_WORKLOAD, {**asked, "products": claim.products}).all()
    own = [other for other in every if other.partner_id == claim.partner_id]
    return own, [other for other in every if other.partner_id != claim.partner_id]


def for_the_same(one: type[Claim], other: type[Claim], catalogue: Catalogue) -> ColumnElement[bool]:
    """Of many claims at once: whether ``other`` is live, and for the same as ``one``, whichever partner's it is."""
    by_subscription = [role.id for role in catalogue.partner_roles if role.claim_level == "subscription"]
    by_product = [role.id for role in catalogue.partner_roles if role.claim_level != "subscription"]
    return and_(
        other.customer_tenant_id == one.customer_tenant_id,
        one.customer_tenant_id != "",
        other.partner_role == one.partner_role,
        other.status.in_(LIVE),
        other.discarded_at.is_(None),
        other.id != one.id,
        or_(
            and_(one.partner_role.in_(by_subscription), other.subscription_id == one.subscription_id),
            and_(one.partner_role.in_(by_product), other.products.bool_op("&&")(one.products)),
        ),
    )
