"""The facts of very many claims, read in one pass: for trying rules out on all claims that there are.

One statement, read through a cursor on the server, so that memory stays flat; its rows have the names of
`rules.facts.ClaimFacts` and the same values that `models.facts.facts_of` gives for one claim (a test holds them equal).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import Session, aliased

from models.facts import for_the_same
from models.tables import Claim, History, Location, Partner, Proof
from rules.catalogue import Catalogue
from rules.fields import FIELDS, Kind
from rules.lifecycle import Action, Status

# So many rows are on the way at once.
AT_ONCE = 5_000

_NO_TEXTS = (Kind.TICK, Kind.DATE, Kind.FILES, Kind.PRODUCTS)  # everything else is kept as text
_OF_PROOFS = frozenset(
    {"proof_count", "proof_pending", "proof_types", "new_proof_count", "newest_proof_on", "proof_since_asked"}
)
_OF_OTHERS = frozenset({"live_duplicates", "competing_claims", "competing_proof_on"})
_OF_ASKING = frozenset({"asked_reasons", "proof_since_asked"})
_NONE = cast([], ARRAY(String))


@dataclass(frozen=True)
class Asking:
    """Which claims a rule set is asked about, and as of which moment: null for one that has not come, so as of now."""

    of: Callable[[], ColumnElement[bool]]
    at: Callable[[], Any] | None = None


# As the bot asks: about a submission as of its day, about money as of the day on which the association became official.
ASKING: Mapping[str, Asking] = {
    "submission": Asking(true, lambda: Claim.submitted_at),
    "review": Asking(lambda: Claim.submitted_at.is_not(None)),
    "incentive": Asking(lambda: Claim.status == Status.APPROVED, lambda: Claim.associated_at),
    "dispute": Asking(lambda: Claim.status == Status.REJECTED),
}


@dataclass(frozen=True)
class Scope:
    """What is read: the claims that ``rule_set`` is asked about, filed since a moment, where one is named.

    ``names`` are the variables that the rules name (what none of them needs is not gathered), ``catalogue`` says what
    competes with what, and ``now`` and ``timezone`` which day it is.
    """

    rule_set: str
    names: Collection[str]
    catalogue: Catalogue
    now: datetime
    timezone: str
    since: datetime | None = None


def how_many(session: Session, scope: Scope) -> int:
    """How many claims are in ``scope``."""
    return session.scalar(_within(select(func.count()).select_from(Claim), scope)) or 0


def every_claim(session: Session, scope: Scope) -> Iterator[list[tuple[str, str, Any]]]:
    """The claims in ``scope``, oldest first and some at once: number, name of the partner, and a row of facts."""
    # A cursor is planned for its first rows unless it is said that all of them are wanted.
    session.execute(select(func.set_config("cursor_tuple_fraction", "1", True)))
    rows = session.connection().execute(_facts(scope), execution_options={"yield_per": AT_ONCE})
    for part in rows.partitions():
        yield [(row.number, row.partner_name, row) for row in part]


def _within(query: Select[Any], scope: Scope) -> Select[Any]:
    asking = ASKING.get(scope.rule_set, Asking(true))
    query = query.where(Claim.discarded_at.is_(None), asking.of())
    return query if scope.since is None else query.where(Claim.created_at >= scope.since)


def _facts(scope: Scope) -> Select[Any]:
    def day(moment: Any) -> ColumnElement[date]:
        return cast(func.timezone(scope.timezone, moment), Date)

    names = frozenset(scope.names)
    at = ASKING.get(scope.rule_set, Asking(true)).at
    today: ColumnElement[Any] = day(literal(scope.now))
    if at is not None:
        today = func.coalesce(day(at()), today)
    columns: list[Any] = [
        number_of(Claim.id).label("number"),
        Partner.name.label("partner_name"),
        today.label("today"),
        *(func.coalesce(getattr(Claim, one.id), "").label(one.id) for one in FIELDS if one.kind not in _NO_TEXTS),
        _tuple(Claim.products).label("products"),
        Claim.opt_out_of_payment,
        Claim.acknowledgement_date,
        and_(Location.active, Location.partner_id == Claim.partner_id).label("location_known"),
        _tuple(Location.programmes).label("location_programmes"),
        type_coerce(Claim.status, String).label("status"),
        day(Claim.submitted_at).label("submitted_on"),
        day(Claim.rejected_at).label("rejected_on"),
        day(Claim.approved_at).label("approved_on"),
        Claim.disputes,
        (func.coalesce(Claim.business_justification, "") != "").label("has_business_justification"),
        Claim.associated_at.is_not(None).label("official"),
        type_coerce(literal(None), Date).label("transaction_on"),
        literal("").label("event"),
    ]
    query = select(*columns).join(Partner, Partner.id == Claim.partner_id).join(Location, Location.mpn == Claim.mpn)
    if names & (_OF_PROOFS | _OF_ASKING):
        asked = _asked()
        query = query.outerjoin(asked, true())
        query = query.add_columns(_tuple(func.coalesce(asked.c.reasons, _NONE)).label("asked_reasons"))
        proofs = _proofs(asked, day)
        query = query.outerjoin(proofs, true()).add_columns(*proofs.c)
    if names & _OF_OTHERS:
        others = _others(scope.catalogue, day)
        query = query.outerjoin(others, true()).add_columns(*others.c)
    return _within(query, scope).order_by(Claim.id)


def _tuple(column: Any) -> ColumnElement[Any]:
    """Facts are unchangeable, so a list comes as a tuple."""
    return type_coerce(column, ARRAY(String, as_tuple=True))


def number_of(identity: Any) -> ColumnElement[str]:
    """The number behind an identity, as `models.tables.claim_number` makes it."""
    digits = cast(identity, String)
    return literal("CL-") + func.lpad(digits, func.greatest(6, func.length(digits)), "0")


def _asked() -> FromClause:
    """When the reviewers asked for more the last time, and why."""
    last = select(History.at, History.reasons).where(
        History.claim_id == Claim.id, History.action == Action.REQUEST_INFORMATION
    )
    return last.order_by(History.id.desc()).limit(1).correlate(Claim).lateral("asked")


def _proofs(asked: FromClause, day: Callable[[Any], ColumnElement[date]]) -> FromClause:
    """The files of proof that belong to the claim, counted."""
    accepted = Proof.state == "accepted"
    ending = case((Proof.file_name.contains("."), func.lower(func.substring(Proof.file_name, r"[^.]*$"))), else_="")
    counted = select(
        func.count().label("proof_count"),
        func.count().filter(~accepted).label("proof_pending"),
        func.count().filter(accepted, Proof.added_at > Claim.rejected_at).label("new_proof_count"),
        func.count().filter(accepted, Proof.added_at > asked.c.at).label("proof_since_asked"),
        day(func.max(Proof.added_at)).label("newest_proof_on"),
        _tuple(func.coalesce(func.array_agg(ending.distinct()), _NONE)).label("proof_types"),
    ).where(Proof.claim_id == Claim.id, Proof.removed_at.is_(None), Proof.state != "refused")
    return counted.correlate(Claim, asked).lateral("proofs_of_it")


def _others(catalogue: Catalogue, day: Callable[[Any], ColumnElement[date]]) -> FromClause:
    """Live claims for the same tenant, role, and workload or subscription: `models.facts` for many claims at once."""
    other = aliased(Claim)
    own = other.partner_id == Claim.partner_id
    accepted = (Proof.claim_id == other.id, Proof.state == "accepted", Proof.removed_at.is_(None))
    newest = select(func.max(Proof.added_at)).where(*accepted, ~own).correlate(other, Claim).scalar_subquery()
    numbers = func.array_agg(aggregate_order_by(number_of(other.id), other.id)).filter(own)
    found = select(
        _tuple(func.coalesce(numbers, _NONE)).label("live_duplicates"),
        func.count().filter(~own).label("competing_claims"),
        day(func.max(newest)).label("competing_proof_on"),
    ).where(for_the_same(Claim, other, catalogue))
    return found.correlate(Claim).lateral("others")
