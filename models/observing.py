"""What whoever watches claimbot is told while it works: the bot's metrics are such an observer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from sqlalchemy import event
from sqlalchemy.orm import Session


class Observer:
    """Told of what happened, once it is committed. This one takes no notice."""

    def operated(self, action: str, outcome: str) -> None:
        """An operation on a claim ended: done, or nothing if there was nothing to change. `action`: the lifecycle's."""

    def repeated(self) -> None:
        """A delivery of Slack's that had had its effect came again, and had none."""

    def reminded(self, lates: Sequence[timedelta]) -> None:
        """Reminders were taken, each so long after its moment."""


# Under this key each session of a `Database` knows its observer.
KEY = "observer"


def observed(session: Session, tell: Callable[[Observer], None]) -> None:
    """Have the observer of this session's database told of something when the transaction commits, and only then."""
    observer: Observer | None = session.info.get(KEY)
    if observer is not None:
        event.listen(session, "after_commit", lambda _: tell(observer), once=True)


def request_id() -> str | None:
    """The id under which what this thread does now is logged: it goes along with what follows from it."""
    return structlog.contextvars.get_contextvars().get("request_id")
