"""Which threads are told of a comment: the one rule by which words cross to the other side.

Nothing else queues a comment, so this file is where it is decided who reads what. An internal comment is shown on the
reviewers' side only; a shared one on both; and nobody is shown again what they wrote there themselves.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from models.memory import Memory
from models.operations.acting import Act, redraw, whereabouts
from models.operations.outbox import enqueue
from models.queries.comments import comments_of
from models.tables import Card, Claim, Comment
from rules.lifecycle import Party


class Told(StrEnum):
    """What of a comment is told."""

    SAID = "said"
    EDITED = "edited"
    DELETED = "deleted"


def readers(claim: Claim, comment: Comment) -> tuple[Party, ...]:
    """The sides on which a comment stands in a message of its own, beside the one in which it was written."""
    sides = [Party.REVIEWER] if not comment.shared else [Party.PARTNER, Party.REVIEWER]
    if claim.submitted_at is None:  # a draft is its partner's own affair
        sides = [side for side in sides if side is Party.PARTNER]
    written_here = comment.party if comment.ts is not None else None
    return tuple(side for side in sides if side is not written_here)


def queue(session: Session, memory: Memory, claim: Claim, comment: Comment, told: Told, now: datetime) -> None:
    """Have those threads told that must be; the words are those that the comment has at this moment."""
    for side in readers(claim, comment):
        _enqueue(session, memory, claim, comment, told, side, now)


def queue_earlier(acting: Act) -> None:
    """At the first submission: what was said about the draft arrives on the reviewers' side, in its last words."""
    session, memory, claim, now = acting.session, acting.memory, acting.claim, acting.now
    # The card first: in its lane nothing can be posted into a thread that is still to come.
    redraw(session, memory, claim, Party.REVIEWER, now)
    for comment in comments_of(session, claim, shared=True):
        if comment.deleted_at is None:
            _enqueue(session, memory, claim, comment, Told.SAID, Party.REVIEWER, now)


def words_of(comment: Comment, version: int) -> str:
    """What a comment said in its n-th version, from 0; the last one is the present text."""
    return str(comment.versions[version]["text"]) if version < len(comment.versions) else comment.text


def _enqueue(
    session: Session, memory: Memory, claim: Claim, comment: Comment, told: Told, side: Party, now: datetime
) -> None:
    if session.get(Card, (claim.id, str(side))) is None:  # an imported claim has none until something happens to it
        redraw(session, memory, claim, side, now)
    team, channel = whereabouts(session, memory, claim, side)
    version = len(comment.versions)
    enqueue(
        session,
        kind="comment",
        team=team,
        lane=f"{team}/{channel}",
        payload={"side": side, "channel": channel, "comment": comment.id, "told": told, "version": version},
        unique_key=f"comment:{comment.id}:{side}:{told}:{version}",
        now=now,
        claim=claim.id,
    )
