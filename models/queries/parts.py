"""The long parts of a claim's page, a few rows at a time: what happened, what was said, what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from models.queries.decisions import Told, without_others
from models.tables import Claim, Comment, History, StoredDecision
from rules.decision import Decision

Row = TypeVar("Row")

_HISTORY = (
    select(History, func.count().over())
    .where(History.claim_id == bindparam("claim"))
    .options(joinedload(History.person))
    .order_by(History.id.desc())
    .offset(bindparam("skip"))
    .limit(bindparam("most"))
)
_COMMENTS = (
    select(Comment, func.count().over())
    .where(Comment.claim_id == bindparam("claim"), Comment.deleted_at.is_(None))
    .options(joinedload(Comment.person))
    .order_by(Comment.id.desc())
    .offset(bindparam("skip"))
    .limit(bindparam("most"))
)
_SHARED = _COMMENTS.where(Comment.shared)
_DECISION = (
    select(StoredDecision)
    .where(StoredDecision.claim_id == bindparam("claim"))
    .order_by(StoredDecision.id.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Few(Generic[Row]):
    """Some rows, newest first, of ``total``."""

    rows: Sequence[Row]
    total: int


def last_history(session: Session, claim: Claim, most: int, *, skip: int = 0) -> Few[History]:
    """What happened last to the claim; ``skip`` so many that are newer."""
    found = session.execute(_HISTORY, {"claim": claim.id, "skip": skip, "most": most}).all()
    return Few([row[0] for row in found], found[0][1] if found else 0)


def last_comments(session: Session, claim: Claim, most: int, *, internal: bool, skip: int = 0) -> Few[Comment]:
    """What was said last about the claim and not deleted since.

    ``internal``: also what reviewers said among themselves; never for a partner.
    """
    query = _COMMENTS if internal else _SHARED
    found = session.execute(query, {"claim": claim.id, "skip": skip, "most": most}).all()
    return Few([row[0] for row in found], found[0][1] if found else 0)


def last_decision(session: Session, claim: Claim, *, reviewer: bool) -> Told | None:
    """What a rule set decided last and is kept; for a partner without what rests on claims of other partners."""
    if claim.submitted_at is None:
        return None  # nothing is kept of what the rules say to a draft
    row = session.scalar(_DECISION, {"claim": claim.id})
    if row is None:
        return None
    decision = Decision.from_json(row.body)
    return Told(decision if reviewer else without_others(decision), row.at)
