"""Delivery: takes what is due from the outbox and hands it to the courier, lane by lane.

A row is taken (committed), then posted, then marked. Whatever happens in between, even the process being killed,
leaves a row that somebody takes over and looks up in Slack before posting it again: nothing is lost, nothing doubled.
Lanes do not wait for each other: a call that hangs holds up its own lane and one place of `batch`, nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from concurrent.futures import Executor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Protocol

import structlog

from jobs.ticker import OneAtATime
from jobs.trouble import trouble
from models.database import Database
from models.operations import outbox
from models.operations.outbox import Taken

# The longest a courier's call may take. What is left of a lease is compared with it before each post.
CALL_LIMIT = timedelta(seconds=30)
# Room for a look-up and a post, and for the clocks of two machines to differ.
LEASE = timedelta(minutes=2)
# What Slack grants a channel.
PACE = timedelta(seconds=1)
# How long a message whose fate nobody knows is left alone: a server that was slow may store it late, and a look-up
# before that would not find it.
DOUBT = timedelta(seconds=3)
# Nobody waits longer than this for a Slack that came back.
LONGEST_PAUSE = timedelta(minutes=5)
# What a message hangs on is mostly there a moment later.
LONGEST_PAUSE_FOR_ANOTHER = timedelta(seconds=30)
# A row that failed so often by a fault of its own is given up, so that its lane goes on.
PATIENCE = 10

log = structlog.get_logger(__name__)


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


class Undelivered(Exception):
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


class _TooLate(Exception):
    """Too little of the lease is left: a post now could meet that of whoever takes the row over."""


class Outcome(StrEnum):
    """What came of one attempt."""

    SENT = "sent"
    FOUND = "found"  # it was in Slack already; not posted again
    RATE_LIMITED = "rate_limited"
    UNKNOWN = "unknown"
    UNAVAILABLE = "unavailable"
    NOT_YET = "not_yet"
    FAILED = "failed"  # an exception that nobody foresaw
    TOO_LATE = "too_late"  # too little of the lease was left; not posted
    DEAD = "dead"
    LEASE_LOST = "lease_lost"  # somebody else has the row now; what we found out is theirs to find out


def _ignore(row: Taken, outcome: Outcome) -> None:
    pass


class Delivery:
    """Delivers what is due. Any number of them, in any number of processes, may run at once.

    Args:
        database: where the outbox is.
        courier: who brings a row to Slack.
        pool: where rows of different lanes are delivered at once; the caller's to shut down.
        clock: the present moment, aware.
        random: spreads the retries of many rows that failed together.
        worker: a name no other process has, nor the same process after a restart.
        batch: how many lanes at once; no more than the pool has threads, since a row that waits uses up its lease.
        pace: the pause between two posts in one lane.
        lease: how long a row is this worker's; more than twice ``call_limit``, for a look-up and a post.
        call_limit: the longest that a courier's call takes.
        kinds: what the courier can deliver; the rest is left to replicas that can. None: everything.
        on_outcome: called after each attempt, from the pool's threads.
    """

    def __init__(
        self,
        database: Database,
        courier: Courier,
        pool: Executor,
        *,
        clock: Callable[[], datetime],
        random: Random,
        worker: str,
        batch: int = 8,
        pace: timedelta = PACE,
        lease: timedelta = LEASE,
        call_limit: timedelta = CALL_LIMIT,
        kinds: Collection[str] | None = None,
        on_outcome: Callable[[Taken, Outcome], None] = _ignore,
    ) -> None:
        self._database = database
        self._courier = courier
        self._pool = pool
        self._clock = clock
        self._random = random
        self._worker = worker
        self._batch = batch
        self._pace = pace
        self._lease = lease
        self._call_limit = call_limit
        self._kinds = kinds
        self._on_outcome = on_outcome
        self._filling = OneAtATime(self._fill)
        self._places = threading.Condition()
        self._busy = 0
        self._stopped = False

    def wake(self) -> None:
        """Begin what is due, as far as there is room, and return; whatever ends makes room for what is due next.

        Raises what the database raises.
        """
        self._filling.run()

    def stop(self) -> None:
        """Begin nothing more by ``wake``, and wait for what it began. Safe to call again."""
        with self._places:
            self._stopped = True
            self._places.wait_for(lambda: self._busy == 0)

    def drain(self, limit: int = 1000) -> int:
        """Deliver until nothing is due or about ``limit`` rows were tried; never waits. How many were tried."""
        tried = 0
        while tried < limit and (batch := self.run_once()):
            tried += batch
        return tried

    def run_once(self) -> int:
        """Take one batch, each row of another lane, and deliver it. How many were tried; 0: nothing is due.

        Raises what the database raises; rows that could not be marked are in doubt once their lease runs out.
        """
        rows = self._take(self._batch)
        attempts = [self._pool.submit(self._attempt, row) for row in rows]
        wait(attempts)
        for attempt in attempts:
            attempt.result()
        return len(rows)

    def _take(self, most: int) -> list[Taken]:
        return outbox.take(
            self._database,
            worker=self._worker,
            now=self._clock(),
            batch=most,
            lease=self._lease,
            kinds=self._kinds,
        )

    def _fill(self) -> None:
        """Give every free place a row that is due."""
        with self._places:
            free = 0 if self._stopped else self._batch - self._busy
            self._busy += free  # reserved, so that nobody stops in between
        rows: list[Taken] = []
        try:
            rows = self._take(free) if free else []
        finally:
            self._give_back(free - len(rows))
        for row in rows:
            self._pool.submit(self._carry, row)

    def _carry(self, row: Taken) -> None:
        """One attempt, and then whatever is due next."""
        try:
            self._attempt(row)
        except Exception as error:
            # The database is away. The row is in doubt once its lease runs out.
            log.warning("delivery_not_noted", **_ids(row), **trouble(error))
        finally:
            self._give_back(1)
        try:
            self.wake()
        except Exception as error:
            log.warning("delivery_not_going_on", **trouble(error))  # it does with the next beat

    def _give_back(self, places: int) -> None:
        with self._places:
            self._busy -= places
            self._places.notify_all()

    def _attempt(self, row: Taken) -> None:
        """Bring one row to Slack and write down what came of it, logged under what the row follows from."""
        follows = {"request_id": row.request_id} if row.request_id else {}
        with structlog.contextvars.bound_contextvars(**follows):
            self._try(row)

    def _try(self, row: Taken) -> None:
        in_doubt, outcome = row.in_doubt, Outcome.FOUND
        try:
            receipt = self._courier.look_up(row) if in_doubt else None
            if receipt is None:
                in_doubt, outcome = False, Outcome.SENT
                if self._clock() + self._call_limit > row.leased_until:
                    raise _TooLate
                receipt = self._courier.deliver(row)
        except _TooLate:
            self._again(row, Outcome.TOO_LATE, timedelta(0), in_doubt)
        except RetryLater as asked:
            self._again(row, Outcome.RATE_LIMITED, asked.after, in_doubt)
        except Unavailable:
            self._again(row, Outcome.UNAVAILABLE, self._pause(row.attempts), in_doubt)
        except OutcomeUnknown:
            # If Slack answered the look-up just now, it is this message that does not get through.
            own_fault = row.in_doubt and not in_doubt
            after = max(DOUBT, self._pause(row.attempts))
            self._again(row, Outcome.UNKNOWN, after, in_doubt=True, own_fault=own_fault)
        except NotYet:
            after = self._pause(row.failures + 1, LONGEST_PAUSE_FOR_ANOTHER)
            self._again(row, Outcome.NOT_YET, after, in_doubt, own_fault=True)
        except Refused as refusal:
            self._dead(row, refusal.problem, in_doubt)
        except Exception as error:
            log.error("delivery_failed", **_ids(row), **trouble(error))
            after, problem = self._pause(row.failures + 1), f"failed: {type(error).__name__}"
            # Nobody knows how far it came, so it is in doubt.
            self._again(row, Outcome.FAILED, after, in_doubt=True, own_fault=True, problem=problem)
        else:
            self._sent(row, receipt, outcome)

    def _sent(self, row: Taken, receipt: Receipt, outcome: Outcome) -> None:
        with outbox.noting(self._database) as session:
            held = outbox.mark_sent(
                session, row, channel=receipt.channel, ts=receipt.ts, now=self._clock(), pace=self._pace
            )
        self._report(row, outcome, held)

    def _again(
        self,
        row: Taken,
        outcome: Outcome,
        after: timedelta,
        in_doubt: bool,
        *,
        own_fault: bool = False,
        problem: str | None = None,
    ) -> None:
        """Leave the row for another attempt, unless it failed by its own fault once too often."""
        problem = problem or outcome.value
        if own_fault and row.failures + 1 >= PATIENCE:
            self._dead(row, problem, in_doubt)
            return
        at = self._clock() + after
        with outbox.noting(self._database) as session:
            held = outbox.mark_retry(session, row, problem=problem, at=at, in_doubt=in_doubt, own_fault=own_fault)
            if held and outcome is Outcome.RATE_LIMITED:
                # Slack's wish holds for the whole lane, also for a row that is put before this one by hand.
                outbox.hold_lane(session, row.lane, at)
        self._report(row, outcome, held)

    def _dead(self, row: Taken, problem: str, in_doubt: bool) -> None:
        with outbox.noting(self._database) as session:
            held = outbox.mark_dead(session, row, problem=problem, in_doubt=in_doubt)
        if held:
            log.error("delivery_given_up", **_ids(row), problem=problem)
        self._report(row, Outcome.DEAD, held)

    def _report(self, row: Taken, outcome: Outcome, held: bool) -> None:
        if not held:
            log.warning("delivery_lease_lost", **_ids(row), outcome=outcome.value)
            outcome = Outcome.LEASE_LOST
        else:
            log.info("delivery", **_ids(row), outcome=outcome.value)
        self._on_outcome(row, outcome)

    def _pause(self, times: int, longest: timedelta = LONGEST_PAUSE) -> timedelta:
        """Twice as long each time from a second on, up to ``longest``; shortened by up to half at random."""
        full = min(longest, timedelta(seconds=2 ** min(times - 1, 20)))
        return full * self._random.uniform(0.5, 1)


def _ids(row: Taken) -> dict[str, object]:
    return {"row": row.id, "kind": row.kind, "claim": row.claim_id, "attempt": row.attempts}
