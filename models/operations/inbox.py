"""The inbox: every delivery of Slack's has its effect once, and is answered the same each time it comes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.observing import observed
from models.tables import Inbound


def answered(session: Session, delivery: str | None, now: datetime) -> dict[str, Any] | None:
    """What was answered to this delivery before; None if it is new (and is noted now) or has no key.

    An effect that needed no answer is answered with an empty one. A second delivery that comes while the first is
    under way waits here until that one's transaction ends.
    """
    if delivery is None:
        return None
    noted = insert(Inbound).values(key=delivery, at=now).on_conflict_do_nothing().returning(Inbound.key)
    if session.scalar(noted) is not None:
        return None
    observed(session, lambda observer: observer.repeated())
    return session.scalars(select(Inbound.answer).where(Inbound.key == delivery)).one() or {}


def answer_with(session: Session, delivery: str | None, answer: Mapping[str, Any]) -> None:
    """Keep the answer, for when the delivery comes again."""
    if delivery is not None:
        session.execute(update(Inbound).where(Inbound.key == delivery).values(answer=dict(answer)))
