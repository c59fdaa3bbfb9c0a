"""Delivery: takes what is due from the outbox and hands it to the courier, lane by lane.

A row is taken (committed), then posted, then marked. Whatever happens in between, even the process being killed,
leaves a row that somebody takes over and looks up in Slack before posting it again: nothing is lost, nothing doubled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from models.operations.outbox import Taken

# The longest a courier's call may take. What is left of a lease is compared with it before each post.
CALL_LIMIT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a message is in Slack; ``ts`` None for what has none (a Home tab, a message only one person sees)."""

    channel: str
    ts: str | None = None


class Courier(Protocol):
    """Brings one row to Slack. It makes the words from the database as it then stands.

    Each method raises an Undelivered (RetryLater, OutcomeUnknown, Unavailable, Refused, NotYet) where it fails, and
    ends within ``CALL_LIMIT``. Both are called from several threads at once, for rows of different lanes. What else
    must be remembered of a message (where a claim's card is) both methods write before they return, so that it is
    written as well when a look-up finds the message after a crash.
    """

    def deliver(self, row: Taken) -> Receipt:
        """Post it, with the row's id in the message's metadata."""

    def look_up(self, row: Taken) -> Receipt | None:
        """Where the message with this row's id is; None if Slack has none. Asked only if the row is in doubt."""


class Undelivered(Exception):  # noqa: N818 - an outcome to expect, not an error of ours
    """Why a courier did not bring a row to Slack."""


class RetryLater(Undelivered):
    """Slack asked for a pause (429); nothing was posted."""

    def __init__(self, after: timedelta) -> None:
        super().__init__(f"retry after {after}")
        self.after = after


class OutcomeUnknown(Undelivered):
    """No answer came (a time-out, a connection lost, perhaps an error of Slack's own): it may have been posted."""


class Unavailable(Undelivered):
    """Slack cannot be reached; certainly nothing was posted."""


class Refused(Undelivered):
    """Slack will never take it (invalid_blocks, channel_not_found …). ``problem`` is Slack's error code."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class NotYet(Undelivered):
    """Something it needs is not there yet, such as the message whose thread it belongs to; nothing was posted."""
