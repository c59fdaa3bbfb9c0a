"""Finding comments, and the claims in whose threads they are."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.tables import Card, Claim, Comment, Person


def card_at(session: Session, team: str, channel: str, ts: str) -> Card | None:
    """The claim's card that is this message; None if the message is none."""
    return session.scalar(select(Card).where(Card.team == team, Card.channel == channel, Card.ts == ts))


def comment_at(session: Session, team: str, channel: str, ts: str) -> Comment | None:
    """The comment that was made by this message; None if the message was not recorded as one."""
    return session.scalar(select(Comment).where(Comment.team == team, Comment.channel == channel, Comment.ts == ts))


def comments_of(session: Session, claim: Claim, *, shared: bool | None = None) -> list[Comment]:
    """The claim's comments, deleted ones included, oldest first; ``shared``: only what both sides read, or only not."""
    query = select(Comment).where(Comment.claim_id == claim.id).order_by(Comment.id)
    if shared is not None:
        query = query.where(Comment.shared == shared)
    return list(session.scalars(query))


def copy_of(session: Session, comment: Comment) -> Comment | None:
    """What was sent to the partner of this internal comment; None if it was not."""
    return session.scalar(select(Comment).where(Comment.original_id == comment.id))


def names_of(session: Session, teams: Collection[str], users: Collection[str]) -> dict[str, str]:
    """The names of those of these Slack users whom the directory knows in one of the workspaces, by their ids.

    Of two who have the same id in different workspaces neither is named: who was meant cannot be told.
    """
    if not users:
        return {}
    query = select(Person.user, func.min(Person.name)).where(Person.team.in_(teams), Person.user.in_(users))
    rows = session.execute(query.group_by(Person.user).having(func.count() == 1))
    return {row[0]: row[1] for row in rows}
