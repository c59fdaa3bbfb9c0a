"""What an erasure would take: which claims, and how much of each table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from models.tables import (
    Base,
    Card,
    Claim,
    Comment,
    Consent,
    EarningLine,
    Export,
    History,
    JournalEntry,
    Membership,
    Outgoing,
    Partner,
    Person,
    Proof,
    Reviewer,
    StoredDecision,
    UsageLine,
    claim_id,
    claim_number,
)
from rules.formats import to_ascii
from rules.lifecycle import Status

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def claims_of_customer(session: Session, what: str) -> list[int]:
    """Claims that are not erased: the one with this number, or all for a customer's tenant id or domain; oldest first.

    Drafts that were discarded are among them: they appear nowhere, and hold what was typed all the same.
    """
    typed = what.strip().lower()
    if _GUID.fullmatch(typed):
        chosen = Claim.customer_tenant_id == typed
    elif (identity := claim_id(typed)) is not None:
        chosen = Claim.id == identity
    else:
        chosen = func.lower(Claim.customer_domain) == to_ascii(typed.removeprefix("@").removeprefix("www."))
    return _unerased(session, chosen)


def claims_of_partner(session: Session, partner: Partner) -> list[int]:
    """All claims of a partner that are not erased, oldest first."""
    return _unerased(session, Claim.partner_id == partner.id)


def kept_too_long(drafts_before: datetime | None, closed_before: datetime | None, now: datetime) -> ColumnElement[bool]:
    """Whether a claim was kept too long and is not erased: never one that is open, or under dispute.

    Args:
        drafts_before: drafts last changed before, and those that were discarded before; None: no drafts.
        closed_before: rejected claims whose status is older and whose time to dispute is over; None: none.
    """
    ways: list[ColumnElement[bool]] = []
    if drafts_before is not None:
        touched = func.coalesce(Claim.discarded_at, Claim.updated_at)
        said = exists().where(Comment.claim_id == Claim.id, Comment.at >= drafts_before)
        ways.append(and_(Claim.status == Status.DRAFT, touched < drafts_before, ~said))
    if closed_before is not None:
        closed = Claim.status.in_((Status.REJECTED, Status.REJECTED_FINAL))
        over = or_(Claim.due_at.is_(None), Claim.due_at <= now, Claim.disputes > 0)
        ways.append(and_(closed, over, Claim.status_since < closed_before))
    return and_(Claim.erased_at.is_(None), or_(false(), *ways))


def counts(session: Session, claims: Sequence[int]) -> dict[str, int]:
    """What stands of these claims, by table; a document that other claims have too is not among the documents."""
    other = aliased(Proof)
    shared = exists().where(other.sha256 == Proof.sha256, other.claim_id.not_in(claims))
    documents = select(func.count(Proof.sha256.distinct())).where(Proof.claim_id.in_(claims), ~shared)
    found = {"claims": len(claims)}
    found["documents (files of proof)"] = session.scalar(documents) or 0
    said = or_(History.message.is_not(None), History.changes != {})
    parts: tuple[tuple[str, Any, ColumnElement[bool]], ...] = (
        ("proofs", Proof, true()),
        ("comments", Comment, true()),
        ("history (messages, changed values)", History, said),
        ("decisions", StoredDecision, true()),
        ("consents (links in mails)", Consent, true()),
        ("usage", UsageLine, true()),
        ("outbox (waiting messages)", Outgoing, Outgoing.state.in_(("pending", "dead"))),
        ("cards in Slack", Card, true()),
    )
    for name, table, more in parts:
        query = select(func.count()).select_from(table).where(table.claim_id.in_(claims), more)
        found[name] = session.scalar(query) or 0
    return found


def kept_lines(session: Session, claims: Sequence[int]) -> int:
    """How many lines of earnings there are of these claims: they stay."""
    return session.scalar(select(func.count()).where(EarningLine.claim_id.in_(claims))) or 0


def people_named(session: Session, user: str) -> list[Person]:
    """Whoever has this Slack id, in any workspace; `user` as people copy it (`U0ABC` or `<@U0ABC>`)."""
    return list(session.scalars(select(Person).where(Person.user == user.strip("<@> ").upper())))


def partner_named(session: Session, name: str) -> Partner | None:
    """The partner of this name, whatever the case of its letters."""
    return session.scalar(select(Partner).where(func.lower(Partner.name) == " ".join(name.split()).lower()))


def people_only_of(session: Session, partner: Partner) -> list[Person]:
    """Members of a partner who belong to no other, review nothing, and are not in the directory any more."""
    other = exists().where(Membership.person_id == Person.id, Membership.partner_id != partner.id)
    reviews = exists().where(Reviewer.person_id == Person.id)
    members = exists().where(Membership.person_id == Person.id, Membership.partner_id == partner.id)
    filed = exists().where(Claim.created_by_id == Person.id, Claim.partner_id == partner.id)
    theirs = and_(or_(members, filed), ~other, ~reviews, Person.active.is_(False))
    return list(session.scalars(select(Person).where(theirs, ~Person.user.startswith("erased-")).order_by(Person.id)))


def taking_part(person: Person) -> Select[int]:
    """Claims on whose cards a person is named."""
    named = or_(
        *(column == person.id for column in (Claim.created_by_id, Claim.reviewer_id, Claim.rejected_by_id)),
        func.lower(Claim.partner_contact_email) == (person.email or "").lower(),
    )
    return select(Claim.id).where(named).order_by(Claim.id)


def named_in(session: Session, person: Person) -> dict[str, int]:
    """Where a person is named, by table; what others wrote is looked through as it is erased."""
    where = {
        "claims (created, reviewed, as contact)": select(func.count()).select_from(taking_part(person).subquery()),
        "comments (as author)": _count(Comment, Comment.person_id == person.id),
        "history (as whoever did it)": _count(History, History.person_id == person.id),
        "proofs (as whoever handed them in)": _count(Proof, Proof.added_by_id == person.id),
        "memberships": _count(Membership, Membership.person_id == person.id),
        "exports asked for": _count(Export, and_(Export.team == person.team, Export.user == person.user)),
        "messages to them in the outbox": _count(Outgoing, Outgoing.payload["user"].astext == person.user),
    }
    return {name: session.scalar(query) or 0 for name, query in where.items()}


def erasures(session: Session) -> Iterator[str]:
    """Every erasure on record, oldest first, as a line that ``erasing_again.erase_again`` reads."""
    query = select(JournalEntry.body).where(JournalEntry.kind == "erasure").order_by(JournalEntry.id)
    for body in session.scalars(query):
        if "claim" in body:
            yield f"claim {claim_number(body['claim'])} {body['created_at']}"
        else:
            kind = "person" if "person" in body else "partner"
            yield f"{kind} {body[kind]}"


def _count(table: type[Base], what: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).select_from(table).where(what)


def _unerased(session: Session, chosen: ColumnElement[bool]) -> list[int]:
    return list(session.scalars(select(Claim.id).where(chosen, Claim.erased_at.is_(None)).order_by(Claim.id)))
